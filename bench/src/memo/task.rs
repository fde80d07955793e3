//! The tasks that a peer does in its own process. They are encoded as command-line
//! arguments, so that peers in other languages can read them too.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{Result, program};

/// What is measured. Each result is in seconds per operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Calls with new arguments, into an initially empty cache.
    Miss,
    /// Calls whose results the same process has stored.
    MemoryHit,
    /// Calls whose results an earlier process has stored, each made once.
    DiskHit,
    /// The first call of a process.
    Open,
    /// Dropping half of the entries.
    Halve,
    /// Computing a key from 100 MB of floating-point numbers.
    Hash,
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) work: Work,
    /// The number of entries that the cache has or receives.
    pub(crate) entries: u64,
    /// When to start, so that several processes work at the same time.
    pub(crate) start: SystemTime,
    /// The first entry to read, so that processes read in different orders.
    pub(crate) first: u64,
}

const NAMES: [(Work, &str); 6] = [
    (Work::Miss, "miss"),
    (Work::MemoryHit, "memory-hit"),
    (Work::DiskHit, "disk-hit"),
    (Work::Open, "open"),
    (Work::Halve, "halve"),
    (Work::Hash, "hash"),
];

impl Task {
    /// Creates a task that starts immediately.
    pub(crate) fn new(work: Work, entries: u64) -> Self {
        Self {
            work,
            entries,
            start: UNIX_EPOCH,
            first: 0,
        }
    }

    /// Parses the arguments that [`Task::args`] returns.
    pub(crate) fn parse(args: &[&str]) -> Result<Self> {
        let &[work, entries, start, first] = args else {
            return Err(format!("expected four arguments of a task, found {args:?}").into());
        };
        Ok(Self {
            work: work.parse()?,
            entries: entries.parse()?,
            start: UNIX_EPOCH + Duration::from_secs_f64(start.parse()?),
            first: first.parse()?,
        })
    }

    /// Returns the task as command-line arguments.
    pub(crate) fn args(&self) -> [String; 4] {
        let start = self.start.duration_since(UNIX_EPOCH).unwrap_or_default();
        [
            self.work.to_string(),
            self.entries.to_string(),
            start.as_secs_f64().to_string(),
            self.first.to_string(),
        ]
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES
            .iter()
            .find(|(work, _)| work == self)
            .map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(word: &str) -> std::result::Result<Self, String> {
        program::work_named(word, &NAMES)
    }
}
