//! Parallel calls in threads: the interface of a peer, and the measurement of a work.

mod chili;
mod joblib;
mod pairs;
mod plain;
mod rayon;

pub(crate) use self::chili::Chili;
pub(crate) use self::joblib::Joblib;
pub(crate) use self::plain::Loop;
pub(crate) use self::rayon::Rayon;

use super::JOBS;
use super::stream::{self, Inputs, Outputs};
use super::task::{check, micro, no_op, shortest, timed, uneven};
use super::work::{Load, Work};
use crate::Result;

/// A way of running tasks in threads.
pub(crate) trait Peer: Sized {
    /// Creates the peer with this number of concurrent tasks.
    fn new(jobs: usize) -> Result<Self>;

    /// Runs the task on each number below `count`, in order.
    fn map(&self, count: u64, task: impl Fn(u64) -> u64 + Sync) -> Vec<u64>;

    /// Runs [`no_op`] on each of the inputs, as a stream.
    fn stream(&self, _: Inputs) -> Result<Outputs> {
        Err("streams are not supported".into())
    }
}

/// Returns the numbers that the work measures.
pub(crate) fn measure<P: Peer>(load: &Load) -> Result<Vec<f64>> {
    match load.work {
        Work::NoOps => per_task(&P::new(JOBS)?, load.tasks, no_op),
        Work::OneJob => per_task(&P::new(1)?, load.tasks, no_op),
        Work::Micros => per_task(&P::new(JOBS)?, load.tasks, micro),
        Work::Pairs => pairs::measure(load.tasks),
        Work::Tail => tail(&P::new(JOBS)?, load.tasks),
        Work::SlowConsumer | Work::SlowProducer => {
            let peer = P::new(JOBS)?;
            stream::measure(load, |inputs| peer.stream(inputs))
        }
        _ => Err("this work is not supported in threads".into()),
    }
}

fn per_task(
    peer: &impl Peer,
    tasks: u64,
    task: impl Fn(u64) -> u64 + Sync + Copy,
) -> Result<Vec<f64>> {
    // This starts the threads and allocates the memory before the measurement.
    drop(peer.map(tasks, no_op));
    let (seconds, results) = timed(|| peer.map(tasks, task));
    check(results, (0..tasks).map(task))?;
    Ok(vec![seconds / tasks as f64])
}

fn tail(peer: &impl Peer, tasks: u64) -> Result<Vec<f64>> {
    drop(peer.map(tasks, no_op));
    let (seconds, results) = timed(|| peer.map(tasks, uneven));
    check(results, 0..tasks)?;
    Ok(vec![seconds / shortest(tasks)])
}
