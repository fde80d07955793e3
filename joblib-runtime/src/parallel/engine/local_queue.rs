//! What one runner of a call has in hand: tasks it took, which others may
//! take from it, and results that it has not handed over.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::lock;
use crate::outcome::{Error, ErrorKind};
use crate::parallel::summary::WorkerSummary;

/// A runner's hands, open to the others. Lanes stand apart, since each is
/// locked for every task.
#[repr(align(128))]
pub(super) struct LocalQueue<A, O>(Mutex<QueueState<A, O>>);

pub(super) struct QueueState<A, O> {
    /// Position of the first of `todo` in the input.
    next: usize,
    todo: VecDeque<A>,
    /// Results up to the running task or the next one.
    done: Vec<Result<O, Error>>,
    /// Whether a task is taken and has no result.
    is_running: bool,
    /// When it began, under a time limit.
    since: Option<Instant>,
    /// Arguments for another attempt at it, should it take too long.
    spare: Option<A>,
    /// What the runners of this lane did.
    share: WorkerSummary,
    /// Counts the runners that had this lane: one that was given up has lost
    /// it to another.
    holder: u32,
}

/// Results of tasks next to one another in the input.
pub(super) struct ResultRun<O> {
    pub(super) first: usize,
    pub(super) outcomes: Vec<Result<O, Error>>,
}

/// What a runner leaves that was given up.
pub(super) struct Abandoned<A, O> {
    /// The task, if it is to be tried again.
    pub(super) again: Option<(usize, A)>,
    /// What is of no use any more, to be dropped without the lane.
    pub(super) dropped: Option<A>,
    pub(super) results: Option<ResultRun<O>>,
}

/// Tasks next to one another in the input.
pub(super) struct TaskRun<A> {
    pub(super) first: usize,
    pub(super) arguments: VecDeque<A>,
    /// Whether they were put off already.
    pub(super) is_last_choice: bool,
}

impl<A> TaskRun<A> {
    /// One task, which is not put off.
    pub(super) fn last_choice((first, arguments): (usize, A)) -> Self {
        TaskRun {
            first,
            arguments: VecDeque::from([arguments]),
            is_last_choice: true,
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
            holder: 0,
        }))
    }

    pub(super) fn hands(&self) -> MutexGuard<'_, QueueState<A, O>> {
        lock(&self.0)
    }
}

impl<A, O> QueueState<A, O> {
    pub(super) fn holder(&self) -> u32 {
        self.holder
    }

    /// Notes a batch of so many tasks.
    pub(super) fn note(&mut self, tasks: usize, spent: Duration) {
        self.share.tasks += tasks;
        self.share.busy += spent;
    }

    /// What the runners of this lane did, up to their last batch.
    pub(super) fn share(&self) -> WorkerSummary {
        self.share
    }

    /// Puts the result of the task taken last, and takes the next.
    #[inline]
    pub(super) fn turn(&mut self, result: Option<Result<O, Error>>) -> Option<(usize, A)> {
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

    /// Notes when the task taken last began.
    pub(super) fn begin(&mut self, since: Instant) {
        self.since = Some(since);
    }

    /// Fills the empty hands.
    pub(super) fn fill(&mut self, tasks: TaskRun<A>) {
        debug_assert!(self.todo.is_empty() && self.done.is_empty());
        self.done.reserve(tasks.arguments.len());
        self.next = tasks.first;
        self.todo = tasks.arguments;
    }

    /// Takes the running task out of the row; the results before it, which
    /// can no longer stand with those after it.
    pub(super) fn put_off(&mut self) -> Option<ResultRun<O>> {
        let results = self.results();
        self.is_running = false;
        self.since = None;
        results
    }

    pub(super) fn waiting(&self) -> usize {
        self.todo.len()
    }

    /// Gives the later half of what waits to another.
    pub(super) fn split(&mut self) -> Option<TaskRun<A>> {
        let kept = self.todo.len() / 2;
        let arguments = self.todo.split_off(kept);
        (!arguments.is_empty()).then(|| TaskRun {
            first: self.next + kept,
            arguments,
            is_last_choice: false,
        })
    }

    /// Gives everything that waits to nobody.
    pub(super) fn drop_waiting(&mut self) -> VecDeque<A> {
        std::mem::take(&mut self.todo)
    }

    /// The results that were not handed over.
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

    /// When the running task began.
    pub(super) fn running_since(&self) -> Option<Instant> {
        self.since
    }

    /// Begins an attempt at the running task, with `spare` for another.
    pub(super) fn begin_with(&mut self, spare: A, since: Instant) {
        self.spare = Some(spare);
        self.since = Some(since);
    }

    /// Ends the attempt, which from then on does not take too long, and gives
    /// the arguments for another back.
    pub(super) fn end_attempt(&mut self) -> Option<A> {
        self.since = None;
        self.spare.take()
    }

    /// Gives the running task up as `failure`: its runner loses the lane.
    pub(super) fn give_up(&mut self, failure: ErrorKind) -> Abandoned<A, O> {
        self.holder += 1;
        self.since = None;
        match self.spare.take() {
            Some(arguments) if matches!(failure, ErrorKind::TimedOut(_)) => Abandoned {
                again: Some((self.next - 1, arguments)),
                dropped: None,
                results: self.put_off(),
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
