//! Determines the batch size from the measured cost of tasks.

use std::time::Duration;

/// The intended cost of a batch in nanoseconds: large enough to make the cost of
/// handing it out negligible, and short enough that no other worker waits long for its
/// end.
const TARGET: f64 = 250_000.0;

/// Maximum batch size.
const MOST: usize = 1024;

/// An estimate of the typical cost of a task. The few tasks that take much longer than
/// others hardly change it: tasks that wait behind a long one are moved to other
/// workers, and small batches would leave workers without work in between.
#[derive(Debug)]
pub(super) struct CostEstimate {
    /// Nanoseconds per task, once one is measured.
    each: Option<f64>,
    /// The current batch size.
    size: usize,
}

impl CostEstimate {
    pub(super) fn new() -> CostEstimate {
        CostEstimate {
            each: None,
            size: 1,
        }
    }

    /// Records a task that took `nanos`.
    pub(super) fn note(&mut self, nanos: u64) {
        let nanos = (nanos as f64).max(1.0);
        let known = self.each.unwrap_or(nanos);
        // The first tasks of a worker take longer than those after them, so the
        // estimate falls faster than it rises.
        let known = match nanos < known {
            true => known + (nanos - known) / 8.0,
            false => known + (nanos.min(2.0 * known) - known) / 16.0,
        };
        self.each = Some(known);
    }

    /// Adapts the batch size to the estimate, in limited steps.
    pub(super) fn adapt(&mut self) {
        if let Some(each) = self.each {
            self.size = ((TARGET / each) as usize).clamp(1, MOST.min(self.size * 4));
        }
    }

    /// Returns the batch size.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Returns the estimated duration of `tasks` tasks.
    pub(super) fn of(&self, tasks: usize) -> Duration {
        let nanos = self.each.unwrap_or(TARGET) * tasks as f64;
        Duration::from_nanos(nanos as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::{CostEstimate, MOST};

    fn known(costs: impl IntoIterator<Item = u64>) -> CostEstimate {
        let mut cost = CostEstimate::new();
        for nanos in costs {
            cost.note(nanos);
            cost.adapt();
        }
        cost
    }

    #[test]
    fn cheap_tasks_go_many_at_a_time_by_and_by() {
        assert_eq!(known([]).size(), 1);
        assert_eq!(known([100]).size(), 4);
        assert_eq!(known([100; 10]).size(), MOST);
    }

    #[test]
    fn dear_tasks_go_one_at_a_time() {
        assert_eq!(known([10_000_000]).size(), 1);
        let dear_after_cheap = [100; 100].into_iter().chain([10_000_000; 200]);
        assert_eq!(known(dear_after_cheap).size(), 1);
    }

    #[test]
    fn a_few_long_tasks_make_batches_no_smaller() {
        let one_in_a_hundred =
            (0..1_000).map(|task| if task % 100 == 0 { 1_000_000 } else { 1_000 });
        assert!(known(one_in_a_hundred).size() > 200);
    }
}
