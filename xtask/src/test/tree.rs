//! Checks that a run does not change the source tree.

use std::process::Command;

use crate::shell::{Result, root};

/// Returns git's status of the tree, or `None` outside a git checkout.
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

/// Fails, with the difference, if the state of the tree differs from `before`.
pub(crate) fn unchanged_since(before: Option<String>) -> Result {
    let after = state();
    if before == after {
        return Ok(());
    }
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    Err(format!("the run changed the tree; before:\n{before}after:\n{after}").into())
}
