//! Workers that nobody uses, kept for the next call. A call takes what it
//! needs and brings back what is left of it, so that calls of several threads
//! have workers of their own.

use std::io;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::death::Process;
use super::worker::Worker;

/// Workers that nobody used for so long are ended.
pub(super) const KEPT: Duration = Duration::from_secs(60);

/// How long a worker gets to end by itself.
const GRACE: Duration = Duration::from_millis(100);

struct Idle {
    worker: Worker,
    since: Instant,
}

struct Pool {
    /// The process that started the workers: after a fork, they are not ours.
    owner: u32,
    idle: Vec<Idle>,
}

static POOL: Mutex<Option<Pool>> = Mutex::new(None);

fn lock() -> MutexGuard<'static, Option<Pool>> {
    let mut pool = POOL.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let here = std::process::id();
    if pool.as_ref().is_some_and(|pool| pool.owner != here) {
        std::mem::forget(pool.take());
    }
    pool
}

/// A worker whose libraries use `threads` threads, and whose tasks have a
/// `stack` of that many bytes: an idle one, or a new one.
pub(super) fn take(threads: usize, stack: Option<usize>) -> io::Result<Worker> {
    while let Some(mut worker) = take_idle(threads, stack) {
        if worker.process.ended_within(Duration::ZERO).is_none() {
            return Ok(worker);
        }
    }
    Worker::start(threads, stack)
}

fn take_idle(threads: usize, stack: Option<usize>) -> Option<Worker> {
    let mut pool = lock();
    let idle = &mut pool.as_mut()?.idle;
    // The one used last is the likeliest to be in the caches.
    let place = idle
        .iter()
        .rposition(|idle| idle.worker.threads == threads && idle.worker.stack == stack)?;
    Some(idle.remove(place).worker)
}

/// Keeps a worker that holds no task.
pub(super) fn bring_back(worker: Worker) {
    let mut pool = lock();
    let pool = pool.get_or_insert_with(|| Pool {
        owner: std::process::id(),
        idle: Vec::new(),
    });
    pool.idle.push(Idle {
        worker,
        since: Instant::now(),
    });
}

/// Ends the workers that nobody used for `limit`.
pub(super) fn end_idle(limit: Duration) {
    let ended: Vec<Idle> = match &mut *lock() {
        Some(pool) => pool
            .idle
            .extract_if(.., |idle| idle.since.elapsed() >= limit)
            .collect(),
        None => return,
    };
    end(ended.into_iter().map(|idle| idle.worker));
}

/// Lets workers end by themselves, and then ends them.
pub(super) fn end(workers: impl Iterator<Item = Worker>) {
    // All see the end of their sockets before the first is waited for.
    let processes: Vec<Process> = workers.map(|worker| worker.process).collect();
    for mut process in processes {
        process.ended_within(GRACE);
    }
}
