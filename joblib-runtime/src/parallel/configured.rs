//! The backend that the closest setting names.

use super::ends::Consume;
use super::runs::{Boxed, Runs, Streams, Work};
use crate::backend::{Configured, Threads};
use crate::task::Task;

impl<I, T> Runs<I, T> for Configured
where
    I: Iterator<Item: Send> + Send,
    T: Task<I::Item, Output: Send> + Sync,
{
    fn run<C: Consume<T::Output>>(self, work: Work<I, T>, consume: C) -> C::Result {
        Threads.run(work, consume)
    }
}

impl<I, T> Streams<I, T> for Configured
where
    I: Iterator<Item: Send> + Send + 'static,
    T: Task<I::Item, Output: Send + 'static> + Send + Sync + 'static,
{
    fn stream(self, work: Work<I, T>) -> Boxed<T::Output> {
        Threads.stream(work)
    }
}
