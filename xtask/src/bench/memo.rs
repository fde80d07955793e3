//! `cargo xtask bench memo`: memoization beside its peers.

use super::peers;
use crate::shell::Result;

/// Measures, prints, and writes the table when asked to.
pub(crate) fn run(write: bool) -> Result {
    peers::compare("memo", &[], write)
}
