//! `#[joblib::memoize]`.

use joblib::{Limits, Memory, memoize};

use crate::Result;
use crate::memo::peer::{Peer, compute};

static CACHE: Memory = Memory::new(".cache");

pub(crate) struct Memoized;

#[memoize(memory = CACHE)]
fn remembered(argument: u64) -> u64 {
    compute(argument)
}

#[memoize(memory = CACHE)]
fn first(numbers: &[f64]) -> Option<f64> {
    numbers.first().copied()
}

impl Peer for Memoized {
    fn call(&self, argument: u64) -> u64 {
        remembered(argument)
    }

    fn shrink(&self, entries: u64) -> Result {
        CACHE.reduce_size(Limits {
            items: Some(entries),
            ..Limits::default()
        })?;
        Ok(())
    }

    fn hash(&self, numbers: &[f64]) -> Result<u128> {
        Ok(first::key(numbers).bits())
    }
}
