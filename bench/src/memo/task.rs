//! What can be asked of a peer in a process of its own, as words on a command
//! line, so that peers in other languages understand it too.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Result;

/// What is measured; each answers with seconds per operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Calls with new arguments, into a cache that is empty at first.
    Miss,
    /// Calls answered before in the same process.
    MemoryHit,
    /// Calls answered by an earlier process, each asked for once.
    DiskHit,
    /// The first call of a process.
    Open,
    /// Dropping half of the entries.
    Halve,
    /// Making a key from 100 MB of floating-point numbers.
    Hash,
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) work: Work,
    /// How many entries the cache has, or shall have.
    pub(crate) entries: u64,
    /// When to begin, so that several processes work at the same time.
    pub(crate) start: SystemTime,
    /// Where in the entries to begin, so that processes ask in another order.
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
    /// A task that begins at once.
    pub(crate) fn new(work: Work, entries: u64) -> Self {
        Self {
            work,
            entries,
            start: UNIX_EPOCH,
            first: 0,
        }
    }

    /// Reads what [`Task::words`] wrote.
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let &[work, entries, start, first] = words else {
            return Err(format!("a task has four words, not {words:?}").into());
        };
        Ok(Self {
            work: work.parse()?,
            entries: entries.parse()?,
            start: UNIX_EPOCH + Duration::from_secs_f64(start.parse()?),
            first: first.parse()?,
        })
    }

    /// The task as words of a command line.
    pub(crate) fn words(&self) -> [String; 4] {
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
        let found = NAMES.iter().find(|(_, name)| *name == word);
        found
            .map(|(work, _)| *work)
            .ok_or_else(|| format!("no such work: {word:?}"))
    }
}
