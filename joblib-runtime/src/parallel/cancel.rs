//! Cancels calls from outside.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, Weak};

use crate::unpoisoned::lock;

/// Cancels parallel calls from another thread, or from a task or callback of the call.
///
/// The token is given to calls with
/// [`cancel_with`](crate::parallel::Par::cancel_with). Clones of a token are the same
/// token, and one token can cancel several calls. A cancelled token stays cancelled, so
/// calls that it is given to later do not run.
///
/// # Example
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// use joblib::{CancelToken, ErrorKind, par};
///
/// let token = CancelToken::new();
/// let button = token.clone();
/// let call = par(0..1_000_000_u64).map(move |x| {
///     if x == 10 {
///         button.cancel(); // usually in another thread
///     }
///     x
/// });
/// let error = call.cancel_with(&token).n_jobs(2).try_collect::<Vec<_>>().unwrap_err();
/// assert_eq!(error.failure(), &ErrorKind::Cancelled);
/// ```
#[derive(Clone, Default)]
pub struct CancelToken(Arc<TokenState>);

#[derive(Default)]
struct TokenState {
    is_cancelled: AtomicBool,
    /// The calls that wait for something else and are woken by a cancellation.
    waiting: Mutex<Vec<Weak<dyn WakeOnCancel>>>,
    /// A token that cancels the same calls.
    parent: Option<CancelToken>,
}

/// What a cancellation wakes.
pub(super) trait WakeOnCancel: Send + Sync {
    /// Wakes the thread that waits, which then checks the token.
    fn wake_on_cancel(&self);
}

impl CancelToken {
    /// Creates a token that is not cancelled.
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Creates a token that is cancelled if `parent` is, too.
    pub(super) fn below(parent: Option<CancelToken>) -> CancelToken {
        CancelToken(Arc::new(TokenState {
            parent,
            ..TokenState::default()
        }))
    }

    /// Cancels the calls that have this token, and returns without waiting for them.
    /// Cancelling again does nothing.
    pub fn cancel(&self) {
        if self.0.is_cancelled.swap(true, SeqCst) {
            return;
        }
        let waiting = std::mem::take(&mut *lock(&self.0.waiting));
        for call in waiting.iter().filter_map(Weak::upgrade) {
            call.wake_on_cancel();
        }
    }

    /// Whether the token is cancelled. A long task on threads can check it, to end early.
    pub fn is_cancelled(&self) -> bool {
        let parent = || {
            self.0
                .parent
                .as_ref()
                .is_some_and(CancelToken::is_cancelled)
        };
        self.0.is_cancelled.load(SeqCst) || parent()
    }

    /// Wakes `call` when the token is cancelled, or at once if it is.
    pub(super) fn wake(&self, call: Weak<dyn WakeOnCancel>) {
        if let Some(parent) = &self.0.parent {
            parent.wake(Weak::clone(&call));
        }
        let mut waiting = lock(&self.0.waiting);
        // A token that lives long may be given to many calls.
        waiting.retain(|call| call.strong_count() > 0);
        waiting.push(Weak::clone(&call));
        drop(waiting);
        if let Some(call) = call.upgrade().filter(|_| self.is_cancelled()) {
            call.wake_on_cancel();
        }
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken")
            .field("is_cancelled", &self.is_cancelled())
            .finish()
    }
}
