//! The backend that the closest setting names.

use super::ends::Consume;
use super::runs::{Boxed, Runs, Streams, Work};
use crate::backend::{Configured, Threads};
use crate::task::{Task, thread};

impl<I, T> Runs<I, T> for Configured
where
    I: Iterator<Item: thread::Input> + Send,
    T: Task<I::Item, Output: thread::Output> + Sync,
{
    fn run<C: Consume<T::Output>>(self, work: Work<I, T>, consume: C) -> C::Result {
        Threads.run(work, consume)
    }
}

impl<I, T> Streams<I, T> for Configured
where
    I: Iterator<Item: thread::Input> + Send + 'static,
    T: Task<I::Item, Output: thread::Output + 'static> + Send + Sync + 'static,
{
    fn stream(self, work: Work<I, T>) -> Boxed<T::Output> {
        Threads.stream(work)
    }
}
