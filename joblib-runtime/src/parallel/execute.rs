//! The interface between a parallel call and the backends.

use super::plan::Plan;
use super::terminal::{Consumer, Outcome};
use crate::task::Task;

/// A call that is completely configured, except for the backend.
pub struct PreparedCall<I: Iterator, T> {
    pub(crate) inputs: I,
    pub(crate) task: T,
    pub(crate) plan: Plan,
    /// Clones the arguments of a task; present if failed tasks are retried.
    pub(crate) again: Option<Again<I::Item>>,
}

/// A function that clones the arguments of a task.
pub(crate) type Again<A> = fn(&A) -> A;

/// A backend that can run a task over an input.
#[diagnostic::on_unimplemented(
    message = "these tasks cannot run on the backend `{Self}`",
    label = "a closure runs in this process only",
    note = "for worker processes, write `joblib::task!(|x: u64| …)` or a function with `#[parallel]`"
)]
pub trait Execute<I: Iterator, T: Task<I::Item>>: Sized {
    /// Runs the task for each input and passes the outcomes to `consume`, until it stops.
    #[doc(hidden)]
    fn run<C: Consumer<T::Output>>(self, work: PreparedCall<I, T>, consume: C) -> C::Result;
}

/// An iterator over outcomes.
pub(crate) type Boxed<O> = Box<dyn Iterator<Item = Outcome<O>> + Send>;

/// A backend that can run tasks ahead of the consumer of the results.
pub trait ExecuteStream<I: Iterator, T: Task<I::Item>>: Execute<I, T> {
    /// Starts to run the task for each input.
    #[doc(hidden)]
    fn stream(self, work: PreparedCall<I, T>) -> Boxed<T::Output>;
}
