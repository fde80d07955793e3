//! A file system without files that have no name: this process is refused them
//! by a filter of the system's, which leaves every call to strace.

use libc::{EOPNOTSUPP, O_DIRECTORY, O_TMPFILE, SYS_openat};

use super::super::filter;
use crate::shell::Result;

/// Which bit of the flags asks for a file without a name: the name stands for
/// two.
const UNNAMED: u32 = (O_TMPFILE & !O_DIRECTORY) as u32;

/// Has the system refuse files without a name to this process, as a file system
/// does that has none.
pub(super) fn refuse_unnamed() -> Result {
    filter::refuse_with(SYS_openat as u32, 2, UNNAMED, EOPNOTSUPP)
}
