//! A call's settings with everything decided, before the first task runs.

use std::time::{Duration, Instant};

use super::error::{Error, Failure};
use super::settings::{Batch, Settings};

/// How a call runs.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Workers at most; one or more.
    pub(crate) n_jobs: usize,
    /// Whether outcomes come in the order of the input.
    pub(crate) is_ordered: bool,
    pub(crate) batch: Batch,
    /// How far tasks may be ahead of what is consumed; `None` is not limited.
    pub(crate) window: Option<Window>,
    pub(crate) in_flight_bytes: Option<u64>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    /// How often a task that failed is tried once more.
    pub(crate) retries: u32,
    pub(crate) seed: Option<u64>,
}

/// How far tasks may be ahead of what is consumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    /// So many may have begun.
    Tasks(usize),
    /// A few batches for each worker, so by more the cheaper they are.
    Batches,
}

/// What an end wants of the outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// In the order of the input.
    pub(crate) is_ordered: bool,
    /// A few at a time, since they are not kept.
    pub(crate) is_bounded: bool,
}

impl Plan {
    /// Decides what `settings` leave open.
    ///
    /// # Errors
    ///
    /// A setting is none.
    pub(crate) fn new(settings: &Settings, wish: Wish) -> Result<Plan, Error> {
        if settings.n_jobs == Some(0) {
            let message =
                "n_jobs = 0 is no number of workers; write 1 or more, or -1 for all cores";
            return Err(Error::call(Failure::Setting(message.to_owned())));
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let n_jobs = match settings.n_jobs {
            None => cores,
            Some(n) if n > 0 => usize::try_from(n).unwrap_or(usize::MAX),
            Some(n) => usize::try_from(cores as i64 + 1 + n).unwrap_or(1).max(1),
        };
        Ok(Plan {
            n_jobs,
            is_ordered: wish.is_ordered,
            batch: settings.batch.unwrap_or_default(),
            window: match settings.pre_dispatch {
                Some(tasks) => Some(Window::Tasks(tasks)),
                None => wish.is_bounded.then_some(Window::Batches),
            },
            in_flight_bytes: settings.in_flight_bytes,
            timeout: settings.timeout.filter(is_finite),
            deadline: settings.deadline.filter(is_finite),
            retries: settings.retries,
            seed: settings.seed,
        })
    }

    /// Whether a task is nothing but a call.
    pub(crate) fn is_plain(&self) -> bool {
        self.timeout.is_none()
            && self.deadline.is_none()
            && self.retries == 0
            && self.seed.is_none()
    }

    /// Whether somebody must watch the tasks while they run.
    pub(crate) fn is_timed(&self) -> bool {
        self.timeout.is_some() || self.deadline.is_some()
    }

    /// Keeps what is ahead within the limit of bytes, if there is one, at
    /// `each` bytes a task.
    pub(crate) fn weigh(&mut self, each: usize) {
        let Some(bytes) = self.in_flight_bytes else {
            return;
        };
        let fitting = usize::try_from(bytes / each.max(1) as u64).unwrap_or(usize::MAX);
        let tasks = match self.window {
            Some(Window::Tasks(tasks)) => tasks.min(fitting),
            _ => fitting,
        };
        self.window = Some(Window::Tasks(tasks.max(1)));
    }
}

/// Whether a limit ends within what the clock can tell.
fn is_finite(limit: &Duration) -> bool {
    Instant::now().checked_add(*limit).is_some()
}
