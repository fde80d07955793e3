//! A call's settings with everything decided, before the first task runs.

use std::time::Duration;

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
    /// Tasks begun and not yet consumed, at most; `None` is not limited.
    pub(crate) window: Option<usize>,
    pub(crate) in_flight_bytes: Option<u64>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    /// How often a task that failed is tried once more.
    pub(crate) retries: u32,
    pub(crate) seed: Option<u64>,
}

impl Plan {
    /// Decides what `settings` leave open.
    ///
    /// # Errors
    ///
    /// A setting is none.
    pub(crate) fn new(settings: &Settings, is_ordered: bool) -> Result<Plan, Error> {
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
            is_ordered,
            batch: settings.batch.unwrap_or_default(),
            window: settings.pre_dispatch,
            in_flight_bytes: settings.in_flight_bytes,
            timeout: settings.timeout,
            deadline: settings.deadline,
            retries: settings.retries,
            seed: settings.seed,
        })
    }
}
