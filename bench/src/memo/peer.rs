//! The interface of a peer: a memoized function and its optional operations.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Result;

/// A way of memoizing [`compute`], with its cache in the working directory.
pub(crate) trait Peer {
    /// Calls [`compute`], memoized.
    fn call(&self, argument: u64) -> u64;

    /// Makes all stored results visible to later processes.
    fn finish(&self) -> Result {
        Ok(())
    }

    /// Drops entries until `entries` remain.
    fn shrink(&self, entries: u64) -> Result {
        Err(format!("cannot shrink to {entries} entries").into())
    }

    /// Computes a key from numbers.
    fn hash(&self, numbers: &[f64]) -> Result<u128> {
        Err(format!("cannot hash {} numbers", numbers.len()).into())
    }
}

static COMPUTED: AtomicU64 = AtomicU64::new(0);

/// The memoized work. It does almost nothing, so that only memoization is measured.
pub(crate) fn compute(argument: u64) -> u64 {
    COMPUTED.fetch_add(1, Ordering::Relaxed);
    argument.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
}

/// Returns how often [`compute`] actually ran in this process.
pub(crate) fn computed() -> u64 {
    COMPUTED.load(Ordering::Relaxed)
}
