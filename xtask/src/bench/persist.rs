//! `cargo xtask bench persist`: files of values beside their peers.

use super::peers;
use crate::shell::Result;

/// Measures, prints, and writes the tables when asked to.
pub(crate) fn run(write: bool) -> Result {
    peers::compare("persist", &[], write)
}
