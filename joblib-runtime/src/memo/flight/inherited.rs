//! What a thread inherits when it runs tasks for another thread: the caller waits for
//! it, and so does every call on the caller's stack.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::call_stack::{self, ActiveCall, CallGuard};

/// The calls of a thread, taken for the threads that run tasks for it.
pub(crate) struct CallStackSnapshot {
    calls: Vec<ActiveCall>,
    may_have_suspended_jobs: bool,
}

thread_local! {
    /// Whether this thread runs tasks for a rayon worker.
    static RUNS_FOR_RAYON_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether rayon jobs may be suspended below on the stack of this thread, or on
/// that of a thread that it runs tasks for.
pub(super) fn may_have_suspended_jobs() -> bool {
    rayon::current_thread_index().is_some()
        || RUNS_FOR_RAYON_WORKER.try_with(Cell::get).unwrap_or(false)
}

/// Keeps the inherited calls on the stack of this thread.
pub(crate) struct InheritGuard {
    _calls: Vec<CallGuard>,
    before: bool,
}

impl CallStackSnapshot {
    /// Takes a snapshot of the calls of this thread.
    pub(crate) fn of_current_thread() -> CallStackSnapshot {
        CallStackSnapshot {
            calls: call_stack::calls(),
            may_have_suspended_jobs: may_have_suspended_jobs(),
        }
    }

    /// Adds the calls to the stack of this thread until the guard is dropped.
    pub(crate) fn inherit(&self) -> InheritGuard {
        let set = |cell: &Cell<bool>| cell.replace(self.may_have_suspended_jobs || cell.get());
        InheritGuard {
            _calls: self.calls.iter().copied().map(call_stack::enter).collect(),
            before: RUNS_FOR_RAYON_WORKER.try_with(set).unwrap_or(false),
        }
    }
}

/// Returns the age of the oldest computation of this thread that others may wait for.
pub(crate) fn oldest_age() -> Option<Duration> {
    let ages = call_stack::leads()
        .into_iter()
        .map(|call| call.since.elapsed());
    ages.max()
}

/// Represents the computations of a caller in another process on the stack of the
/// thread that works for it.
pub(crate) struct RemoteCaller {
    _call: CallGuard,
}

impl RemoteCaller {
    /// Enters a computation of this age.
    ///
    /// Its id means nothing in this process. It only bounds waits for other processes,
    /// one of which may be the caller's (rule 5).
    pub(crate) fn with_age(age: Duration) -> RemoteCaller {
        let now = Instant::now();
        RemoteCaller {
            _call: call_stack::enter(ActiveCall {
                id: REMOTE_CALL_ID,
                since: now.checked_sub(age).unwrap_or(now),
                leads: true,
            }),
        }
    }
}

/// The id of every remote call. A key has this value with a probability of one in
/// 2^128.
const REMOTE_CALL_ID: u128 = u128::MAX;

impl Drop for InheritGuard {
    fn drop(&mut self) {
        let _ = RUNS_FOR_RAYON_WORKER.try_with(|cell| cell.set(self.before));
    }
}
