//! The loop of a runner: take tasks, run them, deliver the results.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::batch_size::BatchSizer;
use super::jobs::RayonJobs;
use super::next_tasks::PullOutcome;
use super::{Engine, flag, lock};
use crate::outcome::Error;
use crate::task::{Task, worker};

/// A thread that runs tasks of a call.
pub(super) struct Runner {
    pub(super) queue: usize,
    pub(super) generation: u32,
    /// Whether it has run the initializer, if it is a job of rayon.
    pub(super) is_initialized: bool,
    sizer: BatchSizer,
}

/// What a runner found to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Served {
    /// It ran a batch of tasks.
    Batch,
    /// There is nothing to do at present.
    Later,
    /// There is nothing more to do, or the runner lost its local queue.
    Over,
}

/// How a batch ended.
enum BatchEnd {
    Done(usize),
    /// The running task was given up, and the runner lost its local queue.
    GivenUp,
}

impl<I: Iterator, T: Task<I::Item>> Engine<I, T> {
    /// Creates a runner, if there is a local queue without one.
    pub(super) fn runner(&self) -> Option<Runner> {
        // A queue without a runner comes before a parked runner: it may have the tasks of a
        // runner that was given up, which the consumer waits for.
        let vacant = lock(&self.vacant).pop();
        let Some(queue) = vacant else {
            return self.jobs.as_ref().and_then(RayonJobs::unpark);
        };
        Some(Runner {
            queue,
            is_initialized: false,
            generation: self.queues.get(queue).lock().generation(),
            sizer: BatchSizer::new(self.plan.batch),
        })
    }

    /// Runs tasks until there are no more.
    pub(in crate::parallel) fn serve(&self) {
        let Some(mut runner) = self.runner() else {
            return;
        };
        let served = catch_unwind(AssertUnwindSafe(|| {
            let _inside = self.enter();
            if self.initialize(&runner) {
                while self.serve_once(&mut runner, true) == Served::Batch {}
            }
        }));
        if let Err(payload) = served {
            self.fail_runner(Error::runner(payload));
        }
    }

    /// Ends the call because of a panic of a runner. Panics of tasks are caught elsewhere,
    /// but dropping arguments may panic too. The outcome of the running task is then lost,
    /// and the consumer must not wait for it.
    #[cold]
    pub(super) fn fail_runner(&self, failure: Error) {
        lock(&self.input).fail(failure);
        self.results.give_up();
        self.wake_all();
    }

    /// Runs the initializer. If that fails, ends the call and returns `false`.
    pub(super) fn initialize(&self, runner: &Runner) -> bool {
        let Some(first) = &self.plan.initializer else {
            return true;
        };
        if self.plan.is_cancelled() {
            return true;
        }
        let worker = worker::enter(runner.queue, self.plan.n_jobs);
        let Err(error) = first.run() else {
            return true;
        };
        drop(worker);
        let mut input = lock(&self.input);
        input.fail(error);
        // The initializer may fail for other runners too, so the queued tasks are
        // dropped.
        let ready = input.close();
        self.results.end(input.taken());
        drop(input);
        drop(ready);
        self.wake_all();
        false
    }

    /// Runs one batch of tasks, if there is one.
    pub(super) fn serve_once(&self, runner: &mut Runner, can_wait: bool) -> Served {
        let queue = self.queues.get(runner.queue);
        let mut must_run = true;
        // The queue still has tasks if it belonged to a runner that was given up.
        if queue.lock().waiting() == 0 {
            let size = |remaining| runner.sizer.size(remaining, self.queues.len());
            let (tasks, input) = match self.next_tasks(size, can_wait) {
                PullOutcome::Tasks(tasks, input) => (tasks, input),
                PullOutcome::Later => return Served::Later,
                PullOutcome::Over => return Served::Over,
            };
            let has_more = input.remaining() > 0 || !input.has_puller() && !input.is_over();
            let has_ready = input.has_puller() && input.ready() > 0;
            let mut state = queue.lock();
            if self.has(flag::OVER) {
                return Served::Over;
            }
            must_run = tasks.must_run;
            state.fill(tasks);
            drop(input);
            drop(state);
            if has_more {
                self.grow();
            }
            // Items that arrive before a job has started request no other.
            if has_ready {
                self.wake_jobs(1);
            }
        }
        runner.sizer.begin();
        let BatchEnd::Done(tasks) = self.batch(runner, must_run) else {
            return Served::Over;
        };
        let spent = runner.sizer.end(tasks);
        let results = {
            let mut state = queue.lock();
            state.note(tasks, spent);
            state.results()
        };
        if let Some(chunk) = results {
            self.deliver(chunk);
        }
        Served::Batch
    }

    /// Runs the tasks of the local queue. Defers tasks that would block, unless
    /// `must_run`.
    fn batch(&self, runner: &Runner, must_run: bool) -> BatchEnd {
        let queue = self.queues.get(runner.queue);
        let _worker = worker::enter(runner.queue, self.plan.n_jobs);
        // If late tasks are retried, `attempt` records the start of each attempt instead.
        let is_timed = self.plan.is_timed() && !self.retries_timeouts();
        let (mut result, mut count) = (None, 0);
        loop {
            let next = {
                let mut state = queue.lock();
                if state.generation() != runner.generation {
                    drop(state);
                    result.iter().for_each(|result| self.release(result));
                    return BatchEnd::GivenUp;
                }
                let next = state.finish_and_next(result.take());
                if is_timed && next.is_some() {
                    state.begin(self.now());
                }
                next
            };
            // Checked after the result is in the queue: either this thread sees that the
            // consumer is starving, or the consumer sees the result.
            if self.has(flag::STARVING) || self.plan.tracker.is_wanted() {
                let results = queue.lock().results();
                if let Some(chunk) = results {
                    self.deliver(chunk);
                }
            }
            let Some((index, arguments)) = next else {
                return BatchEnd::Done(count);
            };
            if !must_run && self.would_wait(&arguments) {
                let results = queue.lock().defer();
                if let Some(chunk) = results {
                    self.deliver(chunk);
                }
                lock(&self.deferred).push_back((index, arguments));
                continue;
            }
            count += 1;
            result = match &self.budget {
                None => self.attempt(runner, index, arguments),
                Some(budget) => {
                    let bytes = budget.size_of_arguments(&arguments);
                    let outcome = self.attempt(runner, index, arguments);
                    if let Some(Ok(result)) = &outcome {
                        budget.add(budget.size_of_result(result));
                    }
                    budget.subtract(bytes);
                    outcome
                }
            };
            if result.is_none() {
                return BatchEnd::GivenUp;
            }
        }
    }

    /// Subtracts a consumed result from the bytes in flight.
    pub(super) fn release(&self, outcome: &Result<T::Output, Error>) {
        if let (Some(budget), Ok(result)) = (&self.budget, outcome) {
            budget.subtract(budget.size_of_result(result));
        }
    }

    /// Returns the time. Sets the flag `LATE` if the deadline of the call has passed.
    pub(super) fn now(&self) -> Instant {
        let now = Instant::now();
        if self.deadline().is_some_and(|limit| now >= limit) {
            self.set(flag::LATE);
        }
        now
    }
}
