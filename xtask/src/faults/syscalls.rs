//! Kills a process at each of its system calls, and makes each of them fail, with
//! strace.

use super::strace::{self, count};
use super::worker::CACHE;
use super::{Load, check, worker};
use crate::shell::Result;

/// The system calls of a store.
const CALLS: &[&str] = &[
    "openat",
    "write",
    "rename",
    "unlink",
    "mkdir",
    "fdatasync",
    "fsync",
    "flock",
    "fcntl",
    "fallocate",
    "statx",
    "getdents64",
    "mmap",
];

/// Memory allocation also uses this call, and no program survives its failure.
const NEVER_FAILS: &str = "mmap";

const SCENARIOS: [&str; 5] = ["store", "load", "limit", "clear", "call"];

pub(super) fn run(load: Load) -> Result<String> {
    if !strace::is_there() {
        return Ok("skipped: strace is not installed".to_owned());
    }
    let before = count(tempfile::tempdir()?.path(), CALLS, &["idle"])?;
    let (mut calls, mut kills, mut refusals) = (0, 0, 0);
    for scenario in SCENARIOS {
        let dir = filled()?;
        for (call, last) in count(dir.path(), CALLS, &[scenario])? {
            let first = before.get(&call).copied().unwrap_or(0) + 1;
            for number in first..=last {
                calls += 1;
                if calls % load.every != 0 {
                    continue;
                }
                kill_at(scenario, &call, number)?;
                kills += 1;
                if scenario != "call" || call == NEVER_FAILS {
                    continue;
                }
                for error in load.errors {
                    refuse(&call, number, error)?;
                    refusals += 1;
                }
            }
        }
    }
    Ok(format!("{kills} of {calls} killed, {refusals} refused"))
}

/// Creates a directory with a cache in it.
fn filled() -> Result<tempfile::TempDir> {
    let dir = tempfile::tempdir()?;
    for _ in 0..2 {
        worker(dir.path(), &["store"])?.output()?;
    }
    Ok(dir)
}

fn kill_at(scenario: &str, call: &str, number: u64) -> Result {
    let dir = filled()?;
    let inject = format!("inject={call}:signal=SIGKILL:when={number}");
    let killed = strace::run(dir.path(), &[inject], &[scenario])?;
    let at = |error: Box<dyn std::error::Error>| {
        format!("{scenario} killed at {call} number {number}: {error}")
    };
    let store = check::is_sound(dir.path()).map_err(at)?;
    if scenario == "store" {
        let stdout = String::from_utf8_lossy(&killed.stdout);
        for key in stdout
            .split_inclusive('\n')
            .filter_map(|line| line.strip_suffix('\n'))
        {
            if store.get(check::id(key.parse()?), false)?.is_none() {
                return Err(at(format!("the finished result {key} is lost").into()).into());
            }
        }
    }
    check::is_clean(dir.path(), &store).map_err(at)?;
    Ok(())
}

/// Makes one call fail. The values must be right nevertheless.
fn refuse(call: &str, number: u64, error: &str) -> Result {
    let dir = filled()?;
    let inject = format!("inject={call}:error={error}:when={number}");
    let refused = strace::run(dir.path(), &[inject], &["call"])?;
    if !refused.status.success() {
        let stderr = String::from_utf8_lossy(&refused.stderr);
        let what = format!("{call} number {number} refused with {error}");
        return Err(format!("{what}: {}: {stderr}", refused.status).into());
    }
    if dir.path().join(CACHE).is_dir() {
        let store = check::is_sound(dir.path())?;
        check::is_clean(dir.path(), &store)?;
    }
    Ok(())
}
