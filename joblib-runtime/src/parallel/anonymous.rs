//! Closures that `task!` made, on the backend of worker processes.

use super::ends::Consume;
use super::runs::{Runs, Work};
use crate::backend::{Processes, Sequential};
use crate::task::{Anonymous, Closure, Elsewhere, Remote};

impl<'t, I, S, R, M> Runs<I, Closure<Box<dyn Anonymous<I::Item, S, R, M> + 't>>> for Processes
where
    I: Iterator,
    M: Remote<Elsewhere, I::Item, S, R>,
{
    fn run<C: Consume<R>>(
        self,
        work: Work<I, Closure<Box<dyn Anonymous<I::Item, S, R, M> + 't>>>,
        consume: C,
    ) -> C::Result {
        Sequential.run(work, consume)
    }
}
