//! `cargo xtask bench persist`: compares files of values with their peers.

use super::peers;
use crate::shell::Result;

/// Measures, prints the tables, and writes them to the document if `write` is set.
pub(crate) fn run(write: bool) -> Result {
    peers::compare("persist", &[], write)
}
