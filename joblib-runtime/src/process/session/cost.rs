//! How many tasks go to a worker at a time, by what they are measured to
//! cost.

use std::time::Duration;

/// What a batch is to cost: so much more than handing it out that this does
/// not count, and so little that nobody waits for its end.
const TARGET: f64 = 250_000.0;

/// A batch is never larger.
const MOST: usize = 1024;

/// The share of what was known in what is known next.
const MEMORY: f64 = 0.8;

/// What tasks cost, as far as it is known.
#[derive(Debug)]
pub(super) struct Cost {
    /// Nanoseconds a task, once one is measured.
    each: Option<f64>,
    /// How many go at a time for now.
    size: usize,
}

impl Cost {
    pub(super) fn new() -> Cost {
        Cost {
            each: None,
            size: 1,
        }
    }

    /// Takes note of tasks that took so many nanoseconds together.
    pub(super) fn note(&mut self, tasks: u64, nanos: u64) {
        if tasks == 0 {
            return;
        }
        let each = (nanos as f64 / tasks as f64).max(1.0);
        let known = self.each.unwrap_or(each);
        let each = MEMORY * known + (1.0 - MEMORY) * each;
        self.each = Some(each);
        // The first tasks are no good measure, so batches grow by and by.
        self.size = ((TARGET / each) as usize).clamp(1, MOST.min(self.size * 4));
    }

    /// How many tasks go at a time.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// What `tasks` take, as far as it is known.
    pub(super) fn of(&self, tasks: usize) -> Duration {
        let nanos = self.each.unwrap_or(TARGET) * tasks as f64;
        Duration::from_nanos(nanos as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cost, MOST};

    #[test]
    fn cheap_tasks_go_many_at_a_time_by_and_by() {
        let mut cost = Cost::new();
        assert_eq!(cost.size(), 1);
        cost.note(1, 100);
        assert_eq!(cost.size(), 4);
        (0..10).for_each(|_| cost.note(1_000, 100_000));
        assert_eq!(cost.size(), MOST);
    }

    #[test]
    fn dear_tasks_go_one_at_a_time() {
        let mut cost = Cost::new();
        (0..20).for_each(|_| cost.note(1_000, 100_000));
        (0..40).for_each(|_| cost.note(1, 10_000_000));
        assert_eq!(cost.size(), 1);
    }
}
