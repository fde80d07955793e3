//! The backend of threads.

use super::ends::Consume;
use super::runs::{Runs, Work};
use crate::backend::{Configured, Sequential, Threads};
use crate::task::{Task, thread};

impl<I, T> Runs<I, T> for Threads
where
    I: Iterator<Item: thread::Input> + Send,
    T: Task<I::Item, Output: thread::Output> + Sync,
{
    fn run<C: Consume<T::Output>>(self, work: Work<I, T>, consume: C) -> C::Result {
        Sequential.run(work, consume)
    }
}

impl<I, T> Runs<I, T> for Configured
where
    I: Iterator<Item: thread::Input> + Send,
    T: Task<I::Item, Output: thread::Output> + Sync,
{
    fn run<C: Consume<T::Output>>(self, work: Work<I, T>, consume: C) -> C::Result {
        Threads.run(work, consume)
    }
}
