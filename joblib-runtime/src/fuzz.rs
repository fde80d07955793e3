//! What fuzzing runs: the decoders of bytes that others wrote, each as a
//! function of any bytes that panics where a promise is broken. They stand
//! beside the decoders; docs/reliability.md says how to run them.

pub use crate::process::fuzz::RogueParent;
use crate::{codec, memo, parallel, persist, process, store};

/// A decoder to be fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// By which it is asked for.
    pub name: &'static str,
    /// Decodes any bytes, and panics if that is not as promised.
    pub run: fn(&[u8]),
    /// Bytes that mean something, to begin from.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them. The package `joblib-fuzz` has a program for each.
pub const TARGETS: &[Target] = &[
    process::fuzz::TO_PARENT,
    process::fuzz::TO_WORKER,
    parallel::SURROUNDINGS,
    memo::NEWS,
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

/// Decodes `bytes` with the target called `name`.
///
/// # Panics
///
/// There is no such target, or it breaks a promise.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    match target {
        Some(target) => (target.run)(bytes),
        None => panic!("no target is called `{name}`"),
    }
}
