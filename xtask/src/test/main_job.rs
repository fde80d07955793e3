//! Runs the main job twice in an empty directory: the first run computes, the second
//! only loads results. The classifier that it saves must predict the same in another
//! process.

use std::path::Path;

use super::printed::Printed;
use crate::shell::{self, Result, cargo, output, root};

/// Fails if the first run loads a result, or the second computes one.
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
        return Err(format!(
            "the computed result is {:?}, the remembered one {:?}",
            first.best, second.best
        )
        .into());
    }
    let target = ["--example", "predict", "--", "model.joblib"];
    let predicted = text(&manifest, &target, directory.path())?;
    if predicted.trim_end() != first.predictions || first.predictions != second.predictions {
        let printed = (&first.predictions, &second.predictions);
        return Err(
            format!("the searches predicted {printed:?}, the file predicts {predicted:?}").into(),
        );
    }
    Ok(())
}

/// Runs a program in `directory`, echoes its output, and parses it.
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
