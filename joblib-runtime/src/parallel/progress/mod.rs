//! Progress reports of a call: progress bars and callbacks.

mod callback;
mod callback_queue;
mod tracker;

#[cfg(feature = "progress")]
mod bar;
#[cfg(not(feature = "progress"))]
#[path = "bar_disabled.rs"]
mod bar;

use std::time::Duration;

pub(crate) use self::bar::disable;
pub(crate) use self::callback::OnProgress;
pub(crate) use self::tracker::{ProgressTracker, total};

/// The progress of a call, reported each time one of its tasks finishes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Tasks that have finished, successfully or not.
    pub done: usize,
    /// Tasks that have failed.
    pub failed: usize,
    /// All tasks, if the input knows its length.
    pub total: Option<usize>,
    /// The time since the call started.
    pub elapsed: Duration,
}

impl Progress {
    /// Returns the tasks per second so far.
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 {
            self.done as f64 / seconds
        } else {
            0.0
        }
    }

    /// Returns the estimated remaining time, or `None` if the number of tasks is not
    /// known or none is done.
    pub fn remaining(&self) -> Option<Duration> {
        let rest = self.total?.saturating_sub(self.done);
        let each = self.elapsed.as_secs_f64() / self.done as f64;
        Duration::try_from_secs_f64(rest as f64 * each).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(done: usize, total: Option<usize>) -> Progress {
        Progress {
            done,
            failed: 0,
            total,
            elapsed: Duration::from_secs(2),
        }
    }

    #[test]
    fn the_rest_takes_as_long_for_each_as_what_is_done() {
        let half = progress(4, Some(10));
        assert_eq!(half.rate(), 2.0);
        assert_eq!(half.remaining(), Some(Duration::from_secs(3)));
        assert_eq!(progress(10, Some(10)).remaining(), Some(Duration::ZERO));
    }

    #[test]
    fn without_a_total_or_a_first_task_the_rest_is_not_known() {
        assert_eq!(progress(4, None).remaining(), None);
        assert_eq!(progress(0, Some(10)).remaining(), None);
    }
}
