//! Methods as tasks. An `impl` block cannot contain the type that describes a method to
//! other processes, so a trait maps the type of the `impl` to it.

use std::marker::PhantomData;

use super::registry::{Instance, Registration};
use super::remote::Remote;
use crate::wire::{MessageError, MessageReader, MessageWriter, PutError};

/// Maps a type to the marker that describes one of its methods. `ID` is the hash of the
/// method's name, and `P` its own generic arguments.
#[diagnostic::on_unimplemented(
    message = "other processes cannot find this generic method for these types",
    label = "these tasks can only run in this process",
    note = "list the types to run it with: `#[parallel(instantiate(f32, f64))]`, the parameters of the `impl` before those of the method",
    note = "`Threads` can run it with any types"
)]
pub trait MethodTask<const ID: u64, P = ()> {
    /// The marker that describes the method.
    type Marker;
}

/// A stand-in for the marker of a generic method until the types are known.
pub struct MethodOf<T: ?Sized, P, const ID: u64>(PhantomData<fn(*const T) -> P>);

/// The generic arguments of a method.
pub mod given {
    use std::marker::PhantomData;

    /// A type.
    pub struct TypeOf<T: ?Sized>(PhantomData<fn(*const T)>);

    macro_rules! constants {
        ($($ty:ident)*) => {$(
            /// A constant of the type of that name.
            #[derive(Debug)]
            #[allow(non_camel_case_types, reason = "the name is that of the primitive type")]
            pub struct $ty<const N: ::core::primitive::$ty>;
        )*};
    }

    constants!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize bool char);
}

impl<W, A, S, R, T, P, const ID: u64> Remote<W, A, S, R> for MethodOf<T, P, ID>
where
    T: MethodTask<ID, P> + ?Sized,
    T::Marker: Remote<W, A, S, R>,
{
    fn registration() -> &'static Registration {
        T::Marker::registration()
    }

    fn put<'v>(arguments: &'v A, writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
        T::Marker::put(arguments, writer)
    }

    fn put_shared<'v>(shared: &'v S, writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
        T::Marker::put_shared(shared, writer)
    }

    fn take(reader: &mut MessageReader<'_>) -> Result<R, MessageError> {
        T::Marker::take(reader)
    }

    fn open(shared: &mut MessageReader<'static>) -> Result<Instance, MessageError> {
        T::Marker::open(shared)
    }
}

/// The marker of a method that other processes cannot find.
#[derive(Debug)]
pub struct LocalMethod;

/// The condition under which other processes could find a method: it is not generic. No
/// type implements it.
#[diagnostic::on_unimplemented(
    message = "a method of a generic type, or one with type parameters, cannot run in another process",
    label = "these tasks call a generic method",
    note = "list the types to run it with: `#[parallel(instantiate(…))]`, the parameters of the `impl` before those of the method, or run on `Threads`"
)]
pub trait OfOneType<W> {}

impl<W, A, S, R> Remote<W, A, S, R> for LocalMethod
where
    LocalMethod: OfOneType<W>,
{
    fn registration() -> &'static Registration {
        super::never()
    }

    fn put<'v>(_: &'v A, _: &mut MessageWriter<'v>) -> Result<(), PutError> {
        super::never()
    }

    fn put_shared<'v>(_: &'v S, _: &mut MessageWriter<'v>) -> Result<(), PutError> {
        super::never()
    }

    fn take(_: &mut MessageReader<'_>) -> Result<R, MessageError> {
        super::never()
    }

    fn open(_: &mut MessageReader<'static>) -> Result<Instance, MessageError> {
        super::never()
    }
}
