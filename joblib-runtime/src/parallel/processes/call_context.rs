//! The context of a call in worker processes: its scopes and its share of the cores.
//! Sends the events of memoized functions and the log records of tasks back to the
//! caller.

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

/// What calls and workers of this library pass in addition to tasks.
pub(crate) static HOOKS: ContextHooks = ContextHooks {
    capture,
    enter,
    take_events,
    handle_events,
};

/// The context of a call, sent to worker processes.
#[derive(Default, Serialize, Deserialize)]
struct CallContext {
    scopes: ConfigSnapshot,
    /// For how long the caller has been computing, if it is a memoized function.
    computing: Option<Duration>,
    /// When the program started.
    started: u64,
    #[cfg(feature = "log")]
    log: u8,
}

/// Events in a worker process, sent back to the caller.
#[derive(Serialize, Deserialize)]
struct WorkerEvents {
    functions: Option<Vec<u8>>,
    #[cfg(feature = "log")]
    records: Vec<log_forwarding::LogRecord>,
}

thread_local! {
    /// The context of the call whose tasks this thread runs.
    static AROUND: RefCell<Option<(ConfigGuard, Option<RemoteCaller>)>> =
        const { RefCell::new(None) };
}

fn capture() -> Vec<u8> {
    let captured = CallContext {
        scopes: config::current().for_process(),
        computing: flight::oldest_age(),
        started: memo::started(),
        #[cfg(feature = "log")]
        log: log_forwarding::wanted(),
    };
    let mut bytes = Vec::new();
    // Encoding cannot fail: settings are numbers and strings.
    let _ = codec::encode(&captured, &mut bytes);
    bytes
}

fn enter(captured: &[u8], threads: usize) {
    progress::disable();
    memo::collect_remote_stats();
    core_budget::confine(threads);
    let captured: CallContext = codec::decode(captured).unwrap_or_default();
    #[cfg(feature = "log")]
    log_forwarding::keep(captured.log);
    memo::set_started(captured.started);
    AROUND.with_borrow_mut(|around| {
        // The context of the previous call must end before the new one starts.
        *around = None;
        let abroad = captured.computing.map(RemoteCaller::with_age);
        *around = Some((config::adopt(captured.scopes), abroad));
    });
}

fn take_events() -> Option<Vec<u8>> {
    let events = WorkerEvents {
        functions: memo::take_remote_stats(),
        #[cfg(feature = "log")]
        records: log_forwarding::take(),
    };
    if events.is_none() {
        return None;
    }
    let mut bytes = Vec::new();
    codec::encode(&events, &mut bytes).is_ok().then_some(bytes)
}

fn handle_events(bytes: &[u8]) {
    let Ok(events) = codec::decode::<WorkerEvents>(bytes) else {
        return;
    };
    #[cfg(feature = "log")]
    log_forwarding::write(&events.records);
    if let Some(functions) = events.functions {
        memo::merge_remote_stats(&functions);
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

/// Decodes a context and events from untrusted bytes.
#[cfg(feature = "fuzz")]
pub(super) fn read(bytes: &[u8]) {
    let _ = codec::decode::<CallContext>(bytes);
    let _ = codec::decode::<WorkerEvents>(bytes);
}

/// Returns valid inputs for the fuzzer.
#[cfg(feature = "fuzz")]
pub(super) fn samples() -> Vec<Vec<u8>> {
    let events = WorkerEvents {
        functions: Some(b"functions".to_vec()),
        #[cfg(feature = "log")]
        records: vec![log_forwarding::sample()],
    };
    let mut encoded = Vec::new();
    let _ = codec::encode(&events, &mut encoded);
    vec![capture(), encoded]
}
