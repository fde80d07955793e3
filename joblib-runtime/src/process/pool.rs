//! Workers that nobody uses, kept for the next call. A call takes what it
//! needs and brings back what is left of it, so that calls of several threads
//! have workers of their own.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::reaper;
use super::worker::{Worker, WorkerSetup};
use crate::fork::PerProcess;

/// Workers that nobody used for so long are ended.
pub(super) const KEPT: Duration = Duration::from_secs(60);

struct IdleWorker {
    worker: Worker,
    since: Instant,
}

/// After a fork, the workers are the parent's.
static POOL: PerProcess<Mutex<Vec<IdleWorker>>> = PerProcess::new(|| Mutex::new(Vec::new()));

fn lock() -> MutexGuard<'static, Vec<IdleWorker>> {
    let pool = POOL.get().lock();
    pool.unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A worker of that setup: an idle one, or a new one. Idle ones that inherited something
/// else are let go.
pub(super) fn take(setup: WorkerSetup) -> io::Result<Worker> {
    let is_another = |idle: &mut IdleWorker| idle.worker.setup.inherited != setup.inherited;
    let others: Vec<IdleWorker> = lock().extract_if(.., is_another).collect();
    let_go(others);
    while let Some(mut worker) = take_idle(setup) {
        if !worker.is_whole() {
            reaper::let_go(worker);
        } else if worker.process.ended_within(Duration::ZERO).is_none() {
            return Ok(worker);
        }
    }
    let worker = Worker::start(setup)?;
    end_at_exit();
    Ok(worker)
}

fn take_idle(setup: WorkerSetup) -> Option<Worker> {
    let mut pool = lock();
    // The one used last is the likeliest to be in the caches.
    let place = pool.iter().rposition(|idle| idle.worker.setup == setup)?;
    Some(pool.remove(place).worker)
}

/// Keeps a worker that holds no task.
pub(super) fn bring_back(worker: Worker) {
    lock().push(IdleWorker {
        worker,
        since: Instant::now(),
    });
}

/// Lets the workers go that nobody used for `limit`.
pub(super) fn end_idle(limit: Duration) {
    let is_old = |idle: &mut IdleWorker| idle.since.elapsed() >= limit;
    let old: Vec<IdleWorker> = lock().extract_if(.., is_old).collect();
    let_go(old);
}

fn let_go(idle: Vec<IdleWorker>) {
    for IdleWorker { worker, .. } in idle {
        reaper::let_go(worker);
    }
}

/// Has workers that hold no task end, by themselves where they can, when the program does.
fn end_at_exit() {
    static IS_REGISTERED: AtomicBool = AtomicBool::new(false);
    extern "C" fn at_exit() {
        end_all();
    }
    if !IS_REGISTERED.swap(true, Ordering::Relaxed) {
        // SAFETY: the function stays, and does not unwind: it only waits.
        unsafe { libc::atexit(at_exit) };
    }
}

/// Ends all idle workers, and waits for them.
pub(super) fn end_all() {
    end_idle(Duration::ZERO);
    reaper::wait();
}
