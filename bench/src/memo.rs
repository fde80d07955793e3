//! Compares memoization with its peers.

mod compare;
mod peer;
mod peers;
mod run;
mod task;

use std::path::Path;

use self::task::Task;
use crate::Result;
use crate::program::Half;

/// The name of this half on the command line and of its folder of Python programs.
const HALF: Half = Half("memo");

/// Measures all peers and renders the table.
pub(crate) fn compare(python: &Path) -> Result<String> {
    compare::all(python)
}

/// Does the task in this process with the peer called `peer`.
pub(crate) fn work(peer: &str, task: &[&str]) -> Result<String> {
    let seconds = peers::measure(peer, &Task::parse(task)?)?;
    Ok(format!("{seconds:e}"))
}
