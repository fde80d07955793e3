//! What the user is told: one warning per fault, one line per miss where
//! asked, and an event of `tracing` for all of it.

use std::collections::HashSet;
use std::fmt::Display;
use std::io::{self, Write};
use std::sync::{LazyLock, Mutex, PoisonError};

/// How much is told on standard error: `JOBLIB_RS_VERBOSE`, 0 where unset.
pub(crate) fn verbosity() -> u8 {
    static LEVEL: LazyLock<u8> = LazyLock::new(|| {
        let Some(value) = crate::secure_execution::var_os("JOBLIB_RS_VERBOSE") else {
            return 0;
        };
        let level = value.to_str().and_then(|text| text.trim().parse().ok());
        level.unwrap_or_else(|| {
            warn(format_args!(
                "JOBLIB_RS_VERBOSE is {value:?}, which is not a number from 0 to 255; \
                 set it to 1 to be told why results are computed"
            ));
            0
        })
    });
    *LEVEL
}

/// Tells a fault of the cache; the same one is told once per process.
pub(crate) fn warn(fault: impl Display) {
    let text = fault.to_string();
    warn_of(text.clone(), text);
}

/// Tells something of `what`, once per process.
pub(crate) fn warn_of(what: String, text: impl Display) {
    static TOLD: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "joblib", "{text}");
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.insert(what) {
        tell(format_args!("joblib: warning: {text}"));
    }
}

/// Tells why `function` computes, if it is to be told.
pub(crate) fn miss(function: &str, verbose: u8, reason: impl FnOnce() -> String) {
    #[cfg(feature = "tracing")]
    let is_traced = tracing::enabled!(target: "joblib", tracing::Level::TRACE);
    #[cfg(not(feature = "tracing"))]
    let is_traced = false;
    if verbose == 0 && !is_traced {
        return;
    }
    let reason = reason();
    #[cfg(feature = "tracing")]
    tracing::trace!(target: "joblib", function, reason, "computing");
    if verbose > 0 {
        tell(format_args!("joblib: computing {function}: {reason}"));
    }
}

/// Writes a line to standard error. Where that is closed, nobody listens, and
/// `eprintln!` would panic.
fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// An event for those who listen with `tracing`; nothing otherwise.
macro_rules! event {
    ($($field:tt)*) => {
        #[cfg(feature = "tracing")]
        tracing::debug!(target: "joblib", $($field)*);
    };
}
pub(crate) use event;
