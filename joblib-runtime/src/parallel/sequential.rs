//! The backend of one worker: the calling thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::ends::Consume;
use super::error::Error;
use super::runs::{Runs, Work};
use crate::backend::Sequential;
use crate::task::{Task, current};

impl<I: Iterator, T: Task<I::Item>> Runs<I, T> for Sequential {
    fn run<C: Consume<T::Output>>(self, work: Work<I, T>, consume: C) -> C::Result {
        let Work {
            inputs, task, plan, ..
        } = work;
        consume.consume(inputs.enumerate().map(|(index, arguments)| {
            let entered = current::enter(plan.seed, index);
            let outcome = catch_unwind(AssertUnwindSafe(|| task.run(arguments)));
            drop(entered);
            plan.meter.finished(outcome.is_ok());
            (
                index,
                outcome.map_err(|payload| Error::panic(index, payload)),
            )
        }))
    }
}
