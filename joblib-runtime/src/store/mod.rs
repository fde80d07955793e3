//! The store: results in a directory, as logs that are only appended to and
//! tables over them. It knows ids, sizes, costs and bytes, not what they mean.
//!
//! `docs/format.md` describes the directory byte by byte and argues why a
//! reader never sees a part of an entry.

mod blob;
mod catalog;
mod change_counters;
mod compaction;
mod directory;
mod error;
mod eviction;
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
use std::sync::Arc;
use std::time::Duration;

use memmap2::Mmap;

pub use self::error::Error;
pub use self::handle::{DURABLE, Store};
pub use self::lock::KeyLock;
pub use self::lock_holders::{HolderRecord, HolderStatus};

/// Whether this process was forked off one that had opened a store or run tasks
/// in threads, without an exec since.
pub(crate) fn is_forked() -> bool {
    crate::fork::generation() > 0
}

/// The id of an entry: 128 bits that are spread evenly, as a hash is.
pub type Id = u128;

/// What a record is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RecordKind {
    /// A result; the payload is the encoded value.
    Result = 1,
    /// A description of a function.
    Function = 2,
    /// A result whose payload is in a file of its own.
    External = 3,
    /// The entry with this id is gone.
    Tombstone = 4,
    /// All older entries of a function are gone; of all functions, if it is 0.
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

    /// The kind of a record whose payload is in a file of its own.
    fn external(self) -> RecordKind {
        if self == RecordKind::Function {
            RecordKind::ExternalFunction
        } else {
            RecordKind::External
        }
    }

    /// The kind of a record as if its payload were in the log.
    fn whole(self) -> RecordKind {
        match self {
            RecordKind::External => RecordKind::Result,
            RecordKind::ExternalFunction => RecordKind::Function,
            kind => kind,
        }
    }
}

/// What is stored with a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordMeta {
    /// The function, whatever its source; never 0. All records with one id are
    /// of one function.
    pub function: u64,
    /// The low half of the function's fingerprint.
    pub source: u64,
    /// The low half of the digest of the arguments.
    pub args: u64,
    /// When it was computed by the clock of who did, in microseconds since the
    /// Unix epoch; if it is 0, the store says when it was written. What comes
    /// after what, the store knows by itself.
    pub created: u64,
    /// Nanoseconds the computation took.
    pub cost: u64,
    /// How the payload is encoded; the store only keeps it.
    pub codec: u8,
    /// What the record is for.
    pub kind: RecordKind,
}

/// How much a store may hold; what is `None` is not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in the directory.
    pub bytes: Option<u64>,
    /// Results.
    pub items: Option<u64>,
    /// Age of a result.
    pub age: Option<Duration>,
}

impl Limits {
    fn are_set(&self) -> bool {
        self.bytes.is_some() || self.items.is_some() || self.age.is_some()
    }

    /// Whether one of the limits is zero, so that nothing is ever stored.
    pub fn keep_nothing(&self) -> bool {
        self.bytes == Some(0) || self.items == Some(0) || self.age == Some(Duration::ZERO)
    }
}

/// How a store is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreOptions {
    /// Kept in the background, by whichever process writes.
    pub limits: Limits,
    /// Write nothing; a directory that is not there is an empty store.
    pub read_only: bool,
    /// Accept a directory that others may write to, and let them.
    pub shared: bool,
}

/// An entry that was found whole.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    /// What is stored with the payload.
    pub meta: RecordMeta,
    /// The payload.
    pub payload: Payload,
}

/// Bytes of a record: a part of a mapped file, or a copy.
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
    /// What keeps the bytes where they are, if they are mapped.
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

/// An entry as a list shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: Id,
    /// What is stored with the payload.
    pub meta: RecordMeta,
    /// The bytes it takes on disk.
    pub size: u64,
}

impl Entry {
    /// The entry as if its payload were in the log.
    fn whole(mut self) -> Entry {
        self.meta.kind = self.meta.kind.whole();
        self
    }
}

/// What was dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reduced {
    /// Results.
    pub items: u64,
    /// Bytes given back to the disk.
    pub bytes: u64,
}

/// What a check of everything found.
#[derive(Debug, Default)]
pub struct Verified {
    /// Results that are whole.
    pub entries: u64,
    /// What is not.
    pub damaged: Vec<Error>,
}

/// Payloads above this are files of their own.
const BIG: usize = 64 << 10;

/// A log is sealed at this length, or at this number of records.
const LOG_BYTES: usize = 16 << 20;
const LOG_RECORDS: usize = 64 << 10;

#[cfg(test)]
mod tests;
