//! `cargo xtask bench memo`: compares memoization with its peers.

use super::peers;
use crate::shell::Result;

/// Measures, prints the table, and writes it to the document if `write` is set.
pub(crate) fn run(write: bool) -> Result {
    peers::compare("memo", &[], write)
}
