//! The store: results in a directory, as append-only logs with key tables. It handles
//! IDs, sizes, costs and bytes, and leaves their meaning to `memo`.
//!
//! `docs/format.md` describes the directory byte by byte and proves that a reader never
//! sees a partial entry.

mod blob;
mod catalog;
mod change_counters;
mod compaction;
mod directory;
mod error;
mod eviction;
mod faults;
mod fences;
mod fs;
#[cfg(feature = "fuzz")]
pub(crate) mod fuzz;
mod gc;
mod handle;
mod inner;
mod lock;
mod lock_holders;
mod maintenance;
mod record;
mod reopen;
mod segment;
mod table;
mod temp_file;
mod unsynced;
mod writer;

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use memmap2::Mmap;

pub use self::error::Error;
pub use self::handle::{DURABLE, Store};
pub use self::lock::KeyLock;
pub use self::lock_holders::{HolderRecord, HolderStatus};

/// Whether this process is a fork, without an exec since, of one that had opened a
/// store or run tasks in threads.
pub(crate) fn is_forked() -> bool {
    crate::fork::generation() > 0
}

/// The ID of an entry: 128 uniformly distributed bits, such as a hash.
pub type Id = u128;

/// The kind of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RecordKind {
    /// A result; the payload is the encoded value.
    Result = 1,
    /// A description of a function.
    Function = 2,
    /// A result whose payload is in a file of its own.
    External = 3,
    /// Marks the entry with this ID as removed.
    Tombstone = 4,
    /// Marks all older entries of a function as removed; of all functions if it is 0.
    RangeTombstone = 5,
    /// A description of a function whose payload is in a file of its own.
    ExternalFunction = 6,
}

impl RecordKind {
    fn from_byte(byte: u8) -> Option<RecordKind> {
        use RecordKind::*;
        [
            Result,
            Function,
            External,
            Tombstone,
            RangeTombstone,
            ExternalFunction,
        ]
        .into_iter()
        .find(|kind| *kind as u8 == byte)
    }

    fn is_result(self) -> bool {
        matches!(self, RecordKind::Result | RecordKind::External)
    }

    fn is_external(self) -> bool {
        matches!(self, RecordKind::External | RecordKind::ExternalFunction)
    }

    fn is_marker(self) -> bool {
        matches!(self, RecordKind::Tombstone | RecordKind::RangeTombstone)
    }

    /// Returns the kind for a payload in a file of its own.
    fn external(self) -> RecordKind {
        if self == RecordKind::Function {
            RecordKind::ExternalFunction
        } else {
            RecordKind::External
        }
    }

    /// Returns the kind for a payload in the log.
    fn whole(self) -> RecordKind {
        match self {
            RecordKind::External => RecordKind::Result,
            RecordKind::ExternalFunction => RecordKind::Function,
            kind => kind,
        }
    }
}

/// The metadata of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordMeta {
    /// The function, independent of its source; never 0. All records with one ID belong
    /// to one function.
    pub function: u64,
    /// The low half of the function's fingerprint.
    pub source: u64,
    /// The low half of the digest of the arguments.
    pub args: u64,
    /// When it was computed, by the clock of that process, in microseconds since the
    /// Unix epoch; if it is 0, the store sets the time of the write. The order of
    /// records does not depend on it.
    pub created: u64,
    /// The time that the computation took, in nanoseconds.
    pub cost: u64,
    /// The encoding of the payload, which the store does not interpret.
    pub codec: u8,
    /// The kind of the record.
    pub kind: RecordKind,
}

/// The limits of a cache. `None` means unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes on disk.
    pub bytes: Option<u64>,
    /// Number of stored results.
    pub items: Option<u64>,
    /// Age of a stored result.
    pub age: Option<Duration>,
}

/// A plain number is a limit in bytes.
impl From<u64> for Limits {
    fn from(bytes: u64) -> Self {
        Limits {
            bytes: Some(bytes),
            ..Limits::default()
        }
    }
}

impl Limits {
    fn are_set(&self) -> bool {
        self.bytes.is_some() || self.items.is_some() || self.age.is_some()
    }

    /// Whether one of the limits is zero, so that nothing is ever stored.
    pub(crate) fn store_nothing(&self) -> bool {
        self.bytes == Some(0) || self.items == Some(0) || self.age == Some(Duration::ZERO)
    }
}

/// The options of a store.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreOptions {
    /// The limits, enforced in the background by each process that writes.
    pub limits: Limits,
    /// Write nothing; a directory that does not exist is an empty store.
    pub read_only: bool,
    /// Accept a directory that other users may write to, and give them access.
    pub shared: bool,
    /// Called once with the path and the size in bytes of a directory without a limit
    /// that has grown past 5 GiB.
    pub on_large: Option<fn(&Path, u64)>,
}

/// A valid entry.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    /// The metadata.
    pub meta: RecordMeta,
    /// The payload.
    pub payload: Payload,
}

/// The bytes of a record: a range of a mapped file, or a copy.
#[derive(Clone, Debug)]
pub struct Payload(PayloadBytes);

#[derive(Clone, Debug)]
enum PayloadBytes {
    Mapped {
        map: Arc<Mmap>,
        start: usize,
        len: usize,
    },
    Owned(Arc<[u8]>),
}

impl Payload {
    /// Returns the memory map that owns the bytes, if they are mapped.
    pub fn owner(&self) -> Option<Arc<Mmap>> {
        match &self.0 {
            PayloadBytes::Mapped { map, .. } => Some(Arc::clone(map)),
            PayloadBytes::Owned(_) => None,
        }
    }
}

impl Deref for Payload {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            PayloadBytes::Mapped { map, start, len } => &map[*start..*start + *len],
            PayloadBytes::Owned(bytes) => bytes,
        }
    }
}

/// An entry in a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its ID.
    pub id: Id,
    /// The metadata.
    pub meta: RecordMeta,
    /// Its size on disk in bytes.
    pub size: u64,
}

impl Entry {
    /// Returns the entry with the kind for a payload in the log.
    fn whole(mut self) -> Entry {
        self.meta.kind = self.meta.kind.whole();
        self
    }
}

/// What reducing the size of a cache dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reduced {
    /// Results dropped.
    pub items: u64,
    /// Bytes freed on disk.
    pub bytes: u64,
}

/// What verifying a cache found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Number of intact results.
    pub entries: u64,
    /// The damaged entries, each with its file and the kind of damage. Calls treat
    /// damaged entries as missing and compute.
    pub damaged: Vec<String>,
}

/// Payloads above this size are stored in files of their own.
const BIG: usize = 64 << 10;

/// A log is sealed at this length, or at this number of records.
const LOG_BYTES: usize = 16 << 20;
const LOG_RECORDS: usize = 64 << 10;

#[cfg(test)]
mod tests;
