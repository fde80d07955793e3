//! What the tasks of a call find around them in a worker process: the scopes
//! of the call and its share of the cores. What memoized functions did there
//! comes back.

use std::cell::RefCell;

use crate::codec;
use crate::memo;
use crate::parallel::config::{self, ConfigGuard, Snapshot};
use crate::parallel::{budget, progress};
use crate::process::Surroundings;

inventory::submit!(Surroundings {
    capture,
    enter,
    news: memo::take_news,
    absorb: memo::absorb_news,
});

thread_local! {
    /// The scopes of the call whose tasks this thread runs.
    static SCOPES: RefCell<Option<ConfigGuard>> = const { RefCell::new(None) };
}

fn capture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let snapshot = config::current().for_process();
    // Settings are numbers and words, which can always be encoded.
    let _ = codec::encode(&snapshot, &mut bytes);
    bytes
}

fn enter(captured: &[u8], threads: usize) {
    progress::quiet();
    budget::confine(threads);
    let snapshot: Snapshot = codec::decode(captured).unwrap_or_default();
    SCOPES.with_borrow_mut(|scopes| {
        // The scopes of the call before end first.
        *scopes = None;
        *scopes = Some(config::adopt(snapshot));
    });
}
