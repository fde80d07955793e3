//! `cargo xtask bench parallel`: compares parallel calls with their peers.

use super::peers;
use crate::shell::{Result, cargo, succeed, target};

/// Measures, prints the tables, and writes them to the document if `write` is set.
pub(crate) fn run(write: bool) -> Result {
    let build = ["build", "--quiet", "--release", "--example", "grid_search"];
    succeed(cargo().args(build))?;
    let grid_search = target().join("release/examples/grid_search");
    peers::compare("parallel", &[&grid_search], write)
}
