//! What a parallel call asks of the worker processes, and how it hands out
//! tasks and takes their outcomes.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use crate::outcome::ErrorKind;
use crate::task::Registration;
use crate::wire::{MessageReader, MessageWriter};

/// A call on the pool of worker processes.
pub struct CallSpec<'a> {
    /// The function.
    pub registration: &'static Registration,
    /// What all tasks share, put together once.
    pub shared: &'a MessageWriter<'a>,
    /// Workers at most; one or more.
    pub workers: usize,
    /// How many tasks go at a time; without it, by what they cost.
    pub batch: Option<usize>,
    /// How long a task may run.
    pub timeout: Option<Duration>,
    /// How often a task that failed is tried once more.
    pub retries: u32,
    /// The seed of the tasks' random numbers.
    pub seed: Option<u64>,
    /// How many threads each worker may use.
    pub threads_per_worker: usize,
    /// Bytes of stack of the thread that runs tasks, where the call says so.
    pub stack: Option<usize>,
    /// Whether what tasks print is caught, for [`TaskProvider::printed`].
    pub captures: bool,
    /// A worker is replaced after so many tasks.
    pub max_tasks_per_worker: Option<u64>,
    /// A worker is replaced when it has grown by so many bytes.
    pub max_growth: Option<u64>,
    /// A function without arguments that each worker runs before the first
    /// task of the call.
    pub initializer: Option<&'static Registration>,
}

/// The tasks of a call.
pub trait TaskProvider {
    /// Puts the arguments of the next task together and hands its position in
    /// the input and the arguments to `put`. Up to `wanted` are asked for in a row.
    fn next(&mut self, wanted: usize, put: &mut dyn FnMut(usize, &MessageWriter<'_>)) -> NextTask;

    /// Takes the outcome of a task, exactly once for each.
    fn done(&mut self, index: usize, outcome: Result<&mut MessageReader<'_>, ErrorKind>);

    /// Whether there is an outcome that no worker had a part in: that of a task whose
    /// arguments could not be put together.
    fn has_outcome(&self) -> bool {
        false
    }

    /// What is readable when there is something else to do than what workers
    /// say: more tasks, if `is_asking` says that one could go to somebody, and
    /// otherwise only that nobody wants outcomes any more. What was rung for
    /// before is forgotten where nobody would look at it.
    fn bell(&self, _is_asking: bool) -> Option<BorrowedFd<'_>> {
        None
    }

    /// After how long tasks are to be asked for again after [`NextTask::Later`], if
    /// nothing is to be done before.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// Whether there will be more tasks after [`NextTask::Later`], whatever comes
    /// of those that are given out.
    fn is_waiting(&self) -> bool {
        false
    }

    /// Whether nobody wants outcomes any more.
    fn is_off(&self) -> bool {
        false
    }

    /// Takes what a task printed to standard output and to standard error,
    /// before its outcome.
    fn printed(&mut self, _index: usize, _out: &[u8], _err: &[u8]) {}
}

/// What came of asking for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextTask {
    /// It was handed to `put`.
    Given,
    /// There is none before outcomes of others are in.
    Later,
    /// There are no more.
    Over,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionStep {
    /// At least one outcome.
    Progress,
    /// Nothing: no task is out, and none was given.
    Idle,
    /// Nothing before the time was up.
    TimedOut,
    /// The call cannot go on; tasks that are out have no outcome.
    Failed(ErrorKind),
}

/// What a worker did for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerShare {
    /// The process.
    pub pid: u32,
    /// The tasks it ran.
    pub tasks: u64,
    /// How long it was running them.
    pub busy: Duration,
}
