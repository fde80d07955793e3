//! How many tasks a runner takes at a time: as many as make taking them cheap
//! and keep the others waiting short, by what tasks were measured to cost.

use std::time::{Duration, Instant};

use crate::parallel::settings::Batch;

/// Work between two visits to the input. A visit costs a fraction of a
/// microsecond.
const TARGET: Duration = Duration::from_micros(40);

/// How much a batch may grow at a time: the first tasks of all often cost more
/// than those after them, but a few that cost less must not make many wait.
const GROWTH: usize = 8;

/// The most tasks in a batch.
const MOST: usize = 4096;

/// The most that a call can ask for: whatever it says, an input that does not
/// end is not pulled to its end before the first of its tasks begins.
const MOST_ASKED: usize = 1 << 16;

/// One runner's measure of what tasks cost.
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

    /// Begins a batch.
    pub(super) fn begin(&mut self) {
        self.since = Instant::now();
    }

    /// Ends a batch in which `tasks` were done; how long that took.
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

    /// How many tasks to take of at least `remaining`, with `runners` to
    /// share them.
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

    fn paced(batches: &[(usize, Duration)]) -> BatchSizer {
        let mut pace = BatchSizer::new(Batch::Auto);
        for &(tasks, spent) in batches {
            pace.since = Instant::now() - spent;
            pace.end(tasks);
        }
        pace
    }

    #[test]
    fn the_first_batch_is_one_task() {
        assert_eq!(BatchSizer::new(Batch::Auto).size(1000, 2), 1);
    }

    #[test]
    fn batches_of_cheap_tasks_grow_step_by_step() {
        let nothing = Duration::ZERO;
        assert_eq!(paced(&[(1, nothing)]).size(1 << 20, 2), GROWTH);
        let pace = paced(&[(1, nothing), (GROWTH, nothing)]);
        assert_eq!(pace.size(1 << 20, 2), GROWTH * GROWTH);
    }

    #[test]
    fn tasks_that_take_long_come_one_by_one() {
        assert_eq!(paced(&[(1, Duration::from_millis(1))]).size(1000, 2), 1);
    }

    #[test]
    fn near_the_end_batches_are_small() {
        let nothing = Duration::ZERO;
        let pace = paced(&[(1, nothing), (8, nothing), (64, nothing)]);
        assert_eq!(pace.size(8, 2), 2);
    }

    #[test]
    fn a_fixed_batch_is_what_was_asked() {
        let mut pace = BatchSizer::new(Batch::Fixed(16));
        pace.end(16);
        assert_eq!(pace.size(4, 2), 16);
    }
}
