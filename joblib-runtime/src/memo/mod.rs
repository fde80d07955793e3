//! Memoization: joins keys, store, memory and single flight into the way of a
//! call. The only part of the runtime that knows them all.

mod answer;
mod audit;
mod buffer;
mod cache;
mod call;
mod closure;
mod companion;
mod condition;
pub mod dependency;
mod digest;
mod elsewhere;
mod entry;
mod erased;
mod error;
mod explain;
mod fingerprint;
pub mod flight;
mod identity;
mod item_lines;
mod look;
mod memory;
mod method;
mod news;
mod opened;
mod own;
mod proof;
mod reached;
mod report;
mod sameness;
mod shelved;
mod site;
mod standing;
mod stats;
pub mod stored;
pub mod tier;
mod wanted;

pub use self::audit::finish_audits;
pub use self::call::{call, call_async, check, recompute, recompute_async, shelve, shelve_async};
pub use self::companion::{Companion, Memoized};
pub use self::condition::accepts;
pub use self::digest::Digest;
pub use self::entry::{Entry, EntryKey};
pub use self::error::Error;
pub use self::fingerprint::Fingerprint;
pub use self::item_lines::ItemLines;
pub use self::memory::{Limits, Memory, Reduced, Verified};
pub use self::method::Method;
#[cfg(feature = "fuzz")]
pub(crate) use self::news::fuzz::NEWS;
pub(crate) use self::news::{absorb as absorb_news, expect as expect_news, take as take_news};
pub use self::reached::Reached;
pub use self::shelved::Shelved;
pub use self::site::{Options, Place, Site};
pub use self::stats::Stats;
