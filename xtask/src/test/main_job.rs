//! The main job, run twice in an empty directory: the first run computes, the
//! second only remembers.

use std::path::Path;

use super::printed::Printed;
use crate::shell::{self, Result, cargo, output, root};

/// Fails when the first run finds something, or the second misses something.
pub(super) fn run() -> Result {
    let directory = tempfile::tempdir()?;
    let manifest = root().join("Cargo.toml");
    let grid_search = || printed(&manifest, &["--example", "grid_search"], directory.path());
    let (first, second) = (grid_search()?, grid_search()?);
    if first.computed() != ["prepare", "train", "score"] {
        let computed = first.computed();
        return Err(format!("only {computed:?} computed in an empty directory").into());
    }
    if !second.computed().is_empty() {
        let computed = second.computed();
        return Err(format!("{computed:?} computed again in the second run").into());
    }
    if first.best != second.best {
        return Err(format!("computed {:?}, remembered {:?}", first.best, second.best).into());
    }
    Ok(())
}

/// Runs a program in `directory`, shows what it prints, and reads it.
pub(super) fn printed(manifest: &Path, target: &[&str], directory: &Path) -> Result<Printed> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--manifest-path"]);
    command.arg(manifest).args(target).current_dir(directory);
    let text = output(command.env("CARGO_TARGET_DIR", shell::target()))?;
    print!("{text}");
    Printed::read(&text)
}
