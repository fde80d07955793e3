//! What a runner does: take tasks, do them, leave the results.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::batch_size::BatchSizer;
use super::{Engine, PullOutcome, lock, mood};
use crate::outcome::Error;
use crate::task::Task;

/// One thread's part in a call.
pub(super) struct Runner {
    pub(super) lane: usize,
    pub(super) holder: u32,
    pace: BatchSizer,
}

/// How a batch ended.
enum BatchEnd {
    Done(usize),
    /// The running task was given up, and the lane with it.
    GivenUp,
}

impl<I: Iterator, T: Task<I::Item>> Engine<I, T> {
    /// A runner, if a lane has none.
    pub(super) fn runner(&self) -> Option<Runner> {
        let lane = lock(&self.vacant).pop()?;
        Some(Runner {
            lane,
            holder: self.lanes.get(lane).hands().holder(),
            pace: BatchSizer::new(self.plan.batch),
        })
    }

    /// Does tasks until there are no more.
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
        // What tasks do is caught, but what is dropped may panic as well. The
        // task that the runner had is lost, and nobody is to wait for it.
        if let Err(payload) = served {
            lock(&self.feed).fail(Error::runner(payload));
            self.exchange.give_up();
            self.stir();
        }
    }

    /// Does what each worker does first. If that fails, the call ends.
    pub(super) fn initialize(&self) -> bool {
        let Some(first) = &self.plan.initializer else {
            return true;
        };
        let Err(error) = first.run() else {
            return true;
        };
        let mut feed = lock(&self.feed);
        feed.fail(error);
        // Whoever is to do these may fail as well.
        let ready = feed.close();
        self.exchange.end(feed.taken());
        drop(feed);
        drop(ready);
        self.stir();
        false
    }

    /// Does one batch of tasks; whether there was one.
    pub(super) fn serve_once(&self, runner: &mut Runner, can_wait: bool) -> bool {
        let lane = self.lanes.get(runner.lane);
        let mut is_last_choice = true;
        // A lane that another was made to leave has tasks already.
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

    /// Does what is in the lane. What would only wait is put off, but for the
    /// last choice.
    fn batch(&self, runner: &Runner, is_last_choice: bool) -> BatchEnd {
        let lane = self.lanes.get(runner.lane);
        // Where tasks that take too long are tried again, attempts are timed.
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
            // Looked at after the result is in the lane: either this sees
            // that the consumer starves, or the consumer sees the result.
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

    /// Notes that a result is gone.
    pub(super) fn unload(&self, outcome: &Result<T::Output, Error>) {
        if let (Some(load), Ok(result)) = (&self.load, outcome) {
            load.subtract(load.of_result(result));
        }
    }

    /// The time, which may be late for the whole call.
    pub(super) fn now(&self) -> Instant {
        let now = Instant::now();
        if self.deadline().is_some_and(|limit| now >= limit) {
            self.set(mood::LATE);
        }
        now
    }
}
