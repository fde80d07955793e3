//! The backend of threads.

use super::ends::Consume;
use super::runs::{Runs, Work};
use crate::backend::{Sequential, Threads};
use crate::task::Task;

impl<I, T> Runs<I, T> for Threads
where
    I: Iterator<Item: Send> + Send,
    T: Task<I::Item, Output: Send> + Sync,
{
    fn run<C: Consume<T::Output>>(self, work: Work<I, T>, consume: C) -> C::Result {
        Sequential.run(work, consume)
    }
}
