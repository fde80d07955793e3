//! chili's join: splits in halves recursively, down to single tasks.

use std::num::NonZero;

use chili::{Config, Scope, ThreadPool};

use super::Peer;
use crate::Result;

pub(crate) struct Chili {
    pool: ThreadPool,
}

impl Peer for Chili {
    fn new(jobs: usize) -> Result<Self> {
        let pool = ThreadPool::with_config(Config {
            thread_count: NonZero::new(jobs),
            ..Config::default()
        });
        Ok(Self { pool })
    }

    fn map(&self, count: u64, task: impl Fn(u64) -> u64 + Sync) -> Vec<u64> {
        let mut results: Vec<u64> = (0..count).collect();
        halves(&mut self.pool.scope(), &mut results, &task);
        results
    }
}

/// Replaces each input by its result.
fn halves(scope: &mut Scope<'_>, inputs: &mut [u64], task: &(impl Fn(u64) -> u64 + Sync)) {
    match inputs {
        [] => {}
        [input] => *input = task(*input),
        _ => {
            let (left, right) = inputs.split_at_mut(inputs.len() / 2);
            scope.join(
                |scope| halves(scope, left, task),
                |scope| halves(scope, right, task),
            );
        }
    }
}
