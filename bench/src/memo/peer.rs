//! What a peer is: a function that remembers, and whatever else it can do.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Result;

/// A way of remembering [`compute`], with its cache in the working directory.
pub(crate) trait Peer {
    /// [`compute`], remembered.
    fn call(&self, argument: u64) -> u64;

    /// Makes everything remembered so far visible to later processes.
    fn finish(&self) -> Result {
        Ok(())
    }

    /// Drops entries until `entries` are left.
    fn shrink(&self, entries: u64) -> Result {
        Err(format!("cannot shrink to {entries} entries").into())
    }

    /// Makes a key from numbers.
    fn hash(&self, numbers: &[f64]) -> Result<u128> {
        Err(format!("cannot hash {} numbers", numbers.len()).into())
    }
}

static COMPUTED: AtomicU64 = AtomicU64::new(0);

/// The work that is remembered: next to none, so that only remembering counts.
pub(crate) fn compute(argument: u64) -> u64 {
    COMPUTED.fetch_add(1, Ordering::Relaxed);
    argument.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
}

/// How often [`compute`] was really called in this process.
pub(crate) fn computed() -> u64 {
    COMPUTED.load(Ordering::Relaxed)
}
