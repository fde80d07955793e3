//! The settings of a call. Settings that it leaves open come from the scopes around it
//! and from the environment (see `plan`).

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cancel::CancelToken;
use super::initializer::Initializer;
use super::progress::OnProgress;
use crate::setting::process_options::ProcessOptions;

/// How many tasks a worker takes at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Batch {
    /// Chosen from the measured duration of tasks: large enough to make distribution
    /// cheap, small enough to keep the waiting time short.
    #[default]
    Auto,
    /// A fixed number, whatever the tasks cost.
    Fixed(usize),
}

impl From<usize> for Batch {
    fn from(tasks: usize) -> Self {
        Batch::Fixed(tasks)
    }
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Batch::Auto => f.write_str("auto"),
            Batch::Fixed(tasks) => tasks.fmt(f),
        }
    }
}

/// The settings of a call; `None` is not set.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) n_jobs: Option<i64>,
    pub(crate) batch: Option<Batch>,
    pub(crate) pre_dispatch: Option<usize>,
    pub(crate) in_flight_bytes: Option<u64>,
    pub(crate) stack_size: Option<usize>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) retries: u32,
    pub(crate) seed: Option<u64>,
    pub(crate) progress: Option<Cow<'static, str>>,
    pub(crate) on_progress: Option<OnProgress>,
    pub(crate) verbose: Option<u8>,
    pub(crate) initializer: Option<Initializer>,
    pub(crate) processes: ProcessOptions,
}
