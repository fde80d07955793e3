//! The background thread for audits whose arguments can be kept.
//!
//! It runs one audit after another and ends after being idle for a while. The process
//! waits for it at exit, for a limited time.

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, Once};
use std::time::{Duration, Instant};

use crate::credentials::Credentials;
use crate::memo::diagnostics;
use crate::store;
use crate::unpoisoned::{lock, unpoisoned};

/// An audit.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// The capacity of the queue. Each job holds its arguments, so when the queue is full,
/// calls run their audits themselves.
const CAPACITY: usize = 32;

/// How long the thread waits for a job before it ends.
const IDLE: Duration = Duration::from_secs(10);

/// How long the end of the process waits for pending audits.
const PATIENCE: Duration = Duration::from_secs(10);

struct AuditQueue {
    jobs: VecDeque<Job>,
    /// The credentials of the background thread, if there is one.
    worker: Option<Credentials>,
    is_busy: bool,
}

static QUEUE: Mutex<AuditQueue> = Mutex::new(AuditQueue {
    jobs: VecDeque::new(),
    worker: None,
    is_busy: false,
});

/// Notified when a job is queued.
static QUEUED: Condvar = Condvar::new();

/// Notified when no job is left.
static FINISHED: Condvar = Condvar::new();

fn queue() -> MutexGuard<'static, AuditQueue> {
    // The queue is consistent between two statements.
    lock(&QUEUE)
}

thread_local! {
    // Without a destructor, so that `atexit` handlers can still read it.
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Queues the job, or returns it if the caller has to run it.
///
/// The caller runs it in a task of a parallel call, which is in the background already
/// and whose effects belong to it; in a forked child, which has no background thread;
/// and if the credentials of the caller and the background thread differ, because the
/// function would run with the wrong permissions.
pub(super) fn push(job: Job) -> Result<(), Job> {
    if store::is_forked() || crate::process::current_task().is_some() {
        return Err(job);
    }
    let mut queue = queue();
    let may_run = match queue.worker {
        Some(credentials) => credentials == Credentials::of_current_thread(),
        None => spawn(&mut queue),
    };
    if queue.jobs.len() >= CAPACITY || !may_run {
        return Err(job);
    }
    queue.jobs.push_back(job);
    drop(queue);
    QUEUED.notify_one();
    Ok(())
}

fn spawn(queue: &mut AuditQueue) -> bool {
    static AT_EXIT: Once = Once::new();
    AT_EXIT.call_once(|| {
        extern "C" fn at_exit() {
            wait_at_exit();
        }
        // SAFETY: the function lives as long as the program and does not unwind: it
        // only waits and writes a line.
        unsafe { libc::atexit(at_exit) };
    });
    let thread = std::thread::Builder::new().name("joblib-audit".to_owned());
    let is_spawned = thread.spawn(work).is_ok();
    queue.worker = is_spawned.then(Credentials::of_current_thread);
    is_spawned
}

fn work() {
    IS_WORKER.set(true);
    let mut queue = self::queue();
    loop {
        if let Some(job) = queue.jobs.pop_front() {
            queue.is_busy = true;
            drop(queue);
            // A panic while a value is encoded does not end the thread.
            let _ = catch_unwind(AssertUnwindSafe(job));
            queue = self::queue();
            queue.is_busy = false;
            continue;
        }
        FINISHED.notify_all();
        let waited = QUEUED.wait_timeout_while(queue, IDLE, |queue| queue.jobs.is_empty());
        let (after, timeout) = unpoisoned(waited);
        queue = after;
        if timeout.timed_out() {
            queue.worker = None;
            return;
        }
    }
}

/// Waits until all pending audits are done: then [`Stats`] count them and all
/// differences have been reported. Calls made by other threads in the meantime may
/// start more audits.
///
/// Audits run in the background if the function takes its arguments by value and they
/// are numbers, texts, or vectors, options, boxes and tuples of these. All other audits
/// run before their call returns. A process that ends waits ten seconds for its audits,
/// and warns if that was not enough.
///
/// [`Stats`]: crate::memo::Stats
///
/// # Example
///
/// ```
/// # use joblib_runtime::memo as joblib;
/// joblib::finish_audits();
/// ```
pub fn finish() {
    wait(None);
}

/// Waits until no audit is left. If that takes longer than `patience`, returns the
/// number of audits left.
fn wait(patience: Option<Duration>) -> usize {
    if store::is_forked() {
        return 0;
    }
    let until = patience.map(|patience| Instant::now() + patience);
    let mut queue = queue();
    while queue.is_busy || !queue.jobs.is_empty() {
        // An audit that waited for itself would never end.
        if IS_WORKER.get() {
            return 0;
        }
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return queue.jobs.len() + usize::from(queue.is_busy);
        }
        let slice = left.unwrap_or(IDLE);
        let waited = FINISHED.wait_timeout(queue, slice);
        queue = unpoisoned(waited).0;
    }
    0
}

fn wait_at_exit() {
    let left = wait(Some(PATIENCE));
    if left > 0 {
        diagnostics::warn(format_args!(
            "{left} audits were not finished when the process ended; audit a smaller share of the \
             hits, or call `joblib::finish_audits()` before the process ends"
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    // One test, because all tests would share the queue.
    #[test]
    fn jobs_are_done_one_after_another_and_a_panic_ends_only_its_own() {
        let (sender, receiver) = mpsc::channel::<()>();
        let waits = move || assert!(receiver.recv().is_err());
        assert!(push(Box::new(waits)).is_ok());
        assert!(push(Box::new(|| panic!("panic of the test"))).is_ok());
        let is_given_back = || {
            // SAFETY: the call affects this thread only.
            unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
            push(Box::new(|| panic!("run with more permissions"))).is_err()
        };
        let limited = std::thread::spawn(is_given_back).join();
        assert!(
            limited.unwrap(),
            "a job was queued for a thread with more permissions than its caller"
        );
        let (done, was_done) = mpsc::channel();
        let waits = move || assert!(done.send(wait(None)).is_ok());
        assert!(push(Box::new(waits)).is_ok());
        assert_eq!(wait(Some(Duration::from_millis(20))), 3);
        let more: Vec<bool> = (0..CAPACITY)
            .map(|_| push(Box::new(|| ())).is_ok())
            .collect();
        assert!(more[0] && !more[CAPACITY - 1], "a full queue returns jobs");
        drop(sender);
        finish();
        assert_eq!(was_done.recv(), Ok(0), "a job waited for itself");
        assert_eq!(wait(Some(Duration::ZERO)), 0);
    }
}
