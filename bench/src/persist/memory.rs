//! Measures the current and the peak memory of this process.

use std::{fs, process};

use crate::Result;
use crate::status::field;

/// Returns the current resident size in bytes.
pub(crate) fn now() -> Result<f64> {
    field(process::id(), "status", "VmRSS")
}

/// Returns the peak resident size during `action`, and its result.
pub(crate) fn peak<T>(action: impl FnOnce() -> Result<T>) -> Result<(f64, T)> {
    // The value 5 resets the peak to the current size.
    fs::write("/proc/self/clear_refs", "5")?;
    let result = action()?;
    Ok((field(process::id(), "status", "VmHWM")?, result))
}
