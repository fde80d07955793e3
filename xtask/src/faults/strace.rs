//! Runs workers under strace, which kills them at a system call or makes it fail.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::worker;
use crate::shell::Result;

pub(super) fn is_there() -> bool {
    Command::new("strace").arg("-V").output().is_ok()
}

/// Runs a worker with each of `expressions` passed to strace.
pub(super) fn run(dir: &Path, expressions: &[String], args: &[&str]) -> Result<Output> {
    let traced = worker(dir, args)?;
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "trace"]);
    for expression in expressions {
        command.args(["-e", expression]);
    }
    command.arg(traced.get_program());
    command.args(traced.get_args()).current_dir(dir);
    Ok(command.stdin(Stdio::null()).output()?)
}

/// Returns the system calls of the main thread of a worker, in order, in strace's
/// notation.
pub(super) fn trace(dir: &Path, calls: &[&str], args: &[&str]) -> Result<Vec<String>> {
    let traced = run(dir, &[format!("trace={}", calls.join(","))], args)?;
    if !traced.status.success() {
        let stderr = String::from_utf8_lossy(&traced.stderr);
        return Err(format!("{args:?} under strace: {}: {stderr}", traced.status).into());
    }
    let trace = fs::read_to_string(dir.join("trace"))?;
    let lines: Vec<_> = trace
        .lines()
        .filter_map(|line| line.split_once(char::is_whitespace))
        .collect();
    let main = lines.first().map(|(process, _)| *process);
    let of_main = lines.iter().filter(|(process, _)| Some(*process) == main);
    Ok(of_main
        .map(|(_, call)| call.trim_start().to_owned())
        .collect())
}

/// Returns how often the main thread makes each call.
pub(super) fn count(dir: &Path, calls: &[&str], args: &[&str]) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for line in trace(dir, calls, args)? {
        if let Some((call, _)) = line.split_once('(')
            && calls.contains(&call)
        {
            *counts.entry(call.to_owned()).or_default() += 1;
        }
    }
    Ok(counts)
}
