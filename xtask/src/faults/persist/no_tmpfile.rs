//! Simulates a file system without unnamed files. A filter of the kernel refuses them
//! to this process, so that strace can inject faults into the other calls.

use libc::{EOPNOTSUPP, O_DIRECTORY, O_TMPFILE, SYS_openat};

use super::super::filter;
use crate::shell::Result;

/// The flag bit that requests an unnamed file. `O_TMPFILE` also contains `O_DIRECTORY`.
const UNNAMED: u32 = (O_TMPFILE & !O_DIRECTORY) as u32;

/// Makes the kernel refuse unnamed files to this process, as a file system without
/// support for them does.
pub(super) fn refuse_unnamed() -> Result {
    filter::refuse_with(SYS_openat as u32, 2, UNNAMED, EOPNOTSUPP)
}
