//! The metadata of a stored result.

use std::fmt;
use std::time::{Duration, SystemTime};

/// The key of one stored result: 128 bits for function, fingerprint and arguments.
/// Displayed as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryKey(pub(crate) u128);

impl EntryKey {
    /// Returns the bits.
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

/// The metadata of a stored result, as `validate` and [`Memory::entries`] see it.
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
    /// Returns the key of the entry.
    pub fn key(&self) -> EntryKey {
        self.key
    }

    /// Returns the name of the function that computed it, including the module path.
    /// Empty if the cache has lost the name.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// Returns when it was stored, by the clock of the process that stored it.
    pub fn created(&self) -> SystemTime {
        self.created
    }

    /// Returns how long ago it was stored.
    ///
    /// If that time is in the future, one of the two clocks is wrong and the age is
    /// unknown. It is then [`Duration::MAX`], which exceeds every limit.
    pub fn age(&self) -> Duration {
        self.created.elapsed().unwrap_or(Duration::MAX)
    }

    /// Returns how long it took to compute, without the time spent in nested memoized
    /// calls. Their results are stored with their own cost.
    pub fn cost(&self) -> Duration {
        self.cost
    }

    /// Returns the size of the stored result in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// Converts microseconds since the Unix epoch to a time.
pub(crate) fn time(micros: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
}

/// Returns the current time in microseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    })
}
