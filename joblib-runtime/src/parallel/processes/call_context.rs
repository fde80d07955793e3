//! What the tasks of a call find around them in a worker process: the scopes
//! of the call and its share of the cores. What memoized functions did there
//! comes back, and what tasks wrote to the log.

use std::cell::RefCell;
use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(feature = "log")]
use super::log_forwarding;
use crate::codec;
use crate::memo;
use crate::memo::flight::{self, RemoteCaller};
use crate::parallel::config::{self, ConfigGuard, ConfigSnapshot};
use crate::parallel::progress;
use crate::process::ContextHooks;
use crate::sched::core_budget;

inventory::submit!(ContextHooks {
    capture,
    enter,
    news,
    absorb,
});

/// What a call is made in.
#[derive(Default, Serialize, Deserialize)]
struct CallContext {
    scopes: ConfigSnapshot,
    /// The age of what the caller computes, if it is memoized.
    computing: Option<Duration>,
    #[cfg(feature = "log")]
    log: u8,
}

/// What happened in a worker.
#[derive(Serialize, Deserialize)]
struct WorkerEvents {
    functions: Option<Vec<u8>>,
    #[cfg(feature = "log")]
    records: Vec<log_forwarding::LogRecord>,
}

thread_local! {
    /// Of the call whose tasks this thread runs.
    static AROUND: RefCell<Option<(ConfigGuard, Option<RemoteCaller>)>> =
        const { RefCell::new(None) };
}

fn capture() -> Vec<u8> {
    let captured = CallContext {
        scopes: config::current().for_process(),
        computing: flight::age(),
        #[cfg(feature = "log")]
        log: log_forwarding::wanted(),
    };
    let mut bytes = Vec::new();
    // Settings are numbers and words, which can always be encoded.
    let _ = codec::encode(&captured, &mut bytes);
    bytes
}

fn enter(captured: &[u8], threads: usize) {
    progress::quiet();
    memo::expect_news();
    core_budget::confine(threads);
    let captured: CallContext = codec::decode(captured).unwrap_or_default();
    #[cfg(feature = "log")]
    log_forwarding::keep(captured.log);
    AROUND.with_borrow_mut(|around| {
        // What was around the call before ends first.
        *around = None;
        let abroad = captured.computing.map(RemoteCaller::begun);
        *around = Some((config::adopt(captured.scopes), abroad));
    });
}

fn news() -> Option<Vec<u8>> {
    let news = WorkerEvents {
        functions: memo::take_news(),
        #[cfg(feature = "log")]
        records: log_forwarding::take(),
    };
    if news.is_none() {
        return None;
    }
    let mut bytes = Vec::new();
    codec::encode(&news, &mut bytes).is_ok().then_some(bytes)
}

fn absorb(bytes: &[u8]) {
    let Ok(news) = codec::decode::<WorkerEvents>(bytes) else {
        return;
    };
    #[cfg(feature = "log")]
    log_forwarding::write(&news.records);
    if let Some(functions) = news.functions {
        memo::absorb_news(&functions);
    }
}

impl WorkerEvents {
    #[cfg(feature = "log")]
    fn is_none(&self) -> bool {
        self.functions.is_none() && self.records.is_empty()
    }

    #[cfg(not(feature = "log"))]
    fn is_none(&self) -> bool {
        self.functions.is_none()
    }
}

/// Reads what another process says it is made in, or what happened there.
#[cfg(feature = "fuzz")]
pub(super) fn read(bytes: &[u8]) {
    let _ = codec::decode::<CallContext>(bytes);
    let _ = codec::decode::<WorkerEvents>(bytes);
}

/// What there is to be read, in our own words.
#[cfg(feature = "fuzz")]
pub(super) fn samples() -> Vec<Vec<u8>> {
    let news = WorkerEvents {
        functions: Some(b"functions".to_vec()),
        #[cfg(feature = "log")]
        records: vec![log_forwarding::sample()],
    };
    let mut told = Vec::new();
    let _ = codec::encode(&news, &mut told);
    vec![capture(), told]
}
