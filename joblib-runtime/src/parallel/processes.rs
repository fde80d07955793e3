//! The backend of worker processes.

use super::ends::Consume;
use super::runs::{Runs, Work};
use crate::backend::{Processes, Sequential};
use crate::task::{Elsewhere, Function, Remote};

impl<I, S, R, F, M> Runs<I, Function<I::Item, S, R, F, M>> for Processes
where
    I: Iterator,
    F: Fn(I::Item, &S) -> R,
    M: Remote<Elsewhere, I::Item, S, R>,
{
    fn run<C: Consume<R>>(
        self,
        work: Work<I, Function<I::Item, S, R, F, M>>,
        consume: C,
    ) -> C::Result {
        Sequential.run(work, consume)
    }
}
