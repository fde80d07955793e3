//! The peers, each in its own file.

mod cached_disk;
mod cached_memory;
mod file_per_entry;
mod memoized;
mod raw_hash;

use super::run;
use super::task::Task;
use crate::Result;
use crate::program::Program;

/// A peer in the comparison.
pub(crate) struct Contestant {
    /// The header of its column.
    pub(crate) title: &'static str,
    pub(crate) program: Program,
    /// The largest number of entries that it can store between processes in reasonable
    /// time. Zero if it stores nothing.
    pub(crate) most_entries: u64,
    pub(crate) in_memory: bool,
    pub(crate) shrinks: bool,
    pub(crate) hashes: bool,
}

/// All peers. The first is joblib.
pub(crate) const CONTESTANTS: &[Contestant] = &[
    Contestant {
        title: "joblib",
        program: Program::Rust("memoized"),
        most_entries: 1_000_000,
        in_memory: true,
        shrinks: true,
        hashes: true,
    },
    Contestant {
        title: "`cached`, memory",
        program: Program::Rust("cached-memory"),
        most_entries: 0,
        in_memory: true,
        shrinks: false,
        hashes: false,
    },
    Contestant {
        title: "`cached`, disk",
        program: Program::Rust("cached-disk"),
        most_entries: 1_000_000,
        in_memory: false,
        shrinks: false,
        hashes: false,
    },
    Contestant {
        title: "file per entry",
        program: Program::Rust("file-per-entry"),
        most_entries: 1_000_000,
        in_memory: false,
        shrinks: true,
        hashes: false,
    },
    Contestant {
        title: "xxh3",
        program: Program::Rust("raw-hash"),
        most_entries: 0,
        in_memory: false,
        shrinks: false,
        hashes: true,
    },
    Contestant {
        title: "joblib (Python)",
        program: Program::Python("joblib_memory.py"),
        most_entries: 1_000,
        in_memory: false,
        shrinks: true,
        hashes: true,
    },
    Contestant {
        title: "diskcache",
        program: Program::Python("disk_cache.py"),
        most_entries: 1_000_000,
        in_memory: false,
        shrinks: true,
        hashes: false,
    },
    Contestant {
        title: "`lru_cache`",
        program: Program::Python("lru_cache.py"),
        most_entries: 0,
        in_memory: true,
        shrinks: false,
        hashes: false,
    },
];

/// Does `task` in this process with the peer called `name`.
pub(crate) fn measure(name: &str, task: &Task) -> Result<f64> {
    match name {
        "memoized" => run::measure(&memoized::Memoized, task),
        "cached-memory" => run::measure(&cached_memory::CachedMemory, task),
        "cached-disk" => run::measure(&cached_disk::CachedDisk, task),
        "file-per-entry" => run::measure(&file_per_entry::FilePerEntry, task),
        "raw-hash" => run::measure(&raw_hash::RawHash, task),
        _ => Err(format!("unknown peer {name:?}").into()),
    }
}
