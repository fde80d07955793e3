//! `cargo xtask bench parallel`: parallel calls beside their peers.

use super::peers;
use crate::shell::{Result, cargo, succeed, target};

/// Measures, prints, and writes the tables when asked to.
pub(crate) fn run(write: bool) -> Result {
    let build = ["build", "--quiet", "--release", "--example", "grid_search"];
    succeed(cargo().args(build))?;
    let grid_search = target().join("release/examples/grid_search");
    peers::compare("parallel", &[&grid_search], write)
}
