//! The loop of a runner: take tasks, run them, deliver the results.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::batch_size::BatchSizer;
use super::{Engine, PullOutcome, lock, mood};
use crate::parallel::error::Error;
use crate::task::Task;

/// A thread that runs tasks of a call.
pub(super) struct Runner {
    pub(super) lane: usize,
    pub(super) holder: u32,
    pace: BatchSizer,
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
        let lane = lock(&self.vacant).pop()?;
        Some(Runner {
            lane,
            holder: self.lanes.get(lane).hands().holder(),
            pace: BatchSizer::new(self.plan.batch),
        })
    }

    /// Runs tasks until there are no more.
    pub(in crate::parallel) fn serve(&self) {
        let Some(mut runner) = self.runner() else {
            return;
        };
        let served = catch_unwind(AssertUnwindSafe(|| {
            let _inside = self.enter();
            if self.initialize() {
                while self.serve_once(&mut runner, true) {}
            }
        }));
        // Panics of tasks are caught elsewhere, but dropping arguments may panic too. The
        // outcome of the running task is then lost, and the consumer must not wait for it.
        if let Err(payload) = served {
            lock(&self.feed).fail(Error::runner(payload));
            self.exchange.give_up();
            self.stir();
        }
    }

    /// Runs the initializer. If that fails, ends the call and returns `false`.
    pub(super) fn initialize(&self) -> bool {
        let Some(first) = &self.plan.initializer else {
            return true;
        };
        let Err(error) = first.run() else {
            return true;
        };
        let mut feed = lock(&self.feed);
        feed.fail(error);
        // The initializer may fail for other runners too, so the queued tasks are dropped.
        let ready = feed.close();
        self.exchange.end(feed.taken());
        drop(feed);
        drop(ready);
        self.stir();
        false
    }

    /// Runs one batch of tasks. Returns whether there was one.
    pub(super) fn serve_once(&self, runner: &mut Runner, can_wait: bool) -> bool {
        let lane = self.lanes.get(runner.lane);
        let mut is_last_choice = true;
        // The queue still has tasks if it belonged to a runner that was given up.
        if lane.hands().waiting() == 0 {
            let size = |remaining| runner.pace.size(remaining, self.lanes.len());
            let PullOutcome::Tasks(tasks, feed) = self.next_tasks(size, can_wait) else {
                return false;
            };
            let has_more = feed.remaining() > 0 || !feed.is_apart() && !feed.is_over();
            let mut hands = lane.hands();
            if self.is(mood::OVER) {
                return false;
            }
            is_last_choice = tasks.is_last_choice;
            hands.fill(tasks);
            drop(feed);
            drop(hands);
            if has_more {
                self.grow();
            }
        }
        runner.pace.begin();
        let BatchEnd::Done(tasks) = self.batch(runner, is_last_choice) else {
            return false;
        };
        let spent = runner.pace.end(tasks);
        let results = {
            let mut hands = lane.hands();
            hands.note(tasks, spent);
            hands.results()
        };
        if let Some(chunk) = results {
            self.hand_over(chunk);
        }
        true
    }

    /// Runs the tasks of the local queue. Tasks that would block are deferred, unless
    /// `is_last_choice`.
    fn batch(&self, runner: &Runner, is_last_choice: bool) -> BatchEnd {
        let lane = self.lanes.get(runner.lane);
        // If late tasks are retried, `attempt` records the start of each attempt instead.
        let is_timed = self.plan.is_timed() && !self.retries_late();
        let (mut result, mut count) = (None, 0);
        loop {
            let next = {
                let mut hands = lane.hands();
                if hands.holder() != runner.holder {
                    drop(hands);
                    result.iter().for_each(|result| self.unload(result));
                    return BatchEnd::GivenUp;
                }
                let next = hands.turn(result.take());
                if is_timed && next.is_some() {
                    hands.begin(self.now());
                }
                next
            };
            // Checked after the result is in the queue: either this thread sees that the
            // consumer is starving, or the consumer sees the result.
            if self.is(mood::STARVING) || self.plan.meter.is_wanted() {
                let results = lane.hands().results();
                if let Some(chunk) = results {
                    self.hand_over(chunk);
                }
            }
            let Some((index, arguments)) = next else {
                return BatchEnd::Done(count);
            };
            if !is_last_choice && self.would_wait(&arguments) {
                let results = lane.hands().put_off();
                if let Some(chunk) = results {
                    self.hand_over(chunk);
                }
                lock(&self.put_off).push_back((index, arguments));
                continue;
            }
            count += 1;
            result = match &self.load {
                None => self.attempt(runner, index, arguments),
                Some(load) => {
                    let bytes = load.of_arguments(&arguments);
                    let outcome = self.attempt(runner, index, arguments);
                    if let Some(Ok(result)) = &outcome {
                        load.add(load.of_result(result));
                    }
                    load.subtract(bytes);
                    outcome
                }
            };
            if result.is_none() {
                return BatchEnd::GivenUp;
            }
        }
    }

    /// Subtracts a consumed result from the bytes in flight.
    pub(super) fn unload(&self, outcome: &Result<T::Output, Error>) {
        if let (Some(load), Ok(result)) = (&self.load, outcome) {
            load.subtract(load.of_result(result));
        }
    }

    /// Returns the time. Sets the flag `LATE` if the deadline of the call has passed.
    pub(super) fn now(&self) -> Instant {
        let now = Instant::now();
        if self.deadline().is_some_and(|limit| now >= limit) {
            self.set(mood::LATE);
        }
        now
    }
}
