//! Runs other programs from the root of the workspace.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The result of every step of a command.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Returns the root of the workspace.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Returns the target directory of cargo.
pub(crate) fn target() -> PathBuf {
    let chosen = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = chosen.unwrap_or_else(|| root().join("target"));
    std::path::absolute(&target).unwrap_or(target)
}

/// Returns a command for the cargo that runs this program, in the root of the
/// workspace, without environment variables that would affect the caches of tests.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("JOBLIB_RS_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command and fails unless it succeeds. The error shows the command.
pub(crate) fn succeed(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| failed(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(failed(command, &status))
    }
}

/// Prints the command, so that it can be repeated by hand, and runs it.
pub(crate) fn announced(command: &mut Command) -> Result {
    println!("$ {}", command_line(command));
    succeed(command)
}

/// Makes warnings of rustdoc errors.
pub(crate) fn deny_rustdoc_warnings(command: &mut Command) -> &mut Command {
    command.env("RUSTDOCFLAGS", "--deny warnings")
}

/// Runs a command like [`succeed`], and returns its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    command.stderr(Stdio::inherit());
    let output = command.output().map_err(|error| failed(command, &error))?;
    if !output.status.success() {
        return Err(failed(command, &output.status));
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn failed(command: &Command, reason: &dyn std::fmt::Display) -> Box<dyn Error> {
    format!("{}: {reason}", command_line(command)).into()
}

/// Returns the command as it would be typed.
pub(crate) fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let args = std::iter::once(program).chain(command.get_args());
    args.map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
