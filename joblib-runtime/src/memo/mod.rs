//! Memoization: combines keys, store, memory tier and single flight to answer calls. It
//! is the only module of the runtime that depends on all of them.

mod answer;
mod audit;
mod buffer;
mod cache;
mod cache_mode;
mod cache_probe;
mod call;
mod companion;
pub mod dependency;
mod diagnostics;
mod digest;
mod encoded_result;
mod entry;
mod equivalence;
mod erased;
mod error;
mod explain;
mod fingerprint;
pub mod flight;
mod foreign_locks;
mod function;
mod function_identity;
mod hit_time;
mod item_lines;
mod lookup;
mod memory;
pub mod memory_cache;
mod memory_function;
mod method;
mod open_caches;
mod opened;
mod predicate;
mod remote_stats;
mod round_trip;
mod self_time;
mod shelved;
mod source_item;
mod stats;

pub use self::audit::finish_audits;
pub(crate) use self::cache_mode::{set_started, started};
pub use self::call::{call, call_async, check, recompute, recompute_async, shelve, shelve_async};
pub use self::companion::{Companion, MemoParts, Memoized, call_memoized, call_memoized_keeping};
pub use self::digest::ArgsDigest;
pub use self::entry::{Entry, EntryKey};
pub use self::error::Error;
pub use self::fingerprint::Fingerprint;
pub use self::function::{CacheLocation, MemoFunction, MemoOptions};
pub use self::item_lines::ItemLines;
pub use self::memory::Memory;
pub use self::method::MemoMethod;
pub use self::opened::OpenedFunction;
pub use self::predicate::accepts;
#[cfg(feature = "fuzz")]
pub(crate) use self::remote_stats::fuzz::REMOTE_STATS;
pub(crate) use self::remote_stats::{
    collect as collect_remote_stats, merge as merge_remote_stats, take as take_remote_stats,
};
pub use self::shelved::Shelved;
pub use self::source_item::SourceItem;
pub use self::stats::Stats;
pub use crate::store::{Limits, Reduced, Verified};
