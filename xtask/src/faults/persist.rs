//! `cargo xtask faults persist`: what is left of a file when its bytes change,
//! the process that writes it dies, the system refuses and the power fails; and
//! files that cannot be replaced.

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

/// How much is tried.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// One in so many bits is flipped, and so many lengths cut.
    stride: usize,
    /// One in so many damaged files is mapped and inspected as well.
    mapped: usize,
    /// One in so many system calls is met.
    every: u64,
    /// Errors given instead of what the system says.
    errors: &'static [&'static str],
    /// One in so many states of a disk is looked at.
    states: usize,
    /// Sizes of a full disk that are tried.
    disks: u64,
}

/// What the published figures come from.
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

/// What runs with every test.
pub(crate) const SHORT: Load = Load {
    stride: 499,
    mapped: 5,
    every: 5,
    errors: &["EIO", "EINTR"],
    states: 7,
    disks: 5,
};

/// Runs everything; each line says what was tried and how long that took.
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
