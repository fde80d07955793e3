//! Parallel calls in processes: the interface of a peer, and the measurement of a work.

mod joblib;
mod procspawn;

use std::time::Duration;

pub(crate) use self::joblib::Joblib;
pub(crate) use self::procspawn::Procspawn;

use super::JOBS;
use super::memory::{self, Used};
use super::stream::{self, Inputs, Outputs};
use super::task::{check, no_op, sample, shortest, timed};
use super::task_timeline::{self, Turn};
use super::work::{Load, Work};
use crate::Result;

/// The number of tasks that start all workers.
const WARM: u64 = 1_000;

/// The duration of the later calls with a large array.
const CALLING: Duration = Duration::from_millis(300);

/// The number of tasks of a call whose timeline is recorded.
const TURNS: u64 = 200;

/// The number of `f64` values in a page of memory.
const PAGE: usize = 512;

/// A way of running tasks in separate processes.
pub(crate) trait Peer: Sized {
    /// Creates the peer with [`JOBS`] workers, which may start later.
    fn new() -> Result<Self>;

    /// Runs [`no_op`] on each number below `count`, in order.
    fn no_ops(&self, count: u64) -> Result<Vec<u64>>;

    /// Runs [`uneven`](super::task::uneven) on each number below `count`.
    fn uneven(&self, count: u64) -> Result<Vec<u64>>;

    /// Runs [`sample`] on the numbers, `count` times.
    fn samples(&self, count: u64, stride: usize, numbers: &[f64]) -> Result<Vec<f64>>;

    /// Runs [`turn`](super::task::turn) with the numbers, `count` times, in order.
    fn turns(&self, count: u64, numbers: &[f64]) -> Result<Vec<Turn>>;

    /// Runs [`no_op`] on each of the inputs, as a stream.
    fn stream(&self, _: Inputs) -> Result<Outputs> {
        Err("streams are not supported".into())
    }
}

/// Returns the numbers that the work measures.
pub(crate) fn measure<P: Peer>(load: &Load) -> Result<Vec<f64>> {
    match load.work {
        Work::NoOps => no_ops(&warm::<P>()?, load.tasks),
        Work::Single => single(&warm::<P>()?, load.tasks),
        Work::Cold => cold::<P>(),
        Work::Tail => tail(&warm::<P>()?, load.tasks),
        Work::Shared => shared(&warm::<P>()?, load.tasks),
        Work::Held => held(&warm::<P>()?, load.tasks),
        Work::SlowConsumer | Work::SlowProducer => {
            let peer = warm::<P>()?;
            stream::measure(load, |inputs| peer.stream(inputs))
        }
        _ => Err("this work is not supported in processes".into()),
    }
}

/// Creates a peer and starts its workers.
fn warm<P: Peer>() -> Result<P> {
    let peer = P::new()?;
    peer.no_ops(WARM)?;
    has_workers()?;
    Ok(peer)
}

/// Fails unless there are workers, so that this process is not measured in their place.
fn has_workers() -> Result {
    match memory::workers().len() {
        workers if workers >= JOBS => Ok(()),
        workers => Err(format!("expected {JOBS} workers, found {workers}").into()),
    }
}

fn no_ops(peer: &impl Peer, tasks: u64) -> Result<Vec<f64>> {
    let (seconds, results) = timed(|| peer.no_ops(tasks));
    check(results?, (0..tasks).map(no_op))?;
    Ok(vec![seconds / tasks as f64])
}

fn single(peer: &impl Peer, calls: u64) -> Result<Vec<f64>> {
    let (seconds, results) = timed(|| {
        let mut results = Vec::new();
        for _ in 0..calls {
            results.extend(peer.no_ops(1)?);
        }
        Ok::<_, Box<dyn std::error::Error>>(results)
    });
    check(results?, (0..calls).map(|_| no_op(0)))?;
    Ok(vec![seconds / calls as f64])
}

fn cold<P: Peer>() -> Result<Vec<f64>> {
    let (seconds, results) = timed(|| {
        let peer = P::new()?;
        let results = peer.no_ops(JOBS as u64)?;
        Ok::<_, Box<dyn std::error::Error>>((peer, results))
    });
    let (_peer, results) = results?;
    check(results, (0..JOBS as u64).map(no_op))?;
    has_workers()?;
    Ok(vec![seconds])
}

fn tail(peer: &impl Peer, tasks: u64) -> Result<Vec<f64>> {
    let (seconds, results) = timed(|| peer.uneven(tasks));
    check(results?, 0..tasks)?;
    Ok(vec![seconds / shortest(tasks)])
}

/// Measures a later call with an array that workers have mapped, and the memory while
/// every page is read.
fn held(peer: &impl Peer, numbers: u64) -> Result<Vec<f64>> {
    let numbers = ::joblib::Shared::filled(numbers as usize, |numbers| {
        for (n, number) in numbers.iter_mut().enumerate() {
            *number = n as f64 * 0.1;
        }
    })?;
    let touch = || peer.samples(JOBS as u64, numbers.len(), &numbers);
    touch()?;
    let (mut later, mut calls) = (0.0, 0);
    while calls == 0 || later < CALLING.as_secs_f64() {
        let (seconds, touched) = timed(touch);
        check(touched?, [numbers[0]; JOBS].into_iter())?;
        (later, calls) = (later + seconds, calls + 1);
    }
    let many = 16 * JOBS;
    let (used, sums) = Used::during(|| peer.samples(many as u64, PAGE, &numbers));
    check(sums?, (0..many).map(|_| sample(PAGE, &numbers)))?;
    Ok(vec![later / f64::from(calls), used.all])
}

/// Measures the first call, a later call, the tasks of one call, and the memory while
/// every page is read.
fn shared(peer: &impl Peer, numbers: u64) -> Result<Vec<f64>> {
    let numbers: Vec<f64> = (0..numbers).map(|n| n as f64 * 0.1).collect();
    // Each task reads one number, so that this measures the transfer and not reading.
    let touch = || peer.samples(JOBS as u64, numbers.len(), &numbers);
    let (first, touched) = timed(touch);
    check(touched?, [numbers[0]; JOBS].into_iter())?;

    let (mut later, mut calls) = (0.0, 0);
    while calls == 0 || later < CALLING.as_secs_f64() {
        let (seconds, touched) = timed(touch);
        touched?;
        (later, calls) = (later + seconds, calls + 1);
    }

    let [second, between] = task_timeline::measure(|| peer.turns(TURNS, &numbers))?;

    let many = 16 * JOBS;
    let (used, sums) = Used::during(|| peer.samples(many as u64, PAGE, &numbers));
    check(sums?, (0..many).map(|_| sample(PAGE, &numbers)))?;
    Ok(vec![
        first,
        later / f64::from(calls),
        second,
        between,
        used.all,
        used.workers,
    ])
}
