//! The runtime of joblib: what the code that joblib's macros generate calls. It contains
//! keys, codecs, the store and memoization, and tasks, worker processes and parallel
//! calls.
//!
//! Use it through the crate `joblib`.

// docs.rs shows which feature each item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
pub mod backend;
mod binary;
#[cfg(all(test, target_os = "linux"))]
#[path = "../tests/child/mod.rs"]
mod child;
#[doc(hidden)]
pub mod codec;
mod compound;
mod credentials;
mod entry;
mod file_size;
mod fork;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
#[cfg(feature = "fuzz")]
mod fuzz_target;
mod guarded_fd;
mod identity_hasher;
#[doc(hidden)]
pub mod key;
#[doc(hidden)]
pub mod memo;
mod outcome;
#[doc(hidden)]
pub mod parallel;
#[doc(hidden)]
pub mod persist;
mod proc;
#[doc(hidden)]
pub mod process;
mod resource_limit;
mod sched;
mod secure_execution;
mod setting;
mod stack;
mod stack_size;
mod standard_error;
#[doc(hidden)]
pub mod store;
#[doc(hidden)]
pub mod task;
#[doc(hidden)]
pub mod transport;
mod type_identity;
mod unordered;
mod unpoisoned;
#[doc(hidden)]
pub mod wire;
mod xxh3;

pub use entry::init;

#[doc(hidden)]
pub mod __private {
    pub use std::boxed::Box;
    pub use std::vec::Vec;

    pub use inventory;

    pub use crate::__joblib_companion as companion;
    pub use crate::__joblib_encoding_of as encoding_of;
    pub use crate::__joblib_unsendable as unsendable;
    pub use crate::codec;
    pub use crate::init;
    pub use crate::key;
    pub use crate::key::select::{Ignored, KeyArguments, UseFn, UseKey, UseReferent};
    pub use crate::memo::{
        ArgsDigest, CacheLocation, Companion, Entry, EntryKey, Fingerprint, ItemLines,
        MemoFunction, MemoMethod, MemoOptions, MemoParts, Memoized, Memory, OpenedFunction,
        Shelved, SourceItem, Stats, accepts, call, call_async, call_memoized,
        call_memoized_keeping, check, dependency, recompute, recompute_async, shelve, shelve_async,
    };
    pub use crate::persist::derive_support as persist;
    pub use crate::{parallel, task, transport, wire};
}
