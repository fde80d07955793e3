//! procspawn's pool. It has no calls over many inputs, so each task is submitted on its
//! own, some of them ahead of the results that are awaited.

use std::collections::VecDeque;

use procspawn::{JoinHandle, Pool};

use super::Peer;
use crate::Result;
use crate::parallel::JOBS;
use crate::parallel::task::{no_op, sample, turn, uneven};
use crate::parallel::task_timeline::Turn;

/// The number of tasks submitted ahead. Each holds descriptors.
const AHEAD: usize = 64;

pub(crate) struct Procspawn {
    pool: Pool,
}

impl Peer for Procspawn {
    fn new() -> Result<Self> {
        let pool = Pool::new(JOBS)?;
        Ok(Self { pool })
    }

    fn no_ops(&self, count: u64) -> Result<Vec<u64>> {
        in_order(count, |n| self.pool.spawn(n, no_op))
    }

    fn uneven(&self, count: u64) -> Result<Vec<u64>> {
        in_order(count, |n| self.pool.spawn(n, uneven))
    }

    fn samples(&self, count: u64, stride: usize, numbers: &[f64]) -> Result<Vec<f64>> {
        in_order(count, |_| {
            let arguments = (stride, numbers.to_vec());
            self.pool
                .spawn(arguments, |(stride, numbers)| sample(stride, &numbers))
        })
    }

    fn turns(&self, count: u64, numbers: &[f64]) -> Result<Vec<Turn>> {
        in_order(count, |_| {
            let numbers = numbers.to_vec();
            self.pool.spawn(numbers, |numbers| turn(&numbers))
        })
    }
}

fn in_order<R>(count: u64, spawn: impl Fn(u64) -> JoinHandle<R>) -> Result<Vec<R>>
where
    R: serde::Serialize + serde::de::DeserializeOwned,
{
    let (mut ahead, mut results) = (VecDeque::new(), Vec::new());
    for n in 0..count {
        if ahead.len() == AHEAD {
            results.extend(ahead.pop_front().map(JoinHandle::join).transpose()?);
        }
        ahead.push_back(spawn(n));
    }
    for handle in ahead {
        results.push(handle.join()?);
    }
    Ok(results)
}
