//! rayon's parallel iterator, in a pool with the requested number of threads.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Peer;
use crate::Result;

pub(crate) struct Rayon {
    pool: ThreadPool,
}

impl Peer for Rayon {
    fn new(jobs: usize) -> Result<Self> {
        let pool = ThreadPoolBuilder::new().num_threads(jobs).build()?;
        Ok(Self { pool })
    }

    fn map(&self, count: u64, task: impl Fn(u64) -> u64 + Sync) -> Vec<u64> {
        let results = || (0..count).into_par_iter().map(&task).collect();
        self.pool.install(results)
    }
}
