//! `cargo xtask faults`: checks a cache after processes die, files are damaged and
//! system calls fail.

mod check;
mod damage;
mod filter;
mod kill;
pub(crate) mod parallel;
pub(crate) mod persist;
mod stampede;
mod strace;
mod syscalls;
mod worker;

pub(crate) use worker::run as work;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::shell::Result;

/// How many faults are injected.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// Number of processes killed at random moments.
    kills: u64,
    /// Every n-th bit is flipped, and every n-th length is tried as a truncation.
    stride: usize,
    /// Every n-th system call is killed or refused.
    every: u64,
    /// The errors that are injected.
    errors: &'static [&'static str],
    /// Rounds in which many processes request one missing key.
    stampedes: u64,
}

/// The load that the published figures come from.
pub(crate) const LONG: Load = Load {
    kills: 10_000,
    stride: 1,
    every: 1,
    errors: &["EIO", "ENOSPC", "EACCES", "EROFS", "EMFILE", "ESTALE"],
    stampedes: 20,
};

/// The load that runs with every test.
pub(crate) const SHORT: Load = Load {
    kills: 150,
    stride: 997,
    every: 9,
    errors: &["EIO"],
    stampedes: 1,
};

/// Injects one kind of fault and returns a summary of the attempts.
type Step<L> = fn(L) -> Result<String>;

/// Runs all steps. Prints for each what was tried and how long that took.
pub(crate) fn memo(load: Load) -> Result {
    each(
        load,
        &[
            ("kill -9", kill::run),
            ("stampede", stampede::run),
            ("system calls", syscalls::run),
            ("damage", damage::run),
        ],
    )
}

/// Runs the steps in order and stops at the first that fails.
fn each<L: Copy>(load: L, steps: &[(&str, Step<L>)]) -> Result {
    for (name, step) in steps {
        let start = Instant::now();
        let summary = step(load).map_err(|error| format!("{name}: {error}"))?;
        println!(
            "{name:<14} {summary} ({:.1} s)",
            start.elapsed().as_secs_f64()
        );
    }
    Ok(())
}

/// Returns a command that runs this program as a worker in `dir`.
fn worker(dir: &Path, args: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .current_dir(dir)
        .args(["faults", "worker"])
        .args(args);
    Ok(command)
}
