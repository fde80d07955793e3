//! The fingerprints of functions under each edit, from compiling only the
//! application again: the annotations read the edited source.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::lines::{self, Lines};
use super::sites::Site;
use super::subject::{Workspace, build_dir};
use crate::shell::Result;

/// The compilation of the application, as cargo started it.
struct Compilation {
    command: String,
    program: PathBuf,
}

/// The fingerprints under each edit.
pub(super) fn collect(workspace: &Workspace, sites: &[Site]) -> Result<Vec<Lines>> {
    let compilation = first(workspace)?;
    let edited = |site| workspace.with_edit(site, || again(workspace, &compilation));
    sites.iter().map(edited).collect()
}

/// Builds everything, and finds how the application was compiled.
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

/// Compiles the application alone, and runs it.
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

/// Has the crate look compiled since its edit, or every fingerprint over it
/// would be for one build alone.
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
