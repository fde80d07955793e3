//! Audits whose arguments can be kept are computed by a thread of their own,
//! one after another. It ends when it has had nothing to do for a while, and
//! the process waits a little for it at its end.

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

use super::super::diagnostics;
use crate::credentials::Credentials;
use crate::store;

/// An audit.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// Where so many wait, each with its arguments, calls compute theirs at once.
const MOST: usize = 32;

/// How long the thread stays without work.
const IDLE: Duration = Duration::from_secs(10);

/// How long the end of the process is put off for audits under way.
const PATIENCE: Duration = Duration::from_secs(10);

struct AuditQueue {
    jobs: VecDeque<Job>,
    /// What the thread that works may do, if there is one.
    worker: Option<Credentials>,
    is_busy: bool,
}

static QUEUE: Mutex<AuditQueue> = Mutex::new(AuditQueue {
    jobs: VecDeque::new(),
    worker: None,
    is_busy: false,
});

/// A job came.
static CAME: Condvar = Condvar::new();

/// There is none left.
static EMPTY: Condvar = Condvar::new();

fn queue() -> MutexGuard<'static, AuditQueue> {
    // It is whole between two statements.
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    // It has no destructor, so that the end of a process finds it.
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Has the job done later; gives it back if it is to be done at once. A task of
/// a parallel call is such a job already, and ends with what it did; a child
/// after a fork has no thread; and one that may do something else than the thread
/// would have its function do what it may not.
pub(super) fn push(job: Job) -> Result<(), Job> {
    if store::is_forked() || crate::process::running().is_some() {
        return Err(job);
    }
    let mut queue = queue();
    let is_right = match queue.worker {
        Some(rights) => rights == Credentials::here(),
        None => spawn(&mut queue),
    };
    if queue.jobs.len() >= MOST || !is_right {
        return Err(job);
    }
    queue.jobs.push_back(job);
    drop(queue);
    CAME.notify_one();
    Ok(())
}

fn spawn(queue: &mut AuditQueue) -> bool {
    static AT_EXIT: Once = Once::new();
    AT_EXIT.call_once(|| {
        extern "C" fn at_exit() {
            wait_at_exit();
        }
        // SAFETY: the function stays, and does not unwind: it only waits and
        // writes a line.
        unsafe { libc::atexit(at_exit) };
    });
    let thread = std::thread::Builder::new().name("joblib-audit".to_owned());
    let is_spawned = thread.spawn(work).is_ok();
    queue.worker = is_spawned.then(Credentials::here);
    is_spawned
}

fn work() {
    IS_WORKER.set(true);
    let mut queue = self::queue();
    loop {
        if let Some(job) = queue.jobs.pop_front() {
            queue.is_busy = true;
            drop(queue);
            // The thread outlives whatever a value does when it is encoded.
            let _ = catch_unwind(AssertUnwindSafe(job));
            queue = self::queue();
            queue.is_busy = false;
            continue;
        }
        EMPTY.notify_all();
        let waited = CAME.wait_timeout_while(queue, IDLE, |queue| queue.jobs.is_empty());
        let (after, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        queue = after;
        if timeout.timed_out() {
            queue.worker = None;
            return;
        }
    }
}

/// Waits until the audits under way are done: after it, [`Stats`] count them and
/// differences have been told. Calls that other threads make meanwhile may begin
/// further ones.
///
/// Audits are computed in the background where the arguments of a function are
/// numbers, texts, and vectors, options, boxes and tuples of such, taken by
/// value; all others before their call returns. A process that ends waits for
/// them for ten seconds, and tells if that was not enough.
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

/// Waits until nothing is left; gives how much is, if that takes too long.
fn wait(patience: Option<Duration>) -> usize {
    if store::is_forked() {
        return 0;
    }
    let until = patience.map(|patience| Instant::now() + patience);
    let mut queue = queue();
    while queue.is_busy || !queue.jobs.is_empty() {
        // What an audit computes cannot wait for the audit.
        if IS_WORKER.get() {
            return 0;
        }
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return queue.jobs.len() + usize::from(queue.is_busy);
        }
        let slice = left.unwrap_or(IDLE);
        let waited = EMPTY.wait_timeout(queue, slice);
        queue = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
    0
}

fn wait_at_exit() {
    let left = wait(Some(PATIENCE));
    if left > 0 {
        diagnostics::warn(format_args!(
            "{left} audits were not done when the process ended; audit a smaller share of the \
             hits, or call `joblib::finish_audits()` before the end"
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    // In one test, since there is one queue.
    #[test]
    fn jobs_are_done_one_after_another_and_a_panic_ends_only_its_own() {
        let (sender, receiver) = mpsc::channel::<()>();
        let waits = move || assert!(receiver.recv().is_err());
        assert!(push(Box::new(waits)).is_ok());
        assert!(push(Box::new(|| panic!("of a test"))).is_ok());
        let is_given_back = || {
            // SAFETY: concerns this thread alone.
            unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
            push(Box::new(|| panic!("with more rights"))).is_err()
        };
        let limited = std::thread::spawn(is_given_back).join();
        assert!(
            limited.unwrap(),
            "the thread has rights that its caller has not"
        );
        let (done, was_done) = mpsc::channel();
        let waits = move || assert!(done.send(wait(None)).is_ok());
        assert!(push(Box::new(waits)).is_ok());
        assert_eq!(wait(Some(Duration::from_millis(20))), 3);
        let more: Vec<bool> = (0..MOST).map(|_| push(Box::new(|| ())).is_ok()).collect();
        assert!(more[0] && !more[MOST - 1], "a full queue gives jobs back");
        drop(sender);
        finish();
        assert_eq!(was_done.recv(), Ok(0), "a job does not wait for itself");
        assert_eq!(wait(Some(Duration::ZERO)), 0);
    }
}
