//! Tasks as they are called in this process.

use std::marker::PhantomData;

use super::heap_size::{SizeFns, Weigh};
use super::instances::Way;
use super::not_remote::NotRemote;
use super::remote::RemoteCall;
use super::remote_closure::as_anonymous;
use crate::wire::PutError;

/// Something that can be done for each of many arguments.
pub trait Task<A> {
    /// What comes of it.
    type Output;

    /// Does it.
    fn run(&self, arguments: A) -> Self::Output;

    /// Whether it would only wait for another thread or process, which is
    /// computing the same, so that it is better put off while there is something else to do.
    #[inline]
    fn would_wait(&self, _arguments: &A) -> bool {
        false
    }

    /// Whether it waits for a future, which it must not do in the thread that
    /// calls: that may be the one which has to go on for the future to end.
    #[inline]
    fn awaits(&self) -> bool {
        false
    }

    /// How its arguments and its result are weighed.
    fn weights(&self) -> SizeFns<A, Self::Output> {
        SizeFns::known()
    }

    /// How it travels to another process, or why it stays.
    ///
    /// # Errors
    ///
    /// It stays; or else, inside, what all tasks share cannot be encoded.
    fn travel(&self) -> Result<Result<RemoteCall<'_, A, Self::Output>, PutError>, NotRemote> {
        Err(NotRemote::closure())
    }
}

/// A closure as a task: it runs in this process only, unless `task!` made it.
#[derive(Clone, Copy, Debug)]
pub struct ClosureTask<F>(pub F);

impl<A, R, F: Fn(A) -> R> Task<A> for ClosureTask<F> {
    type Output = R;

    #[inline]
    fn run(&self, arguments: A) -> R {
        (self.0)(arguments)
    }

    fn travel(&self) -> Result<Result<RemoteCall<'_, A, R>, PutError>, NotRemote> {
        let task = as_anonymous(&self.0).and_then(|task| task.travel());
        task.ok_or_else(NotRemote::closure)
    }
}

/// An annotated function as a task.
///
/// `A` are the arguments of one task, `S` those shared by all, as tuples;
/// `M` is the type that describes the function to other processes.
pub struct FunctionTask<A, S, R, F, M> {
    pub(crate) call: F,
    pub(crate) shared: S,
    /// How it travels to another process, asked for where it is to.
    pub(crate) way: fn() -> Way<A, S, R>,
    would_wait: Option<fn(&A, &S) -> bool>,
    weigh: Option<Weigh<A>>,
    awaits: bool,
    marker: PhantomData<fn() -> M>,
}

impl<A, S, R, F: Fn(A, &S) -> R, M> FunctionTask<A, S, R, F, M> {
    /// The function that `call` calls, with what all tasks share.
    pub fn new(call: F, shared: S, way: fn() -> Way<A, S, R>) -> Self {
        FunctionTask {
            call,
            shared,
            way,
            would_wait: None,
            weigh: None,
            awaits: false,
            marker: PhantomData,
        }
    }

    /// Weighs the arguments of a task by `weigh`, which are several.
    pub fn weighing(mut self, weigh: Weigh<A>) -> Self {
        self.weigh = Some(weigh);
        self
    }

    /// Says that the function is `async` ([`Task::awaits`]).
    pub fn awaiting(mut self) -> Self {
        self.awaits = true;
        self
    }

    /// Asks `would_wait` before each task ([`Task::would_wait`]).
    pub fn put_off_if(mut self, would_wait: fn(&A, &S) -> bool) -> Self {
        self.would_wait = Some(would_wait);
        self
    }
}

impl<A, S, R, F: Fn(A, &S) -> R, M> Task<A> for FunctionTask<A, S, R, F, M> {
    type Output = R;

    #[inline]
    fn run(&self, arguments: A) -> R {
        (self.call)(arguments, &self.shared)
    }

    #[inline]
    fn would_wait(&self, arguments: &A) -> bool {
        self.would_wait
            .is_some_and(|would_wait| would_wait(arguments, &self.shared))
    }

    #[inline]
    fn awaits(&self) -> bool {
        self.awaits
    }

    fn weights(&self) -> SizeFns<A, R> {
        let known = SizeFns::known();
        SizeFns {
            arguments: self.weigh.or(known.arguments),
            ..known
        }
    }

    fn travel(&self) -> Result<Result<RemoteCall<'_, A, R>, PutError>, NotRemote> {
        (self.way)().map(|ways| ways.travel(&self.shared))
    }
}
