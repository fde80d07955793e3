//! The main job, run twice in an empty directory: the first run computes, the
//! second only remembers. What it leaves in a file predicts the same in another
//! process.

use std::path::Path;

use super::printed::Printed;
use crate::shell::{self, Result, cargo, output, root};

/// Fails when the first run finds something, or the second misses something.
pub(super) fn run() -> Result {
    let directory = tempfile::tempdir()?;
    let manifest = root().join("Cargo.toml");
    let grid_search = || printed(&manifest, &["--example", "grid_search"], directory.path());
    let (first, second) = (grid_search()?, grid_search()?);
    if first.computed() != ["prepare", "train", "score", "fit"] {
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
    let target = ["--example", "predict", "--", "model.joblib"];
    let predicted = text(&manifest, &target, directory.path())?;
    if predicted.trim_end() != first.predictions || first.predictions != second.predictions {
        let said = (&first.predictions, &second.predictions);
        return Err(format!("searches said {said:?}, the file says {predicted:?}").into());
    }
    Ok(())
}

/// Runs a program in `directory`, shows what it prints, and reads it.
pub(super) fn printed(manifest: &Path, target: &[&str], directory: &Path) -> Result<Printed> {
    Printed::read(&text(manifest, target, directory)?)
}

fn text(manifest: &Path, target: &[&str], directory: &Path) -> Result<String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--manifest-path"]);
    command.arg(manifest).args(target).current_dir(directory);
    let text = output(command.env("CARGO_TARGET_DIR", shell::target()))?;
    print!("{text}");
    Ok(text)
}
