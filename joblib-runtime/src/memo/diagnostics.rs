//! Messages to the user: one warning for each fault, one line for each miss if enabled,
//! and a `tracing` event for all of them.

use std::collections::HashSet;
use std::fmt::Display;
use std::sync::{LazyLock, Mutex};

use crate::standard_error;
use crate::unpoisoned::lock;

/// Returns the verbosity set by `JOBLIB_RS_VERBOSE`, 0 if it is not set.
pub(crate) fn verbosity() -> u8 {
    static LEVEL: LazyLock<u8> = LazyLock::new(|| {
        let value = crate::secure_execution::var_os("JOBLIB_RS_VERBOSE");
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            return 0;
        };
        let level = value.to_str().and_then(|text| text.trim().parse().ok());
        level.unwrap_or_else(|| {
            warn(format_args!(
                "invalid JOBLIB_RS_VERBOSE {value:?} is ignored; expected a number from 0 to 255, \
                 such as 1 to report why results are computed"
            ));
            0
        })
    });
    *LEVEL
}

/// Warns of a fault of the cache, once per process for each text.
pub(crate) fn warn(fault: impl Display) {
    let text = fault.to_string();
    warn_of(text.clone(), text);
}

/// Warns about `what`, once per process for each `what`.
pub(crate) fn warn_of(what: String, text: impl Display) {
    static WARNED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "joblib", "{text}");
    let mut warned = lock(&WARNED);
    if warned.insert(what) {
        standard_error::write(format_args!("joblib: warning: {text}\n"));
    }
}

/// Reports why `function` computes, if that is enabled.
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
        standard_error::write(format_args!("joblib: computing {function}: {reason}\n"));
    }
}

/// Emits a `tracing` event, if the feature is enabled.
macro_rules! event {
    ($($field:tt)*) => {
        #[cfg(feature = "tracing")]
        tracing::debug!(target: "joblib", $($field)*);
    };
}
pub(crate) use event;
