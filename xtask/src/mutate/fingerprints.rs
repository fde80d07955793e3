//! The fingerprints of functions under each edit, from compiling only the
//! application again: the annotations read the edited source.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::answers::{Lines, parse};
use super::sites::Site;
use super::subject::{Workspace, build_dir};
use crate::shell::{Result, cargo};

/// The compilation of the application, as cargo started it.
struct Compilation {
    command: String,
    program: PathBuf,
}

/// The fingerprints without an edit and under each.
pub(super) fn collect(workspace: &Workspace, sites: &[Site]) -> Result<(Lines, Vec<Lines>)> {
    let compilation = first(workspace)?;
    let plain = again(workspace, &compilation)?;
    let mut all = Vec::new();
    for site in sites {
        let path = workspace.krate.join(&site.file);
        let original = fs::read_to_string(&path)?;
        let mut text = original.clone();
        text.replace_range(site.bytes.clone(), &site.after);
        fs::write(&path, text)?;
        let lines = again(workspace, &compilation);
        fs::write(&path, original)?;
        all.push(lines?);
    }
    if again(workspace, &compilation)? != plain {
        return Err("the edits were undone, but the fingerprints differ from before".into());
    }
    Ok((plain, all))
}

/// Builds everything, and finds how the application was compiled.
fn first(workspace: &Workspace) -> Result<Compilation> {
    let mut command = cargo();
    command
        .current_dir(&workspace.dir)
        .args(["build", "--package", "app", "-vv", "--color", "never"])
        .env("CARGO_TARGET_DIR", build_dir())
        .env("RUSTFLAGS", "--cap-lints=allow");
    let output = command.output()?;
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
    let mut compile = Command::new("sh");
    compile
        .args(["-c", &compilation.command])
        .current_dir(&workspace.dir);
    let output = compile.output()?;
    if !output.status.success() {
        let messages = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the application does not compile again:\n{messages}").into());
    }
    let printed = Command::new(&compilation.program).output()?;
    Ok(parse(&String::from_utf8_lossy(&printed.stdout)))
}
