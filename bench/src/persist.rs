//! Values in files beside their peers: how long it takes to write, read and
//! map them, what memory that takes, and what compressing them does.

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

/// This half on the command line, and the folder of its Python programs.
const HALF: Half = Half("persist");

/// The tables of all peers.
pub(crate) fn compare(python: &Path) -> Result<String> {
    compare::all(python)
}

/// Does the task in this process, with the peer called `peer`.
pub(crate) fn work(peer: &str, task: &[&str]) -> Result<String> {
    let number = peers::measure(peer, &Task::parse(task)?)?;
    Ok(format!("{number:e}"))
}
