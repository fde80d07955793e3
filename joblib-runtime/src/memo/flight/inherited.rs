//! What a thread that helps another takes over from it: its caller waits for
//! it, and so does everything on the caller's stack.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::call_stack::{self, ActiveCall, CallGuard};

/// What a thread computes while others help it.
pub(crate) struct CallStackSnapshot {
    calls: Vec<ActiveCall>,
    has_suspended: bool,
}

thread_local! {
    /// Whether a thread that this one helps is a worker of rayon.
    static HELPS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Whether jobs of rayon may be suspended below on the stack of this thread,
/// or on that of one that it helps.
pub(super) fn has_suspended() -> bool {
    rayon::current_thread_index().is_some() || HELPS_WORKER.try_with(Cell::get).unwrap_or(false)
}

/// Keeps what was taken over on the thread that did.
pub(crate) struct InheritGuard {
    _calls: Vec<CallGuard>,
    before: bool,
}

impl CallStackSnapshot {
    /// What this thread computes.
    pub(crate) fn here() -> CallStackSnapshot {
        CallStackSnapshot {
            calls: call_stack::calls(),
            has_suspended: has_suspended(),
        }
    }

    /// Has this thread compute it as well, for as long as it helps.
    pub(crate) fn help(&self) -> InheritGuard {
        let set = |helps: &Cell<bool>| helps.replace(self.has_suspended || helps.get());
        InheritGuard {
            _calls: self.calls.iter().copied().map(call_stack::enter).collect(),
            before: HELPS_WORKER.try_with(set).unwrap_or(false),
        }
    }
}

/// The age of the oldest computation of this thread that others may wait for.
pub(crate) fn age() -> Option<Duration> {
    let ages = call_stack::leads()
        .into_iter()
        .map(|call| call.since.elapsed());
    ages.max()
}

/// Stands for what the caller in another process computes, on the stack of
/// the thread that works for it.
pub(crate) struct RemoteCaller {
    _call: CallGuard,
}

impl RemoteCaller {
    /// A computation of that age. What it is cannot be compared from here, so
    /// it only bounds waits for other processes, of which the caller's may be
    /// one (rule 5).
    pub(crate) fn begun(age: Duration) -> RemoteCaller {
        let now = Instant::now();
        RemoteCaller {
            _call: call_stack::enter(ActiveCall {
                id: ABROAD,
                since: now.checked_sub(age).unwrap_or(now),
                leads: true,
            }),
        }
    }
}

/// No key comes out as this, but for one in 2^128.
const ABROAD: u128 = u128::MAX;

impl Drop for InheritGuard {
    fn drop(&mut self) {
        let _ = HELPS_WORKER.try_with(|helps| helps.set(self.before));
    }
}
