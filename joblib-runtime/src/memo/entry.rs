//! What is known of a stored result without reading it.

use std::fmt;
use std::time::{Duration, SystemTime};

/// The name of one stored result: function, fingerprint and arguments in 128
/// bits. Shown as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryKey(pub(crate) u128);

impl EntryKey {
    /// The bits.
    pub const fn bits(self) -> u128 {
        self.0
    }
}

impl fmt::Display for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryKey({self})")
    }
}

/// A stored result, as `validate` and [`Memory::entries`] see it.
///
/// [`Memory::entries`]: crate::memo::Memory::entries
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(crate) key: EntryKey,
    pub(crate) function: String,
    pub(crate) created: SystemTime,
    pub(crate) cost: Duration,
    pub(crate) size: u64,
}

impl Entry {
    /// The entry's key.
    pub fn key(&self) -> EntryKey {
        self.key
    }

    /// The name of the function that computed it, its module path included;
    /// empty where the cache no longer knows it.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// When it was stored, by the clock of the process that stored it.
    pub fn created(&self) -> SystemTime {
        self.created
    }

    /// How long ago it was stored.
    ///
    /// Where that seems to lie in the future, a clock was wrong then or is now,
    /// and the age is not known: it is [`Duration::MAX`], past any bound.
    pub fn age(&self) -> Duration {
        self.created.elapsed().unwrap_or(Duration::MAX)
    }

    /// How long it took to compute, without the time that went into results
    /// of other memoized calls inside it: those are stored by themselves, and
    /// what they cost is said there.
    pub fn cost(&self) -> Duration {
        self.cost
    }

    /// The size of the stored result in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// The time `micros` microseconds after the Unix epoch.
pub(crate) fn time(micros: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
}

/// Microseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    })
}
