//! Workers under strace, which kills them at a system call or lets it fail.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::worker;
use crate::shell::Result;

pub(super) fn is_there() -> bool {
    Command::new("strace").arg("-V").output().is_ok()
}

/// Runs a worker, with each of `expressions` as one of strace's.
pub(super) fn run(dir: &Path, expressions: &[String], words: &[&str]) -> Result<Output> {
    let traced = worker(dir, words)?;
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "trace"]);
    for expression in expressions {
        command.args(["-e", expression]);
    }
    command.arg(traced.get_program());
    command.args(traced.get_args()).current_dir(dir);
    Ok(command.stdin(Stdio::null()).output()?)
}

/// The calls that the first thread of a worker makes, in order, each as strace
/// writes it.
pub(super) fn trace(
    dir: &Path,
    calls: &[&str],
    injected: &[String],
    words: &[&str],
) -> Result<Vec<String>> {
    let mut expressions = vec![format!("trace={}", calls.join(","))];
    expressions.extend_from_slice(injected);
    let traced = run(dir, &expressions, words)?;
    if !traced.status.success() {
        let said = String::from_utf8_lossy(&traced.stderr);
        return Err(format!("{words:?} under strace: {}: {said}", traced.status).into());
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

/// How often the first thread makes each call.
pub(super) fn count(
    dir: &Path,
    calls: &[&str],
    injected: &[String],
    words: &[&str],
) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for line in trace(dir, calls, injected, words)? {
        if let Some((call, _)) = line.split_once('(')
            && calls.contains(&call)
        {
            *counts.entry(call.to_owned()).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Which of the calls named `call` is the first with `argument` in it.
pub(super) fn number_of(dir: &Path, call: &str, argument: &str, words: &[&str]) -> Result<usize> {
    let lines = trace(dir, &[call], &[], words)?;
    let found = lines.iter().position(|line| line.contains(argument));
    let number = found.ok_or_else(|| format!("{words:?} makes no {call} with {argument}"))?;
    Ok(number + 1)
}
