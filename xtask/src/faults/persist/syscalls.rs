//! Kills a process at each system call of a dump, and makes each of them fail, with
//! strace.

use crate::faults::strace::{self, count};
use crate::shell::Result;

use super::Load;
use super::check::{self, DONE};

/// The system calls of a dump.
pub(super) const CALLS: &[&str] = &[
    "openat",
    "write",
    "statx",
    "readlink",
    "readlinkat",
    "faccessat2",
    "lgetxattr",
    "fsetxattr",
    "fremovexattr",
    "fchown",
    "fchmod",
    "flock",
    "pread64",
    "fsync",
    "linkat",
    "renameat",
    "unlinkat",
    "getdents64",
    "close",
    "mmap",
];

/// Memory allocation also uses `mmap`, and no program survives its failure. A `close`
/// closes the descriptor even if it fails.
const NEVER_FAIL: [&str; 2] = ["mmap", "close"];

/// A dump that replaces a file or creates one, with or without a name for the temporary
/// file from the start, which depends on the file system.
#[derive(Clone, Copy)]
struct Scenario {
    durability: &'static str,
    has_old: bool,
    is_named: bool,
}

const SCENARIOS: [Scenario; 5] = [
    Scenario {
        durability: "full",
        has_old: true,
        is_named: false,
    },
    Scenario {
        durability: "full",
        has_old: false,
        is_named: false,
    },
    Scenario {
        durability: "full",
        has_old: true,
        is_named: true,
    },
    Scenario {
        durability: "full",
        has_old: false,
        is_named: true,
    },
    Scenario {
        durability: "nothing",
        has_old: true,
        is_named: false,
    },
];

pub(super) fn run(load: Load) -> Result<String> {
    if !strace::is_there() {
        return Ok("skipped: strace is not installed".to_owned());
    }
    let empty = tempfile::tempdir()?;
    let before = count(empty.path(), CALLS, &["idle"])?;
    let (mut calls, mut kills, mut refusals) = (0, 0, 0);
    for scenario in SCENARIOS {
        let dir = check::prepared(scenario.has_old)?;
        let counts = count(dir.path(), CALLS, &scenario.args())?;
        if scenario.is_named == counts.contains_key("linkat") {
            let what = "names the temporary file in an unexpected way";
            return Err(scenario.describe(what).into());
        }
        for (call, last) in counts {
            let first = before.get(&call).copied().unwrap_or(0) + 1;
            for number in first..=last {
                calls += 1;
                if !u64::is_multiple_of(calls, load.every) {
                    continue;
                }
                scenario.kill_at(&call, number)?;
                kills += 1;
                if NEVER_FAIL.contains(&call.as_str()) {
                    continue;
                }
                for error in load.errors {
                    scenario.refuse(&call, number, error)?;
                    refusals += 1;
                }
            }
        }
    }
    Ok(format!("{kills} of {calls} killed, {refusals} refused"))
}

impl Scenario {
    fn args(self) -> Vec<&'static str> {
        check::args(self.durability, self.is_named)
    }

    fn describe(self, what: &str) -> String {
        let Scenario {
            durability,
            has_old,
            is_named,
        } = self;
        format!("dump ({durability}, old file: {has_old}, named: {is_named}) {what}")
    }

    fn kill_at(self, call: &str, number: u64) -> Result {
        let dir = check::prepared(self.has_old)?;
        let inject = format!("inject={call}:signal=SIGKILL:when={number}");
        let killed = strace::run(dir.path(), &[inject], &self.args())?;
        let is_done = killed.stdout == DONE.as_bytes();
        check::is_old_or_new(dir.path(), self.has_old, !is_done)
            .and_then(|()| check::is_closed_to_others(dir.path(), self.has_old))
            .and_then(|()| check::is_cleared_by_the_next(dir.path(), self.is_named))
            .map_err(|error| {
                self.describe(&format!("killed at {call} number {number}: {error}"))
                    .into()
            })
    }

    /// Makes one call fail. The dump must fail or do what it should.
    fn refuse(self, call: &str, number: u64, error: &str) -> Result {
        let dir = check::prepared(self.has_old)?;
        let inject = format!("inject={call}:error={error}:when={number}");
        let refused = strace::run(dir.path(), &[inject], &self.args())?;
        let checked = match refused.status.code() {
            Some(0) => check::is_old_or_new(dir.path(), self.has_old, false),
            Some(1) => check::is_old_or_new(dir.path(), self.has_old, true),
            _ => Err(format!("the process ended with {}", refused.status).into()),
        };
        checked
            .and_then(|()| match call {
                // A file that cannot be removed stays, and the next dump removes it.
                "unlinkat" => Ok(()),
                _ => check::is_alone(dir.path()),
            })
            .and_then(|()| check::is_cleared_by_the_next(dir.path(), self.is_named))
            .map_err(|wrong| {
                let stderr = String::from_utf8_lossy(&refused.stderr);
                let what =
                    format!("{call} number {number} refused with {error}: {wrong}: {stderr}");
                self.describe(&what).into()
            })
    }
}
