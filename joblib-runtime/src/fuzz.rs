//! Fuzz targets: functions that decode arbitrary bytes and panic if a guarantee is
//! broken. Each is defined next to its decoder. docs/reliability.md describes how to run
//! them.

pub use crate::fuzz_target::Target;
pub use crate::process::fuzz::RogueParent;
use crate::{codec, memo, parallel, persist, process, store};

/// All targets. The package `joblib-fuzz` has a program for each.
pub const TARGETS: &[Target] = &[
    process::fuzz::TO_PARENT,
    process::fuzz::TO_WORKER,
    parallel::CALL_CONTEXT,
    memo::REMOTE_STATS,
    codec::fuzz::CODEC,
    store::fuzz::RECORD,
    store::fuzz::TABLE,
    persist::fuzz::SMALL,
    persist::fuzz::FILE,
    persist::fuzz::OPEN,
    persist::fuzz::SCHEMA,
    persist::fuzz::DESCRIBED,
    persist::fuzz::BLOCK,
];

/// Runs the target called `name` on `bytes`.
///
/// # Panics
///
/// Panics if the target does not exist, or if it detects a broken guarantee.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    match target {
        Some(target) => (target.run)(bytes),
        None => panic!("unknown fuzz target `{name}`"),
    }
}
