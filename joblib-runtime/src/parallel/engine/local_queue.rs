//! The local queue of a runner: tasks that it took, which other runners may steal, and
//! results that it has not delivered.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::lock;
use crate::outcome::{Error, ErrorKind};
use crate::parallel::summary::WorkerSummary;

/// The local queue of a runner, shared with the others. It is aligned to avoid false
/// sharing, since each queue is locked for every task.
#[repr(align(128))]
pub(super) struct LocalQueue<A, O>(Mutex<QueueState<A, O>>);

pub(super) struct QueueState<A, O> {
    /// Position of the first task of `todo` in the input.
    next: usize,
    todo: VecDeque<A>,
    /// Results of the tasks before the running or next task.
    done: Vec<Result<O, Error>>,
    /// Whether a task was taken and has no result yet.
    is_running: bool,
    /// When the running task started, if there is a time limit.
    since: Option<Instant>,
    /// Arguments for another attempt at the running task if it times out.
    spare: Option<A>,
    /// Statistics of the runners of this queue.
    share: WorkerSummary,
    /// Counts the runners that had this queue. A runner that was given up has lost the
    /// queue to its successor.
    generation: u32,
}

/// Results of consecutive tasks of the input.
pub(super) struct ResultRun<O> {
    pub(super) first: usize,
    pub(super) outcomes: Vec<Result<O, Error>>,
}

/// The state that a runner leaves behind when it is given up.
pub(super) struct Abandoned<A, O> {
    /// The task, if it is to be retried.
    pub(super) again: Option<(usize, A)>,
    /// Unused arguments, to be dropped without holding the lock.
    pub(super) dropped: Option<A>,
    pub(super) results: Option<ResultRun<O>>,
}

/// Consecutive tasks of the input.
pub(super) struct TaskRun<A> {
    pub(super) first: usize,
    pub(super) arguments: VecDeque<A>,
    /// Whether they must not be deferred (again).
    pub(super) must_run: bool,
}

impl<A> TaskRun<A> {
    /// Creates a run of one task that must not be deferred.
    pub(super) fn must_run((first, arguments): (usize, A)) -> Self {
        TaskRun {
            first,
            arguments: VecDeque::from([arguments]),
            must_run: true,
        }
    }
}

impl<A, O> LocalQueue<A, O> {
    pub(super) fn new() -> Self {
        LocalQueue(Mutex::new(QueueState {
            next: 0,
            todo: VecDeque::new(),
            done: Vec::new(),
            is_running: false,
            since: None,
            spare: None,
            share: WorkerSummary::default(),
            generation: 0,
        }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, QueueState<A, O>> {
        lock(&self.0)
    }
}

impl<A, O> QueueState<A, O> {
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    /// Records a batch of `tasks` tasks.
    pub(super) fn note(&mut self, tasks: usize, spent: Duration) {
        self.share.tasks += tasks;
        self.share.busy += spent;
    }

    /// Statistics of the runners of this queue, up to the last batch.
    pub(super) fn share(&self) -> WorkerSummary {
        self.share
    }

    /// Stores the result of the task taken last and takes the next task.
    #[inline]
    pub(super) fn finish_and_next(
        &mut self,
        result: Option<Result<O, Error>>,
    ) -> Option<(usize, A)> {
        if let Some(result) = result {
            self.is_running = false;
            self.since = None;
            self.done.push(result);
        }
        let arguments = self.todo.pop_front()?;
        self.is_running = true;
        self.next += 1;
        Some((self.next - 1, arguments))
    }

    /// Records when the task taken last started.
    pub(super) fn begin(&mut self, since: Instant) {
        self.since = Some(since);
    }

    /// Fills the queue, which must be empty.
    pub(super) fn fill(&mut self, tasks: TaskRun<A>) {
        debug_assert!(self.todo.is_empty() && self.done.is_empty());
        self.done.reserve(tasks.arguments.len());
        self.next = tasks.first;
        self.todo = tasks.arguments;
    }

    /// Removes the running task from the sequence. Returns the results before it, because
    /// they are not consecutive with those after it.
    pub(super) fn defer(&mut self) -> Option<ResultRun<O>> {
        let results = self.results();
        self.is_running = false;
        self.since = None;
        results
    }

    pub(super) fn waiting(&self) -> usize {
        self.todo.len()
    }

    /// Splits off the later half of the waiting tasks for another runner.
    pub(super) fn split(&mut self) -> Option<TaskRun<A>> {
        let kept = self.todo.len() / 2;
        let arguments = self.todo.split_off(kept);
        (!arguments.is_empty()).then(|| TaskRun {
            first: self.next + kept,
            arguments,
            must_run: false,
        })
    }

    /// Removes all waiting tasks.
    pub(super) fn drop_waiting(&mut self) -> VecDeque<A> {
        std::mem::take(&mut self.todo)
    }

    /// Takes the results that are not delivered yet.
    pub(super) fn results(&mut self) -> Option<ResultRun<O>> {
        if self.done.is_empty() {
            return None;
        }
        let outcomes = std::mem::take(&mut self.done);
        Some(ResultRun {
            first: self.next - usize::from(self.is_running) - outcomes.len(),
            outcomes,
        })
    }

    /// Returns when the running task started.
    pub(super) fn running_since(&self) -> Option<Instant> {
        self.since
    }

    /// Starts an attempt at the running task and stores `spare` for another attempt.
    pub(super) fn begin_with(&mut self, spare: A, since: Instant) {
        self.spare = Some(spare);
        self.since = Some(since);
    }

    /// Ends the attempt, which can then no longer time out. Returns the arguments for
    /// another attempt.
    pub(super) fn end_attempt(&mut self) -> Option<A> {
        self.since = None;
        self.spare.take()
    }

    /// Gives up the running task with `failure`. Its runner loses the queue.
    pub(super) fn give_up(&mut self, failure: ErrorKind) -> Abandoned<A, O> {
        self.generation += 1;
        self.since = None;
        match self.spare.take() {
            Some(arguments) if matches!(failure, ErrorKind::TimedOut(_)) => Abandoned {
                again: Some((self.next - 1, arguments)),
                dropped: None,
                results: self.defer(),
            },
            dropped => {
                self.is_running = false;
                self.done.push(Err(Error::task(self.next - 1, failure)));
                Abandoned {
                    again: None,
                    dropped,
                    results: self.results(),
                }
            }
        }
    }
}
