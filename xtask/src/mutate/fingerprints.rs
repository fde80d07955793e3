//! Collects the fingerprints of functions under each edit. It recompiles only the
//! application, because the annotations read the edited source.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::lines::{self, Lines};
use super::sites::Site;
use super::subject::{Workspace, build_dir};
use crate::shell::Result;

/// The compiler command of the application, as cargo ran it.
struct Compilation {
    command: String,
    program: PathBuf,
}

/// Returns the fingerprints under each edit.
pub(super) fn collect(workspace: &Workspace, sites: &[Site]) -> Result<Vec<Lines>> {
    let compilation = first(workspace)?;
    let edited = |site| workspace.with_edit(site, || again(workspace, &compilation));
    sites.iter().map(edited).collect()
}

/// Builds everything, and records how cargo compiled the application.
fn first(workspace: &Workspace) -> Result<Compilation> {
    let output = workspace
        .build()
        .args(["-vv", "--color", "never"])
        .output()?;
    let messages = String::from_utf8_lossy(&output.stderr);
    let found = messages.lines().find_map(|line| {
        let command = line.trim().strip_prefix("Running `")?.strip_suffix('`')?;
        command.contains("--crate-name app ").then_some(command)
    });
    let (Some(command), true) = (found, output.status.success()) else {
        return Err(format!("the application over the crate does not compile:\n{messages}").into());
    };
    let suffix = command
        .split_once("extra-filename=")
        .and_then(|(_, rest)| rest.split([' ', '\'']).next())
        .ok_or("cargo compiled the application without a suffix for its files")?;
    Ok(Compilation {
        command: command.to_owned(),
        program: build_dir().join(format!("debug/deps/app{suffix}")),
    })
}

/// Recompiles only the application, and runs it.
fn again(workspace: &Workspace, compilation: &Compilation) -> Result<Lines> {
    set_start(workspace)?;
    let mut compile = Command::new("sh");
    compile
        .args(["-c", &compilation.command])
        .current_dir(&workspace.dir);
    let output = compile.output()?;
    if !output.status.success() {
        let messages = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the application does not compile again:\n{messages}").into());
    }
    lines::fingerprints(&compilation.program)
}

/// Makes the crate look compiled after its edit. Otherwise every fingerprint over it
/// would be valid for one build only.
fn set_start(workspace: &Workspace) -> Result {
    let name = workspace.krate.file_name().unwrap_or_default();
    let prefix = format!("{}-", name.to_string_lossy());
    for entry in fs::read_dir(build_dir().join("debug/.fingerprint"))? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            fs::write(entry.path().join("invoked.timestamp"), "")?;
        }
    }
    Ok(())
}
