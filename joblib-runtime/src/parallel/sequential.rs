//! The backend of one worker: the calling thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::ends::Consume;
use super::error::Error;
use super::runs::{Runs, Work};
use crate::backend::Sequential;
use crate::task::Task;

impl<I: Iterator, T: Task<I::Item>> Runs<I, T> for Sequential {
    fn run<C: Consume<T::Output>>(self, work: Work<I, T>, consume: C) -> C::Result {
        let Work { inputs, task, .. } = work;
        consume.consume(inputs.enumerate().map(|(index, arguments)| {
            let outcome = catch_unwind(AssertUnwindSafe(|| task.run(arguments)));
            (
                index,
                outcome.map_err(|payload| Error::panic(index, payload)),
            )
        }))
    }
}
