//! The background thread of a store that writes: it makes results durable within a
//! second, enforces the limits and merges small logs.
//!
//! It owns a reference to the store only while it works, so that dropping the store
//! frees it.

use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread;
use std::time::Duration;

use super::inner::StoreInner;
use super::{compaction, eviction};
use crate::unpoisoned::{lock, unpoisoned, wait};

/// The handle that wakes the thread. Dropping it ends the thread.
pub(crate) struct MaintenanceThread {
    signal: Arc<MaintenanceSignal>,
}

#[derive(Default)]
struct MaintenanceSignal {
    state: Mutex<MaintenanceState>,
    changed: Condvar,
}

#[derive(Default)]
struct MaintenanceState {
    has_work: bool,
    is_over: bool,
}

/// The delay between a write and its sync, well below the second of results that a
/// power failure may cost.
const DELAY: Duration = Duration::from_millis(400);

impl MaintenanceThread {
    pub(crate) fn start(shared: &Arc<StoreInner>) -> MaintenanceThread {
        let signal = Arc::new(MaintenanceSignal::default());
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
        MaintenanceThread { signal }
    }

    /// Signals that something was written.
    #[inline]
    pub(crate) fn wrote(&self) {
        let mut state = lock(&self.signal.state);
        if !state.has_work {
            state.has_work = true;
            self.signal.changed.notify_one();
        }
    }
}

impl Drop for MaintenanceThread {
    fn drop(&mut self) {
        lock(&self.signal.state).is_over = true;
        self.signal.changed.notify_one();
    }
}

fn run(signal: &MaintenanceSignal, store: &Weak<StoreInner>) {
    loop {
        let mut state = lock(&signal.state);
        while !state.has_work && !state.is_over {
            state = wait(&signal.changed, state);
        }
        let waited = signal
            .changed
            .wait_timeout_while(state, DELAY, |state| !state.is_over);
        let (mut state, _) = unpoisoned(waited);
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

fn work(shared: &StoreInner) {
    let is_lost = shared.notice_loss();
    // Sync even if the program closed the files.
    if let Err(error) = shared.sync() {
        shared.fault(error);
    }
    if is_lost {
        return;
    }
    compaction::seal_full(shared);
    eviction::enforce_limits(shared);
    compaction::merge_small(shared);
}
