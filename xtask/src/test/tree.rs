//! Whether a run leaves the source tree as it found it.

use std::process::Command;

use crate::shell::{Result, root};

/// What git says of the tree; nothing where there is no git checkout.
pub(crate) fn state() -> Option<String> {
    let args = ["status", "--porcelain", "--untracked-files=all"];
    let output = Command::new("git")
        .current_dir(root())
        .args(args)
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Fails, with the difference, when the tree is in another state than before.
pub(crate) fn unchanged_since(before: Option<String>) -> Result {
    let after = state();
    if before == after {
        return Ok(());
    }
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    Err(format!("the run changed the tree; before:\n{before}after:\n{after}").into())
}
