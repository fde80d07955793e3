//! How a function's arguments and result travel, and whether they can.

use std::marker::PhantomData;

use super::registry::{Instance, Registration};
use crate::wire::{MessageError, MessageReader, MessageWriter, PutError};

/// A function that backend `W` can run elsewhere: one whose arguments `A` of
/// each task, arguments `S` of all tasks and result can travel.
///
/// The result `R` is a parameter, as an associated type may not be more private
/// than the function. The parameter `W` is any backend that needs it. It is
/// there so that the conditions of an implementation are looked at where the
/// backend is chosen and not where the function stands.
#[diagnostic::on_unimplemented(
    message = "other processes cannot find this generic function for these types",
    label = "these tasks run in this process only",
    note = "list what it is to run with: `#[parallel(instantiate(f32, f64))]`, with named parameters in place of `impl Trait`",
    note = "`Threads` runs it with any types"
)]
pub trait Remote<W, A, S, R> {
    /// The function as other processes find it.
    fn registration() -> &'static Registration;

    /// Appends the arguments of one task.
    ///
    /// # Errors
    ///
    /// One of them cannot be encoded.
    fn put<'v>(arguments: &'v A, writer: &mut MessageWriter<'v>) -> Result<(), PutError>;

    /// Appends what all tasks share.
    ///
    /// # Errors
    ///
    /// Some of it cannot be encoded.
    fn put_shared<'v>(shared: &'v S, writer: &mut MessageWriter<'v>) -> Result<(), PutError>;

    /// Takes the result of one task.
    ///
    /// # Errors
    ///
    /// The next bytes are no such result.
    fn take(reader: &mut MessageReader<'_>) -> Result<R, MessageError>;

    /// The function with what all tasks share, taken from `shared`.
    ///
    /// # Errors
    ///
    /// The bytes are no such arguments.
    fn open(shared: &mut MessageReader<'static>) -> Result<Instance, MessageError>;
}

/// Appends a `T`, parts of it by reference.
pub type Put<T> = for<'v> fn(&'v T, &mut MessageWriter<'v>) -> Result<(), PutError>;

/// A [`Remote`] as values, for where its type is forgotten.
pub struct RemoteVTable<A, S, R> {
    /// The function as other processes find it.
    pub registration: &'static Registration,
    /// [`Remote::put`].
    pub put: Put<A>,
    /// [`Remote::put_shared`].
    pub put_shared: Put<S>,
    /// [`Remote::take`].
    pub take: fn(&mut MessageReader<'_>) -> Result<R, MessageError>,
}

impl<A, S, R> RemoteVTable<A, S, R> {
    /// The ways of `M`.
    pub fn of<M, W>() -> Self
    where
        M: Remote<W, A, S, R>,
    {
        RemoteVTable {
            registration: M::registration(),
            put: M::put,
            put_shared: M::put_shared,
            take: M::take,
        }
    }

    /// The tasks of a call that share `shared`.
    ///
    /// # Errors
    ///
    /// Some of it cannot be encoded.
    pub fn travel(self, shared: &S) -> Result<RemoteCall<'_, A, R>, PutError> {
        let mut message = MessageWriter::new();
        (self.put_shared)(shared, &mut message)?;
        Ok(RemoteCall {
            registration: self.registration,
            shared: message,
            put: self.put,
            take: self.take,
        })
    }
}

/// The tasks of a call on their way to other processes.
pub struct RemoteCall<'t, A, R> {
    /// The function as other processes find it.
    pub registration: &'static Registration,
    /// What all tasks share.
    pub shared: MessageWriter<'t>,
    /// [`Remote::put`].
    pub put: for<'v> fn(&'v A, &mut MessageWriter<'v>) -> Result<(), PutError>,
    /// [`Remote::take`].
    pub take: fn(&mut MessageReader<'_>) -> Result<R, MessageError>,
}

impl<A, S, R> Clone for RemoteVTable<A, S, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, S, R> Copy for RemoteVTable<A, S, R> {}

/// Asks whether `M` is [`Remote`] without requiring it:
///
/// ```text
/// use …::{ProbeLocal, ProbeRemote};
/// let ways: Option<Ways<A, S, R>> = (&&Probe::<M, A, S, R>::NEW).ways();
/// ```
pub struct RemoteProbe<M, A, S, R>(PhantomData<fn() -> (M, A)>, PhantomData<fn() -> (S, R)>);

impl<M, A, S, R> RemoteProbe<M, A, S, R> {
    /// The only value.
    pub const NEW: Self = RemoteProbe(PhantomData, PhantomData);
}

/// Stands for whatever backend runs tasks elsewhere.
#[derive(Debug)]
pub struct AnyRemoteBackend;

/// First choice: it is.
pub trait SelectRemote<A, S, R> {
    /// How it travels.
    fn ways(&self) -> Option<RemoteVTable<A, S, R>>;

    /// [`Remote::open`].
    ///
    /// # Errors
    ///
    /// The bytes are no such arguments.
    fn open(&self, shared: &mut MessageReader<'static>) -> Option<Result<Instance, MessageError>>;
}

impl<M: Remote<AnyRemoteBackend, A, S, R>, A, S, R> SelectRemote<A, S, R>
    for &RemoteProbe<M, A, S, R>
{
    fn ways(&self) -> Option<RemoteVTable<A, S, R>> {
        Some(RemoteVTable::of::<M, AnyRemoteBackend>())
    }

    fn open(&self, shared: &mut MessageReader<'static>) -> Option<Result<Instance, MessageError>> {
        Some(M::open(shared))
    }
}

/// Then: it is not.
pub trait SelectLocal<A, S, R> {
    /// Nothing: it cannot travel.
    fn ways(&self) -> Option<RemoteVTable<A, S, R>> {
        None
    }

    /// Nothing: it cannot travel.
    fn open(&self, _: &mut MessageReader<'static>) -> Option<Result<Instance, MessageError>> {
        None
    }
}

impl<M, A, S, R> SelectLocal<A, S, R> for RemoteProbe<M, A, S, R> {}
