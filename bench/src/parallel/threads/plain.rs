//! A plain loop: no threads at all.

use super::Peer;
use crate::Result;

pub(crate) struct Loop;

impl Peer for Loop {
    fn new(_: usize) -> Result<Self> {
        Ok(Self)
    }

    fn map(&self, count: u64, task: impl Fn(u64) -> u64 + Sync) -> Vec<u64> {
        (0..count).map(task).collect()
    }
}
