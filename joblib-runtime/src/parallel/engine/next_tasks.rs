//! Where a runner takes its next tasks from: those to be retried, the input, the local
//! queues of other runners, and deferred tasks.

use std::sync::MutexGuard;
use std::time::Duration;

use super::Engine;
use super::input::InputQueue;
use super::local_queue::TaskRun;
use crate::outcome::{Error, ErrorKind};
use crate::parallel::settings::Batch;
use crate::task::Task;
use crate::unpoisoned::{lock, unpoisoned, wait};

/// How long a runner waits for a whole batch from an input with its own thread before it
/// waits for a single task. A batch is about as much work.
const BATCH_WAIT: Duration = Duration::from_micros(40);

/// How often deferred tasks are polled while there is nothing else to do.
pub(super) const DEFERRED_POLL: Duration = Duration::from_millis(2);

pub(super) enum PullOutcome<'e, I: Iterator> {
    Tasks(TaskRun<I::Item>, MutexGuard<'e, InputQueue<I>>),
    /// There is no room or no task at present.
    Later,
    Over,
}

impl<I: Iterator, T: Task<I::Item>> Engine<I, T> {
    /// Takes up to `batch` tasks. If `can_wait`, blocks until backpressure ends or a task
    /// arrives.
    pub(super) fn next_tasks(
        &self,
        batch: impl Fn(usize) -> usize,
        can_wait: bool,
    ) -> PullOutcome<'_, I> {
        let input = lock(&self.input);
        match input.has_puller() {
            true => self.take(input, batch, can_wait),
            false => self.pull(input, batch, can_wait),
        }
    }

    /// Takes tasks that the thread of the input has queued, or other tasks.
    fn take<'e>(
        &'e self,
        mut input: MutexGuard<'e, InputQueue<I>>,
        batch: impl Fn(usize) -> usize,
        can_wait: bool,
    ) -> PullOutcome<'e, I> {
        let mut is_patient = true;
        loop {
            let tasks = self.take_retry().or_else(|| {
                // The number of remaining items is not known; the queued ones are divided
                // below.
                input.batch = batch(0);
                let share = input.ready().div_ceil(self.queues.len());
                let count = match self.plan.batch {
                    Batch::Auto => input.batch.min(share),
                    Batch::Fixed(_) => input.batch,
                };
                input.take_ready(count)
            });
            self.notify_puller(&mut input);
            // The lock of the input is held until the tasks are in a local queue. Of two
            // runners that look for tasks, one therefore sees what the other took.
            let tasks = tasks.or_else(|| self.steal());
            let tasks = tasks.or_else(|| match input.is_over() {
                true => self.take_deferred(),
                false => self.take_ready_deferred(),
            });
            if let Some(tasks) = tasks {
                return PullOutcome::Tasks(tasks, input);
            }
            if input.is_over() {
                return PullOutcome::Over;
            }
            if !can_wait {
                return PullOutcome::Later;
            }
            is_patient &= input.batch > 1;
            input = self.wait_for_task(input, std::mem::take(&mut is_patient));
        }
    }

    /// Waits for the input. If `is_patient`, waits for at most `BATCH_WAIT` and only for
    /// a whole batch, because items that arrive faster than they are processed are best
    /// taken many at a time. Otherwise, if there are deferred tasks, returns after
    /// `DEFERRED_POLL`, because nothing signals that they are ready.
    fn wait_for_task<'e>(
        &'e self,
        mut input: MutexGuard<'e, InputQueue<I>>,
        is_patient: bool,
    ) -> MutexGuard<'e, InputQueue<I>> {
        let limit = match is_patient {
            true => Some(BATCH_WAIT),
            false => (!lock(&self.deferred).is_empty()).then_some(DEFERRED_POLL),
        };
        input.waiting += 1;
        input.starving += usize::from(!is_patient);
        let mut input = match limit {
            None => wait(&self.arrived, input),
            Some(limit) => {
                let waited = self.arrived.wait_timeout(input, limit);
                unpoisoned(waited).0
            }
        };
        input.waiting -= 1;
        input.starving -= usize::from(!is_patient);
        input.notified = input.notified.saturating_sub(1);
        input
    }

    /// Takes tasks from the input, or other tasks.
    fn pull<'e>(
        &'e self,
        mut input: MutexGuard<'e, InputQueue<I>>,
        batch: impl Fn(usize) -> usize,
        can_wait: bool,
    ) -> PullOutcome<'e, I> {
        let count = loop {
            if let Some(tasks) = self.take_retry() {
                return PullOutcome::Tasks(tasks, input);
            }
            let batch = batch(input.remaining());
            match self.free(input.taken(), batch) {
                _ if input.is_over() => break batch,
                0 => {
                    // The consumer may be waiting for a deferred task.
                    if let Some(tasks) = self.take_deferred() {
                        return PullOutcome::Tasks(tasks, input);
                    }
                    if can_wait || self.is_in_rayon() {
                        input.wanted = Some(batch);
                    }
                    if !can_wait {
                        return PullOutcome::Later;
                    }
                    input = wait(&self.room, input);
                }
                free => {
                    // The free capacity is divided among all runners.
                    let share = free.div_ceil(self.queues.len());
                    break batch.min(share);
                }
            }
        };
        let was_over = input.is_over();
        // If there is one more input, the call is not done.
        let is_cut_off = !was_over && self.plan.is_cut_off();
        let tasks = match &self.budget {
            _ if is_cut_off => input.pull(1),
            None => input.pull(count),
            Some(budget) => input.pull_while(count, budget.admit()),
        };
        if is_cut_off && tasks.is_some() {
            input.fail(Error::call(ErrorKind::Cancelled));
        }
        if input.is_over() && !was_over {
            self.results.end(input.taken());
            self.room.notify_all();
        }
        // The lock of the input is held until the tasks are in a local queue. Of two
        // runners that look for tasks, one therefore sees what the other took.
        let tasks = tasks.or_else(|| self.steal());
        match tasks.or_else(|| self.take_deferred()) {
            Some(tasks) => PullOutcome::Tasks(tasks, input),
            None => PullOutcome::Over,
        }
    }

    /// Takes a deferred task. It is not deferred again.
    fn take_deferred(&self) -> Option<TaskRun<I::Item>> {
        lock(&self.deferred).pop_front().map(TaskRun::must_run)
    }

    /// Takes a deferred task, if it would no longer block.
    fn take_ready_deferred(&self) -> Option<TaskRun<I::Item>> {
        let (index, arguments) = lock(&self.deferred).pop_front()?;
        match self.would_wait(&arguments) {
            false => Some(TaskRun::must_run((index, arguments))),
            true => {
                lock(&self.deferred).push_back((index, arguments));
                None
            }
        }
    }

    /// Takes a task to be retried. It comes first, since results may wait for it.
    fn take_retry(&self) -> Option<TaskRun<I::Item>> {
        if !self.retries_timeouts() {
            return None;
        }
        let waiting = lock(&self.retries).waiting.pop_front();
        waiting.map(TaskRun::must_run)
    }

    /// Takes half of the waiting tasks of the longest local queue.
    fn steal(&self) -> Option<TaskRun<I::Item>> {
        let fullest = self
            .queues
            .iter()
            .max_by_key(|queue| queue.lock().waiting())?;
        fullest.lock().split()
    }
}
