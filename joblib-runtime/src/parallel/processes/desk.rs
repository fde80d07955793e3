//! Where tasks are put together for other processes and results taken apart.

use std::iter::Fuse;

use super::shelf::Shelf;
use super::wishes::OnOutput;
use crate::parallel::error::{Error, Failure};
use crate::parallel::plan::{Plan, Window};
use crate::parallel::progress::Meter;
use crate::process::{Next, Tasks};
use crate::wire::{PutError, Reader, TakeError, Writer};

/// Tasks that may be ahead of the consumer for each worker, where the call
/// does not say.
const AHEAD: usize = 4096;

/// What they may take together, where the call does not say.
const BYTES_AHEAD: u64 = 256 << 20;

/// Puts the arguments of a task together.
pub(super) type Put<A> = for<'v> fn(&'v A, &mut Writer<'v>) -> Result<(), PutError>;

/// Takes the result of a task apart.
pub(super) type Take<R> = fn(&mut Reader<'_>) -> Result<R, TakeError>;

/// The tasks of one call.
pub(super) struct Desk<I: Iterator, R> {
    inputs: Fuse<I>,
    put: Put<I::Item>,
    take: Take<R>,
    meter: Meter,
    on_output: Option<OnOutput>,
    pub(super) shelf: Shelf<R>,
    tasks_ahead: usize,
    bytes_ahead: u64,
    is_over: bool,
    memory: Vec<u8>,
}

impl<I: Iterator, R> Desk<I, R> {
    pub(super) fn new(inputs: I, put: Put<I::Item>, take: Take<R>, plan: &Plan) -> Self {
        let (tasks, bytes) = match plan.window {
            None => (usize::MAX, u64::MAX),
            Some(Window::Tasks(tasks)) => (tasks, u64::MAX),
            Some(Window::Batches) => (AHEAD * plan.n_jobs, BYTES_AHEAD),
        };
        Desk {
            inputs: inputs.fuse(),
            put,
            take,
            meter: plan.meter.clone(),
            on_output: plan.processes.on_output.clone(),
            shelf: Shelf::new(plan.is_ordered),
            tasks_ahead: tasks,
            bytes_ahead: plan.in_flight_bytes.unwrap_or(bytes),
            is_over: false,
            memory: Vec::new(),
        }
    }

    /// Whether every input was taken.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// How many outcomes are yet to come, at least.
    pub(super) fn remaining(&self) -> usize {
        self.shelf.len().saturating_add(self.inputs.size_hint().0)
    }

    /// Gives up every task that was given out and has not come back.
    pub(super) fn give_up(&mut self, failure: &Failure) {
        self.shelf.fill(|index| Error::task(index, failure.clone()));
    }

    /// Takes an input that nothing is to be done with.
    pub(super) fn skip(&mut self, failure: &Failure) {
        match self.inputs.next() {
            Some(_) => {
                let index = self.shelf.reserve();
                let error = Error::task(index, failure.clone());
                self.shelf.put(index, Err(error), 0);
            }
            None => self.is_over = true,
        }
    }

    /// One task is always let through, however large.
    fn is_full(&self) -> bool {
        let tasks = self.shelf.len();
        tasks >= self.tasks_ahead || tasks > 0 && self.shelf.bytes() >= self.bytes_ahead
    }
}

impl<I: Iterator, R> Tasks for Desk<I, R> {
    fn next(&mut self, put: &mut dyn FnMut(usize, &Writer<'_>)) -> Next {
        loop {
            if self.is_full() {
                return Next::Later;
            }
            let Some(arguments) = self.inputs.next() else {
                self.is_over = true;
                return Next::Over;
            };
            let index = self.shelf.reserve();
            let mut writer = Writer::reusing(std::mem::take(&mut self.memory));
            match (self.put)(&arguments, &mut writer) {
                Ok(()) => {
                    self.shelf.weigh(index, writer.len() as u64);
                    put(index, &writer);
                    self.memory = writer.into_memory();
                    return Next::Given;
                }
                Err(error) => {
                    let failure = Failure::Travel(error.to_string());
                    self.meter.finished(false);
                    self.shelf.put(index, Err(Error::task(index, failure)), 0);
                }
            }
        }
    }

    fn printed(&mut self, index: usize, out: &[u8], err: &[u8]) {
        if let Some(on_output) = &self.on_output {
            on_output.call(index, out, err);
        }
    }

    fn done(&mut self, index: usize, outcome: Result<&mut Reader<'_>, Failure>) {
        let mut bytes = 0;
        let taken = outcome.and_then(|reader| {
            bytes = reader.left() as u64;
            let result = (self.take)(reader);
            let whole = result.and_then(|result| reader.end().map(|()| result));
            whole.map_err(|error| Failure::Travel(error.to_string()))
        });
        self.meter.finished(taken.is_ok());
        let outcome = taken.map_err(|failure| Error::task(index, failure));
        self.shelf.put(index, outcome, bytes);
    }
}
