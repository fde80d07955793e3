//! The interface between a parallel call and the worker processes: the options of the
//! call and the trait through which it supplies tasks and receives outcomes.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use super::ContextHooks;
use crate::outcome::{ErrorKind, Failure};
use crate::task::Registration;
use crate::wire::{MessageReader, MessageWriter};

/// A call on the pool of worker processes.
pub struct CallSpec<'a> {
    /// The context of the call.
    pub context: &'static ContextHooks,
    /// The function.
    pub registration: &'static Registration,
    /// The argument that all tasks share, serialized once.
    pub shared: &'a MessageWriter<'a>,
    /// The maximum number of workers; at least one.
    pub workers: usize,
    /// The number of tasks in a batch; if absent, it is derived from the cost of the
    /// tasks.
    pub batch: Option<usize>,
    /// The time limit of a task.
    pub timeout: Option<Duration>,
    /// How often a failed task is retried.
    pub retries: u32,
    /// The seed of the tasks' random numbers.
    pub seed: Option<u64>,
    /// The number of threads that each worker may use.
    pub threads_per_worker: usize,
    /// The stack size of the thread that runs tasks, in bytes, if the call sets one.
    pub stack: Option<usize>,
    /// Whether the output of tasks is captured for [`TaskProvider::printed`].
    pub captures: bool,
    /// A worker is replaced after this number of tasks.
    pub max_tasks_per_worker: Option<u64>,
    /// A worker is replaced when its memory has grown by this number of bytes.
    pub max_growth: Option<u64>,
    /// A function without arguments that each worker runs before its first task of the
    /// call.
    pub initializer: Option<&'static Registration>,
}

/// The tasks of a call.
pub trait TaskProvider {
    /// Serializes the arguments of the next task and passes its index in the input and
    /// the arguments to `put`. The session asks for up to `wanted` tasks in a row.
    fn next(&mut self, wanted: usize, put: &mut dyn FnMut(usize, &MessageWriter<'_>)) -> NextTask;

    /// Receives the outcome of a task, exactly once per task.
    fn done(&mut self, index: usize, outcome: Result<&mut MessageReader<'_>, ErrorKind>);

    /// Whether there is an outcome that does not come from a worker, that is, of a task
    /// whose arguments could not be serialized.
    fn has_outcome(&self) -> bool {
        false
    }

    /// Returns a descriptor that becomes readable when the session has something to do
    /// other than handling worker frames. With `wants_tasks`, set if a worker could take
    /// a task, it also signals new tasks; otherwise it signals only that the call is
    /// cancelled. Earlier signals that are not needed may be cleared.
    fn wake_descriptor(&self, _wants_tasks: bool) -> Option<BorrowedFd<'_>> {
        None
    }

    /// Returns how long to wait before asking for tasks again after
    /// [`NextTask::Later`], if nothing else happens earlier.
    fn poll_interval(&self) -> Option<Duration> {
        None
    }

    /// Whether more tasks follow after [`NextTask::Later`], independently of the
    /// outcomes of the tasks in progress.
    fn has_more_later(&self) -> bool {
        false
    }

    /// Whether the call is cancelled, so that outcomes are not needed.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// Receives what a task printed to standard output and standard error, before its
    /// outcome.
    fn printed(&mut self, _index: usize, _out: &[u8], _err: &[u8]) {}
}

/// The result of asking for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextTask {
    /// The task was passed to `put`.
    Given,
    /// No task is available before outcomes of other tasks arrive.
    Later,
    /// There are no more tasks.
    Over,
}

/// The result of a step of a session.
#[derive(Clone, Debug)]
pub enum SessionStep {
    /// At least one outcome arrived.
    Progress,
    /// Nothing to do: no task is in progress, and no new task is available.
    Idle,
    /// Nothing happened within the time limit.
    TimedOut,
    /// The call cannot continue; tasks in progress get no outcome.
    Failed(Failure),
}

/// The statistics of a worker for one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerShare {
    /// The process ID.
    pub pid: u32,
    /// The number of tasks that it ran.
    pub tasks: u64,
    /// The time that it spent running them.
    pub busy: Duration,
}
