//! The memory of this process, now and at its peak.

use std::{fs, process};

use crate::Result;
use crate::status::field;

/// What is in memory now, in bytes.
pub(crate) fn now() -> Result<f64> {
    field(process::id(), "status", "VmRSS")
}

/// The most that is in memory at any moment of `action`, and what it gives.
pub(crate) fn peak<T>(action: impl FnOnce() -> Result<T>) -> Result<(f64, T)> {
    // Five stands for the peak, which becomes what is in memory now.
    fs::write("/proc/self/clear_refs", "5")?;
    let result = action()?;
    Ok((field(process::id(), "status", "VmHWM")?, result))
}
