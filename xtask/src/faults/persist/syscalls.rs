//! Kills a process at each system call of a `dump` over an older file, and
//! lets each of them fail, by strace: the older file or the newer one is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::Load;
use super::work::{FILE, NEW, OLD, Value};
use crate::faults::check::names;
use crate::shell::Result;

/// The calls that a dump makes.
const CALLS: &[&str] = &[
    "openat",
    "write",
    "writev",
    "linkat",
    "rename",
    "unlink",
    "fsync",
    "fdatasync",
    "fchmod",
    "statx",
    "close",
];

/// A failure of these is no news to a dump: std asserts that files close.
const NEVER_FAILS: &str = "close";

/// What is there between two calls, and what the next dump removes.
const BESIDE: &str = ".value.joblib.new";

pub(super) fn run(load: Load) -> Result<String> {
    if !has_strace() {
        return Ok("skipped: strace is not installed".to_owned());
    }
    let before = count("idle")?;
    let (mut calls, mut kills, mut refusals) = (0, 0, 0);
    for (call, last) in count("dump")? {
        let first = before.get(&call).copied().unwrap_or(0) + 1;
        for number in first..=last {
            calls += 1;
            if calls % load.every != 0 {
                continue;
            }
            fail(&call, number, "signal=SIGKILL")?;
            kills += 1;
            if call == NEVER_FAILS {
                continue;
            }
            for error in load.errors {
                fail(&call, number, &format!("error={error}"))?;
                refusals += 1;
            }
        }
    }
    Ok(format!("{kills} of {calls} killed, {refusals} refused"))
}

pub(super) fn has_strace() -> bool {
    Command::new("strace").arg("-V").output().is_ok()
}

/// A directory with the older file.
pub(super) fn with_old() -> Result<tempfile::TempDir> {
    let directory = tempfile::tempdir()?;
    joblib::dump(&Value::new(OLD), directory.path().join(FILE))?;
    Ok(directory)
}

/// Runs the work under strace, which is told `what`.
pub(super) fn strace(directory: &Path, trace: &Path, what: &str, work: &str) -> Result<Output> {
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-o"])
        .arg(trace)
        .args(["-e", what]);
    command
        .arg(std::env::current_exe()?)
        .args(["faults", "dumper", work])
        .current_dir(directory);
    Ok(command.stdin(Stdio::null()).output()?)
}

/// How often each call is made.
fn count(work: &str) -> Result<BTreeMap<String, u64>> {
    let (directory, aside) = (with_old()?, tempfile::tempdir()?);
    let trace = aside.path().join("trace");
    let what = format!("trace={}", CALLS.join(","));
    let traced = strace(directory.path(), &trace, &what, work)?;
    if !traced.status.success() {
        let said = String::from_utf8_lossy(&traced.stderr);
        return Err(format!("{work} under strace: {}: {said}", traced.status).into());
    }
    let mut counts = BTreeMap::new();
    for line in fs::read_to_string(trace)?.lines() {
        let call = line.split_once(char::is_whitespace);
        let call = call.and_then(|(_, rest)| rest.trim_start().split_once('('));
        if let Some((call, _)) = call
            && CALLS.contains(&call)
        {
            *counts.entry(call.to_owned()).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Has one call of a dump go wrong, and looks at what is there then.
fn fail(call: &str, number: u64, how: &str) -> Result {
    let (directory, aside) = (with_old()?, tempfile::tempdir()?);
    let inject = format!("inject={call}:{how}:when={number}");
    let output = strace(
        directory.path(),
        &aside.path().join("trace"),
        &inject,
        "dump",
    )?;
    let said = String::from_utf8_lossy(&output.stdout);
    check(directory.path(), said.contains("done"))
        .map_err(|error| format!("{call} number {number}, {how}: {error}").into())
}

/// The older file or the newer one, and nothing else that stays.
fn check(directory: &Path, is_done: bool) -> Result {
    let path = directory.join(FILE);
    let value: Value = joblib::load(&path)?;
    let is_known = value == Value::new(value.number);
    match value.number {
        NEW if is_known => {}
        OLD if is_known && !is_done => {}
        OLD if is_known => return Err("the older file is there after `Ok`".into()),
        _ => return Err("another value is there".into()),
    }
    joblib::dump(&value, &path)?;
    let left: Vec<_> = names(directory)?
        .into_iter()
        .filter(|it| it != FILE)
        .collect();
    match left.is_empty() {
        true => Ok(()),
        false => Err(format!("{left:?} stays beside the file; {BESIDE} goes with a dump").into()),
    }
}
