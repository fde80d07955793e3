//! Compares files of values with their peers: the time of writing, reading and mapping,
//! the memory that this takes, and the effect of compression.

mod compare;
mod contestant;
mod format;
mod memory;
mod peers;
mod run;
mod task;
mod value;

use std::path::Path;

use self::task::Task;
use crate::Result;
use crate::program::Half;

/// The name of this half on the command line and of its folder of Python programs.
const HALF: Half = Half("persist");

/// Measures all peers and renders the tables.
pub(crate) fn compare(python: &Path) -> Result<String> {
    compare::all(python)
}

/// Does the task in this process with the peer called `peer`.
pub(crate) fn work(peer: &str, task: &[&str]) -> Result<String> {
    let number = peers::measure(peer, &Task::parse(task)?)?;
    Ok(format!("{number:e}"))
}
