//! `#[joblib::parallel]` on processes.

use joblib_runtime::backend::Sequential;
use joblib_runtime::parallel::par;

use super::Peer;
use crate::Result;
use crate::parallel::task;

pub(crate) struct Joblib;

impl Peer for Joblib {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    fn no_ops(&self, count: u64) -> Result<Vec<u64>> {
        let call = par(0..count).map(task::no_op).backend(Sequential);
        Ok(call.try_collect()?)
    }

    fn uneven(&self, count: u64) -> Result<Vec<u64>> {
        let call = par(0..count).map(task::uneven).backend(Sequential);
        Ok(call.try_collect()?)
    }

    fn samples(&self, count: u64, stride: usize, numbers: &[f64]) -> Result<Vec<f64>> {
        let call = par(0..count).map(|_| task::sample(stride, numbers));
        Ok(call.backend(Sequential).try_collect()?)
    }
}
