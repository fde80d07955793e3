//! Idle workers, stored for the next call. A call takes the workers that it needs and
//! returns those that remain, so that calls of several threads use separate workers.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::reaper;
use super::worker::{Worker, WorkerSetup};
use crate::fork::PerProcess;
use crate::unpoisoned::lock;

/// Workers that were idle for this long are ended.
pub(super) const IDLE_LIMIT: Duration = Duration::from_secs(60);

struct IdleWorker {
    worker: Worker,
    since: Instant,
}

/// It is per process: after a fork, the workers belong to the parent.
static POOL: PerProcess<Mutex<Vec<IdleWorker>>> = PerProcess::new(|| Mutex::new(Vec::new()));

fn pool() -> MutexGuard<'static, Vec<IdleWorker>> {
    lock(POOL.get())
}

/// Returns an idle worker with this setup, or starts a new one. Idle workers that
/// inherited a different state are ended.
pub(super) fn take(setup: WorkerSetup) -> io::Result<Worker> {
    let is_another = |idle: &mut IdleWorker| idle.worker.setup.inherited != setup.inherited;
    let others: Vec<IdleWorker> = pool().extract_if(.., is_another).collect();
    retire_all(others);
    while let Some(mut worker) = take_idle(setup) {
        if !worker.is_whole() {
            reaper::retire(worker);
        } else if worker.process.ended_within(Duration::ZERO).is_none() {
            return Ok(worker);
        }
    }
    let worker = Worker::start(setup)?;
    end_at_exit();
    Ok(worker)
}

fn take_idle(setup: WorkerSetup) -> Option<Worker> {
    let mut pool = pool();
    // The data of the most recently used worker is the most likely to be cached.
    let place = pool.iter().rposition(|idle| idle.worker.setup == setup)?;
    Some(pool.remove(place).worker)
}

/// Returns a worker without tasks to the pool.
pub(super) fn return_worker(worker: Worker) {
    pool().push(IdleWorker {
        worker,
        since: Instant::now(),
    });
}

/// Ends the workers that were idle for at least `limit`.
pub(super) fn end_idle(limit: Duration) {
    let is_old = |idle: &mut IdleWorker| idle.since.elapsed() >= limit;
    let old: Vec<IdleWorker> = pool().extract_if(.., is_old).collect();
    retire_all(old);
}

fn retire_all(idle: Vec<IdleWorker>) {
    for IdleWorker { worker, .. } in idle {
        reaper::retire(worker);
    }
}

/// Makes idle workers end when the program exits, with time to exit by themselves.
fn end_at_exit() {
    static IS_REGISTERED: AtomicBool = AtomicBool::new(false);
    extern "C" fn at_exit() {
        end_all();
    }
    if !IS_REGISTERED.swap(true, Ordering::Relaxed) {
        // SAFETY: the function lives as long as the program and does not unwind: it
        // only waits.
        unsafe { libc::atexit(at_exit) };
    }
}

/// Ends all idle workers and waits for them.
pub(super) fn end_all() {
    end_idle(Duration::ZERO);
    reaper::wait();
}
