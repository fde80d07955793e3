//! How the arguments and the result of a function are sent, and whether they can be sent.

use std::marker::PhantomData;

use super::registry::{Instance, Registration};
use crate::wire::{MessageError, MessageReader, MessageWriter, PutError};

/// A function that backend `W` can run in another process: its arguments `A` of each
/// task, its arguments `S` of all tasks and its result can be sent.
///
/// The result `R` is a parameter, because an associated type must not be more private
/// than the function. The parameter `W` is any backend that requires it. It makes the
/// compiler check the conditions of an implementation where the backend is chosen, and
/// not where the function is defined.
#[diagnostic::on_unimplemented(
    message = "other processes cannot find this generic function for these types",
    label = "these tasks can only run in this process",
    note = "list the types to run it with: `#[parallel(instantiate(f32, f64))]`, with named parameters in place of `impl Trait`",
    note = "`Threads` can run it with any types"
)]
pub trait Remote<W, A, S, R> {
    /// Returns the registration by which other processes find the function.
    fn registration() -> &'static Registration;

    /// Encodes the arguments of one task.
    ///
    /// # Errors
    ///
    /// Fails if one of them cannot be encoded.
    fn put<'v>(arguments: &'v A, writer: &mut MessageWriter<'v>) -> Result<(), PutError>;

    /// Encodes the arguments that all tasks share.
    ///
    /// # Errors
    ///
    /// Fails if one of them cannot be encoded.
    fn put_shared<'v>(shared: &'v S, writer: &mut MessageWriter<'v>) -> Result<(), PutError>;

    /// Decodes the result of one task.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a result.
    fn take(reader: &mut MessageReader<'_>) -> Result<R, MessageError>;

    /// Decodes the arguments that all tasks share, and returns the function ready to run.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not such arguments.
    fn open(shared: &mut MessageReader<'static>) -> Result<Instance, MessageError>;
}

/// Encodes a `T`. The message may borrow from it.
pub type Put<T> = for<'v> fn(&'v T, &mut MessageWriter<'v>) -> Result<(), PutError>;

/// The functions of a [`Remote`], with its type erased.
pub struct RemoteVTable<A, S, R> {
    /// The registration by which other processes find the function.
    pub registration: &'static Registration,
    /// [`Remote::put`].
    pub put: Put<A>,
    /// [`Remote::put_shared`].
    pub put_shared: Put<S>,
    /// [`Remote::take`].
    pub take: fn(&mut MessageReader<'_>) -> Result<R, MessageError>,
}

impl<A, S, R> RemoteVTable<A, S, R> {
    /// Returns the functions of `M`.
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

    /// Returns the tasks of a call that share `shared`.
    ///
    /// # Errors
    ///
    /// Fails if `shared` cannot be encoded.
    pub fn call(self, shared: &S) -> Result<RemoteCall<'_, A, R>, PutError> {
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

/// The tasks of a call that are sent to other processes.
pub struct RemoteCall<'t, A, R> {
    /// The registration by which other processes find the function.
    pub registration: &'static Registration,
    /// The arguments that all tasks share.
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

/// Determines whether `M` is [`Remote`], without requiring it:
///
/// ```text
/// use …::{SelectLocal, SelectRemote};
/// let vtable: Option<RemoteVTable<A, S, R>> =
///     (&&RemoteProbe::<M, A, S, R>::NEW).__joblib_vtable();
/// ```
pub struct RemoteProbe<M, A, S, R>(PhantomData<fn() -> (M, A)>, PhantomData<fn() -> (S, R)>);

impl<M, A, S, R> RemoteProbe<M, A, S, R> {
    /// The only value.
    pub const NEW: Self = RemoteProbe(PhantomData, PhantomData);
}

/// A stand-in for any backend that runs tasks in other processes.
#[derive(Debug)]
pub struct AnyRemoteBackend;

/// First choice: it is [`Remote`].
pub trait SelectRemote<A, S, R> {
    /// Returns the functions that send it.
    fn __joblib_vtable(&self) -> Option<RemoteVTable<A, S, R>>;

    /// [`Remote::open`].
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not such arguments.
    fn __joblib_open(
        &self,
        shared: &mut MessageReader<'static>,
    ) -> Option<Result<Instance, MessageError>>;
}

impl<M: Remote<AnyRemoteBackend, A, S, R>, A, S, R> SelectRemote<A, S, R>
    for &RemoteProbe<M, A, S, R>
{
    fn __joblib_vtable(&self) -> Option<RemoteVTable<A, S, R>> {
        Some(RemoteVTable::of::<M, AnyRemoteBackend>())
    }

    fn __joblib_open(
        &self,
        shared: &mut MessageReader<'static>,
    ) -> Option<Result<Instance, MessageError>> {
        Some(M::open(shared))
    }
}

/// Last choice: it is not [`Remote`].
pub trait SelectLocal<A, S, R> {
    /// Returns `None`, because it cannot be sent.
    fn __joblib_vtable(&self) -> Option<RemoteVTable<A, S, R>> {
        None
    }

    /// Returns `None`, because it cannot be sent.
    fn __joblib_open(
        &self,
        _: &mut MessageReader<'static>,
    ) -> Option<Result<Instance, MessageError>> {
        None
    }
}

impl<M, A, S, R> SelectLocal<A, S, R> for RemoteProbe<M, A, S, R> {}

/// The body of functions that no satisfiable condition lets anyone call.
pub fn never() -> ! {
    unreachable!("a value that borrows cannot be sent")
}
