//! The background thread of a store that writes: it makes results durable
//! within a second, keeps the limits and merges small logs.
//!
//! It holds the store only while it works, so that a dropped store is gone.

use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread;
use std::time::Duration;

use super::shared::{Shared, lock};
use super::{limit, rewrite};

/// The handle that wakes the thread, and ends it when dropped.
pub(crate) struct Worker {
    signal: Arc<Signal>,
}

#[derive(Default)]
struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    has_work: bool,
    is_over: bool,
}

/// Between a write and its way to the disk, with time to spare to the second
/// that a power cut may cost.
const DELAY: Duration = Duration::from_millis(400);

impl Worker {
    pub(crate) fn start(shared: &Arc<Shared>) -> Worker {
        let signal = Arc::new(Signal::default());
        let (theirs, store) = (Arc::clone(&signal), Arc::downgrade(shared));
        let spawned = thread::Builder::new()
            .name("joblib-store".to_owned())
            .spawn(move || run(&theirs, &store));
        if let Err(error) = spawned {
            let path = shared
                .directory
                .as_ref()
                .map(|directory| directory.path().to_owned());
            let path = path.unwrap_or_default();
            shared.fault(super::Error::io("start a thread to sync", &path)(error));
        }
        Worker { signal }
    }

    /// Says that something was written.
    #[inline]
    pub(crate) fn wrote(&self) {
        let mut state = lock(&self.signal.state);
        if !state.has_work {
            state.has_work = true;
            self.signal.changed.notify_one();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        lock(&self.signal.state).is_over = true;
        self.signal.changed.notify_one();
    }
}

fn run(signal: &Signal, store: &Weak<Shared>) {
    loop {
        let mut state = lock(&signal.state);
        while !state.has_work && !state.is_over {
            state = signal
                .changed
                .wait(state)
                .unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        let waited = signal
            .changed
            .wait_timeout_while(state, DELAY, |state| !state.is_over);
        let (mut state, _) = waited.unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_over = state.is_over;
        state.has_work = false;
        drop(state);
        let Some(shared) = store.upgrade() else {
            return;
        };
        work(&shared);
        if is_over {
            return;
        }
    }
}

fn work(shared: &Shared) {
    let is_lost = shared.notice_loss();
    // What the program closed is on its way to the disk all the same.
    if let Err(error) = shared.sync() {
        shared.fault(error);
    }
    if is_lost {
        return;
    }
    rewrite::seal_full(shared);
    limit::keep(shared);
    rewrite::merge_small(shared);
}
