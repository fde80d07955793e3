//! `joblib::par` on threads.

use joblib::backend::Threads;
use joblib::par;

use super::Peer;
use crate::Result;
use crate::parallel::stream::{Inputs, Outputs};
use crate::parallel::task::no_op;

pub(crate) struct Joblib {
    jobs: usize,
}

impl Peer for Joblib {
    fn new(jobs: usize) -> Result<Self> {
        Ok(Self { jobs })
    }

    fn map(&self, count: u64, task: impl Fn(u64) -> u64 + Sync) -> Vec<u64> {
        let call = par(0..count).map(task).backend(Threads);
        call.n_jobs(self.jobs).collect()
    }

    fn stream(&self, inputs: Inputs) -> Result<Outputs> {
        let call = par(inputs).map(no_op).backend(Threads);
        Ok(Box::new(call.n_jobs(self.jobs).stream()))
    }
}
