//! The tasks of a call, as they run in this process.

use std::cell::RefCell;
use std::marker::PhantomData;

use super::heap_size::{SizeFns, Weigh};
use super::instances::Way;
use super::not_remote::NotRemote;
use super::remote::RemoteCall;
use super::remote_closure::as_anonymous;
use crate::key::shared_digest::{Borrowed, SharedDigests};
use crate::wire::PutError;

/// An operation that runs for each of many arguments.
pub trait Task<A> {
    /// The result.
    type Output;

    /// Runs the task.
    fn run(&self, arguments: A) -> Self::Output;

    /// Returns whether the task would only wait for another thread or process that
    /// computes the same result, so that other tasks should run first.
    #[doc(hidden)]
    #[inline]
    fn would_wait(&self, _arguments: &A) -> bool {
        false
    }

    /// Returns whether the task waits for a future. It must then not run in the calling
    /// thread, because that thread may drive the runtime that completes the future.
    #[doc(hidden)]
    #[inline]
    fn awaits(&self) -> bool {
        false
    }

    /// Returns the functions that measure the heap size of the arguments and the result.
    #[doc(hidden)]
    fn size_fns(&self) -> SizeFns<A, Self::Output> {
        SizeFns::known()
    }

    /// Prepares the task to be sent to other processes.
    ///
    /// # Errors
    ///
    /// Fails if the task can only run in this process. The inner result is an error if
    /// the shared arguments cannot be encoded.
    #[doc(hidden)]
    fn remote_call(&self) -> Result<Result<RemoteCall<'_, A, Self::Output>, PutError>, NotRemote> {
        Err(NotRemote::closure())
    }
}

/// A closure as a task. It can only run in this process, unless `task!` created it.
#[derive(Clone, Copy, Debug)]
pub struct ClosureTask<F>(pub F);

impl<A, R, F: Fn(A) -> R> Task<A> for ClosureTask<F> {
    type Output = R;

    #[inline]
    fn run(&self, arguments: A) -> R {
        (self.0)(arguments)
    }

    fn remote_call(&self) -> Result<Result<RemoteCall<'_, A, R>, PutError>, NotRemote> {
        let task = as_anonymous(&self.0).ok_or_else(NotRemote::closure)?;
        Ok(task.remote_call())
    }
}

/// A closure that may change what it captured, as a task. It can only run on
/// [`Sequential`](crate::backend::Sequential), where one task runs after another.
#[derive(Debug)]
pub struct StatefulTask<F>(RefCell<F>);

impl<F> StatefulTask<F> {
    pub(crate) fn new(closure: F) -> Self {
        StatefulTask(RefCell::new(closure))
    }
}

impl<A, R, F: FnMut(A) -> R> Task<A> for StatefulTask<F> {
    type Output = R;

    #[inline]
    fn run(&self, arguments: A) -> R {
        // The closure cannot reach the task that owns it, so it is not borrowed already.
        (self.0.borrow_mut())(arguments)
    }
}

/// An annotated function as a task.
///
/// `A` is the tuple of the arguments of one task, `S` the tuple of the arguments shared
/// by all. `M` is the type that describes the function to other processes.
pub struct FunctionTask<A, S, R, F, M> {
    pub(crate) call: F,
    pub(crate) shared: S,
    /// Returns how to send it to another process. Called only if it is sent.
    pub(crate) transport: fn() -> Way<A, S, R>,
    would_wait: Option<fn(&A, &S) -> bool>,
    weigh: Option<Weigh<A>>,
    awaits: bool,
    /// The hashes of shared arguments that memoized functions compute.
    digests: Option<SharedDigests>,
    marker: PhantomData<fn() -> M>,
}

impl<A, S, R, F: Fn(A, &S) -> R, M> FunctionTask<A, S, R, F, M> {
    /// Creates the task for the function that `call` calls, with the shared arguments.
    #[doc(hidden)]
    pub fn new(call: F, shared: S, transport: fn() -> Way<A, S, R>) -> Self {
        FunctionTask {
            call,
            shared,
            transport,
            would_wait: None,
            weigh: None,
            awaits: false,
            digests: None,
            marker: PhantomData,
        }
    }

    /// Sets the function that measures the heap size of several arguments.
    #[doc(hidden)]
    pub fn with_size_fn(mut self, weigh: Weigh<A>) -> Self {
        self.weigh = Some(weigh);
        self
    }

    /// Marks the function as `async` (see [`Task::awaits`]).
    #[doc(hidden)]
    pub fn as_async(mut self) -> Self {
        self.awaits = true;
        self
    }

    /// Sets the values that the shared arguments borrow.
    #[doc(hidden)]
    pub fn borrowing(mut self, borrowed: Vec<Borrowed>) -> Self {
        self.digests = Some(SharedDigests::new(borrowed));
        self
    }

    #[inline]
    fn with_digests<T>(&self, part: impl FnOnce() -> T) -> T {
        match &self.digests {
            Some(digests) => digests.scope(part),
            None => part(),
        }
    }

    /// Sets the function that implements [`Task::would_wait`].
    #[doc(hidden)]
    pub fn defer_if(mut self, would_wait: fn(&A, &S) -> bool) -> Self {
        self.would_wait = Some(would_wait);
        self
    }
}

impl<A, S, R, F: Fn(A, &S) -> R, M> Task<A> for FunctionTask<A, S, R, F, M> {
    type Output = R;

    #[inline]
    fn run(&self, arguments: A) -> R {
        self.with_digests(|| (self.call)(arguments, &self.shared))
    }

    #[inline]
    fn would_wait(&self, arguments: &A) -> bool {
        self.would_wait
            .is_some_and(|would_wait| self.with_digests(|| would_wait(arguments, &self.shared)))
    }

    #[inline]
    fn awaits(&self) -> bool {
        self.awaits
    }

    fn size_fns(&self) -> SizeFns<A, R> {
        let known = SizeFns::known();
        SizeFns {
            arguments: self.weigh.or(known.arguments),
            ..known
        }
    }

    fn remote_call(&self) -> Result<Result<RemoteCall<'_, A, R>, PutError>, NotRemote> {
        (self.transport)().map(|ways| ways.call(&self.shared))
    }
}
