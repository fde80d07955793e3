//! The summary of a call, printed for `verbose`.

use std::fmt;
use std::time::Duration;

use crate::standard_error;

/// The summary of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The name of the backend.
    pub(crate) backend: &'static str,
    /// The time from the start of the call to its last outcome.
    pub(crate) wall: Duration,
    /// Tasks that ran and failed.
    pub(crate) failed: usize,
    /// Statistics of each worker.
    pub(crate) workers: Vec<WorkerSummary>,
}

/// Statistics of a worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WorkerSummary {
    /// Tasks that it ran.
    pub(crate) tasks: usize,
    /// The time that it spent in tasks.
    pub(crate) busy: Duration,
}

impl WorkerSummary {
    /// Records a task that ran for `time`.
    pub(crate) fn ran(&mut self, time: Duration) {
        self.tasks += 1;
        self.busy += time;
    }
}

impl Summary {
    /// Prints the summary to standard error, if `verbose` is not zero.
    pub(crate) fn print(&self, verbose: u8) {
        if verbose > 0 {
            standard_error::write(self);
        }
    }

    fn tasks(&self) -> usize {
        self.workers.iter().map(|worker| worker.tasks).sum()
    }

    fn busy(&self) -> Duration {
        self.workers.iter().map(|worker| worker.busy).sum()
    }

    /// How many times longer the tasks would take one after another.
    fn speed_up(&self) -> f64 {
        share(self.busy(), self.wall)
    }

    /// The time that all workers together spent outside of tasks.
    fn waited(&self) -> Duration {
        self.in_all().saturating_sub(self.busy())
    }

    /// The wall time multiplied by the number of workers.
    fn in_all(&self) -> Duration {
        let workers = u32::try_from(self.workers.len()).unwrap_or(u32::MAX);
        self.wall.saturating_mul(workers)
    }
}

/// Returns `part / whole`, or zero if `whole` is zero.
fn share(part: Duration, whole: Duration) -> f64 {
    if whole.is_zero() {
        0.0
    } else {
        part.as_secs_f64() / whole.as_secs_f64()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "joblib: {}", Plural(self.tasks(), "task"))?;
        if self.failed > 0 {
            write!(f, " ({} failed)", self.failed)?;
        }
        let workers = Plural(self.workers.len(), "worker");
        let waited = self.waited();
        writeln!(
            f,
            " in {:.2?} by {workers} on {}: {:.2} times as fast as one by one, \
             {waited:.2?} ({:.0} %) lost to waiting",
            self.wall,
            self.backend,
            self.speed_up(),
            100.0 * share(waited, self.in_all()),
        )?;
        if self.workers.len() > 1 {
            self.list(f)?;
        }
        Ok(())
    }
}

impl Summary {
    /// Writes one line for each worker, with aligned numbers.
    fn list(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = width(self.workers.len());
        let most = self.workers.iter().map(|worker| worker.tasks).max();
        let tasks = width(most.unwrap_or(0));
        for (number, worker) in (1..).zip(&self.workers) {
            let noun = if worker.tasks == 1 { "task " } else { "tasks" };
            let busy = 100.0 * share(worker.busy, self.wall);
            let ran = worker.tasks;
            writeln!(
                f,
                "joblib:   worker {number:>names$}  {ran:>tasks$} {noun}  busy {busy:>3.0} %"
            )?;
        }
        Ok(())
    }
}

/// Returns the number of decimal digits.
fn width(number: usize) -> usize {
    number
        .checked_ilog10()
        .map_or(1, |digits| digits as usize + 1)
}

/// A number with a noun in the singular or plural.
struct Plural(usize, &'static str);

impl fmt::Display for Plural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plural(number, noun) = self;
        let plural = if *number == 1 { "" } else { "s" };
        write!(f, "{number} {noun}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker(tasks: usize, busy: u64) -> WorkerSummary {
        WorkerSummary {
            tasks,
            busy: Duration::from_millis(busy),
        }
    }

    fn summary(wall: u64, workers: &[WorkerSummary]) -> Summary {
        Summary {
            backend: "threads",
            wall: Duration::from_millis(wall),
            failed: 0,
            workers: workers.to_vec(),
        }
    }

    #[test]
    fn a_call_by_several_workers_is_summed_up_and_listed() {
        let text = summary(2_000, &[worker(1, 1_900), worker(12, 1_500)]).to_string();
        assert_eq!(
            text,
            "joblib: 13 tasks in 2.00s by 2 workers on threads: \
             1.70 times as fast as one by one, 600.00ms (15 %) lost to waiting\n\
             joblib:   worker 1   1 task   busy  95 %\n\
             joblib:   worker 2  12 tasks  busy  75 %\n"
        );
    }

    #[test]
    fn a_call_by_one_worker_is_one_line() {
        let text = summary(1_000, &[worker(1, 990)]).to_string();
        assert_eq!(
            text,
            "joblib: 1 task in 1.00s by 1 worker on threads: \
             0.99 times as fast as one by one, 10.00ms (1 %) lost to waiting\n"
        );
    }

    #[test]
    fn failures_are_counted() {
        let failed = Summary {
            failed: 2,
            ..summary(1_000, &[worker(10, 1_000)])
        };
        assert!(
            failed
                .to_string()
                .starts_with("joblib: 10 tasks (2 failed) in 1.00s")
        );
    }

    #[test]
    fn a_call_without_tasks_or_time_has_a_summary() {
        let text = summary(0, &[]).to_string();
        assert!(
            text.starts_with("joblib: 0 tasks in 0.00ns by 0 workers"),
            "{text}"
        );
    }

    #[test]
    fn clocks_that_disagree_lose_no_time_to_waiting() {
        let text = summary(1_000, &[worker(1, 1_001)]).to_string();
        assert!(text.contains("0.00ns (0 %) lost"), "{text}");
    }

    #[test]
    fn a_worker_adds_up_what_it_ran() {
        let mut worker = worker(2, 30);
        worker.ran(Duration::from_millis(12));
        assert_eq!((worker.tasks, worker.busy), (3, Duration::from_millis(42)));
    }
}
