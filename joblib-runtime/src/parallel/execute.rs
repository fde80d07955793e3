//! What a backend is to a call.

use super::plan::Plan;
use super::terminal::{Consumer, Outcome};
use crate::task::Task;

/// A call with everything decided but where it runs.
pub struct PreparedCall<I: Iterator, T> {
    pub(crate) inputs: I,
    pub(crate) task: T,
    pub(crate) plan: Plan,
    /// Copies arguments, where failed tasks are to be tried once more.
    pub(crate) again: Option<Again<I::Item>>,
}

/// Copies the arguments of a task.
pub(crate) type Again<A> = fn(&A) -> A;

/// A backend that can run a task over an input.
#[diagnostic::on_unimplemented(
    message = "these tasks cannot run on the backend `{Self}`",
    label = "a closure runs in this process only",
    note = "for worker processes, write `joblib::task!(|x: u64| …)` or a function with `#[parallel]`"
)]
pub trait Execute<I: Iterator, T: Task<I::Item>>: Sized {
    /// Runs the task for each of the inputs and hands the outcomes to
    /// `consume`, until it stops.
    #[doc(hidden)]
    fn run<C: Consumer<T::Output>>(self, work: PreparedCall<I, T>, consume: C) -> C::Result;
}

/// Outcomes that come one by one.
pub(crate) type Boxed<O> = Box<dyn Iterator<Item = Outcome<O>> + Send>;

/// A backend that can run ahead of the one who consumes the results.
pub trait ExecuteStream<I: Iterator, T: Task<I::Item>>: Execute<I, T> {
    /// Begins to run the task for each of the inputs.
    #[doc(hidden)]
    fn stream(self, work: PreparedCall<I, T>) -> Boxed<T::Output>;
}
