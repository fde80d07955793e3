//! Methods as tasks. An `impl` has no place for the type that describes a
//! method to other processes, so the type it is for leads there.

use super::registry::{Instance, Registration};
use super::remote::Remote;
use crate::wire::{PutError, Reader, TakeError, Writer};

/// Leads from a type to what describes one of its methods, of which `ID` is
/// the hash of the name.
pub trait Method<const ID: u64> {
    /// What describes the method.
    type Marker;
}

/// Stands for a method that other processes cannot find.
#[derive(Debug)]
pub struct InProcess;

/// A method that other processes could find if it were of one type. Nothing
/// has it.
#[diagnostic::on_unimplemented(
    message = "a method of a generic type, or one with type parameters, cannot run in another process",
    label = "these tasks call a method of which there is one for every type",
    note = "annotate a free function that calls it, with `#[parallel(instantiate(…))]` if it is generic, or run on `Threads`"
)]
pub trait OfOneType<W> {}

impl<W, A, S, R> Remote<W, A, S, R> for InProcess
where
    InProcess: OfOneType<W>,
{
    fn registration() -> &'static Registration {
        super::never()
    }

    fn put<'v>(_: &'v A, _: &mut Writer<'v>) -> Result<(), PutError> {
        super::never()
    }

    fn put_shared<'v>(_: &'v S, _: &mut Writer<'v>) -> Result<(), PutError> {
        super::never()
    }

    fn take(_: &mut Reader<'_>) -> Result<R, TakeError> {
        super::never()
    }

    fn open(_: &mut Reader<'static>) -> Result<Instance, TakeError> {
        super::never()
    }
}
