//! `cargo xtask faults persist`: checks a file after its bytes change, the process that
//! writes it dies, system calls fail or the power fails, and files that cannot be
//! replaced.

mod check;
mod damage;
mod disk_full;
mod mounted;
mod no_tmpfile;
mod power;
mod syscalls;
#[path = "../../../tests/persist/golden/values.rs"]
mod values;

pub(super) use self::check::{write, write_named};

use crate::shell::Result;

/// How many faults are injected.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// Every n-th bit is flipped, and every n-th length is tried as a truncation.
    stride: usize,
    /// Every n-th damaged file is also mapped and inspected.
    mapped: usize,
    /// Every n-th system call is killed or refused.
    every: u64,
    /// The errors that are injected.
    errors: &'static [&'static str],
    /// Every n-th state of a disk is checked.
    states: usize,
    /// Number of sizes of a full disk that are tried.
    disks: u64,
}

/// The load that the published figures come from.
pub(crate) const LONG: Load = Load {
    stride: 1,
    mapped: 10,
    every: 1,
    errors: &[
        "EIO", "ENOSPC", "EDQUOT", "EINTR", "EACCES", "EROFS", "EMFILE", "ENOMEM", "ESTALE",
    ],
    states: 1,
    disks: 200,
};

/// The load that runs with every test.
pub(crate) const SHORT: Load = Load {
    stride: 499,
    mapped: 5,
    every: 5,
    errors: &["EIO", "EINTR"],
    states: 7,
    disks: 5,
};

/// Runs all steps. Prints for each what was tried and how long that took.
pub(crate) fn run(load: Load) -> Result {
    super::each(
        load,
        &[
            ("system calls", syscalls::run),
            ("power", power::run),
            ("full disk", disk_full::run),
            ("mount points", mounted::run),
            ("damage", damage::run),
        ],
    )
}
