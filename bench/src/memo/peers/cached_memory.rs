//! `cached` 4.1 in memory, as in the first example of its documentation.

use cached::macros::cached;

use crate::memo::peer::{Peer, compute};

pub(crate) struct CachedMemory;

#[cached]
fn remembered(argument: u64) -> u64 {
    compute(argument)
}

impl Peer for CachedMemory {
    fn call(&self, argument: u64) -> u64 {
        remembered(argument)
    }
}
