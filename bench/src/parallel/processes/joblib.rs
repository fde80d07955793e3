//! `#[joblib::parallel]` on processes.

use joblib::backend::Processes;

use super::Peer;
use crate::Result;
use crate::parallel::JOBS;
use crate::parallel::stream::{Inputs, Outputs};
use crate::parallel::task;
use crate::parallel::task_timeline::Turn;

pub(crate) struct Joblib;

#[joblib::parallel]
fn no_op(argument: u64) -> u64 {
    task::no_op(argument)
}

#[joblib::parallel]
fn uneven(task: u64) -> u64 {
    task::uneven(task)
}

#[joblib::parallel(shared(stride, numbers))]
fn one_sample(_task: u64, stride: usize, numbers: &[f64]) -> f64 {
    task::sample(stride, numbers)
}

#[joblib::parallel(shared(numbers))]
fn turn(_task: u64, numbers: &[f64]) -> Turn {
    task::turn(numbers)
}

impl Peer for Joblib {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    fn no_ops(&self, count: u64) -> Result<Vec<u64>> {
        let call = no_op::par(0..count).backend(Processes);
        Ok(call.n_jobs(JOBS).try_collect()?)
    }

    fn uneven(&self, count: u64) -> Result<Vec<u64>> {
        let call = uneven::par(0..count).backend(Processes);
        Ok(call.n_jobs(JOBS).try_collect()?)
    }

    fn samples(&self, count: u64, stride: usize, numbers: &[f64]) -> Result<Vec<f64>> {
        let call = one_sample::par(0..count, stride, numbers).backend(Processes);
        Ok(call.n_jobs(JOBS).try_collect()?)
    }

    fn turns(&self, count: u64, numbers: &[f64]) -> Result<Vec<Turn>> {
        let call = turn::par(0..count, numbers).backend(Processes);
        Ok(call.n_jobs(JOBS).try_collect()?)
    }

    fn stream(&self, inputs: Inputs) -> Result<Outputs> {
        let call = no_op::par(inputs).backend(Processes);
        Ok(Box::new(call.n_jobs(JOBS).stream()))
    }
}
