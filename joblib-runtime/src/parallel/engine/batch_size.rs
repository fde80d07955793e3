//! The adaptive batch size of a runner: large enough to make taking tasks cheap, small
//! enough to keep waiting times short, based on the measured duration of tasks.

use std::time::{Duration, Instant};

use crate::parallel::settings::Batch;

/// The target duration of a batch. Taking a batch from the input costs a fraction of a
/// microsecond.
const TARGET: Duration = Duration::from_micros(40);

/// The maximum growth factor from one batch to the next. The first tasks are often slower
/// than the following ones, but a few fast tasks must not make others wait for a huge
/// batch.
const GROWTH: usize = 8;

/// The maximum number of tasks in an automatic batch.
const MOST: usize = 4096;

/// The maximum number of tasks in a fixed batch, so that an infinite input is not pulled
/// forever before its first task starts.
const MOST_ASKED: usize = 1 << 16;

/// Determines the batch size of one runner.
pub(super) struct BatchSizer {
    batch: Batch,
    size: usize,
    since: Instant,
}

impl BatchSizer {
    pub(super) fn new(batch: Batch) -> Self {
        BatchSizer {
            batch,
            size: 0,
            since: Instant::now(),
        }
    }

    /// Starts measuring a batch.
    pub(super) fn begin(&mut self) {
        self.since = Instant::now();
    }

    /// Ends a batch of `tasks` tasks. Returns its duration.
    pub(super) fn end(&mut self, tasks: usize) -> Duration {
        let spent = self.since.elapsed();
        if tasks == 0 {
            return spent;
        }
        let each = spent.as_nanos() / tasks as u128;
        let fitting = TARGET.as_nanos() / each.max(1);
        let largest = (self.size.max(1) * GROWTH).min(MOST);
        self.size = usize::try_from(fitting).unwrap_or(MOST).clamp(1, largest);
        spent
    }

    /// Returns how many tasks to take if at least `remaining` are left, shared by
    /// `runners`.
    pub(super) fn size(&self, remaining: usize, runners: usize) -> usize {
        match self.batch {
            Batch::Fixed(tasks) => tasks.clamp(1, MOST_ASKED),
            Batch::Auto if remaining == 0 => self.size.max(1),
            Batch::Auto => self
                .size
                .clamp(1, remaining.div_ceil(runners.saturating_mul(2))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizer_after(batches: &[(usize, Duration)]) -> BatchSizer {
        let mut sizer = BatchSizer::new(Batch::Auto);
        for &(tasks, spent) in batches {
            sizer.since = Instant::now() - spent;
            sizer.end(tasks);
        }
        sizer
    }

    #[test]
    fn the_first_batch_is_one_task() {
        assert_eq!(BatchSizer::new(Batch::Auto).size(1000, 2), 1);
    }

    #[test]
    fn batches_of_cheap_tasks_grow_step_by_step() {
        let nothing = Duration::ZERO;
        assert_eq!(sizer_after(&[(1, nothing)]).size(1 << 20, 2), GROWTH);
        let sizer = sizer_after(&[(1, nothing), (GROWTH, nothing)]);
        assert_eq!(sizer.size(1 << 20, 2), GROWTH * GROWTH);
    }

    #[test]
    fn tasks_that_take_long_come_one_by_one() {
        assert_eq!(
            sizer_after(&[(1, Duration::from_millis(1))]).size(1000, 2),
            1
        );
    }

    #[test]
    fn near_the_end_batches_are_small() {
        let nothing = Duration::ZERO;
        let sizer = sizer_after(&[(1, nothing), (8, nothing), (64, nothing)]);
        assert_eq!(sizer.size(8, 2), 2);
    }

    #[test]
    fn a_fixed_batch_is_what_was_asked() {
        let mut sizer = BatchSizer::new(Batch::Fixed(16));
        sizer.end(16);
        assert_eq!(sizer.size(4, 2), 16);
    }
}
