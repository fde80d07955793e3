//! `cargo xtask faults`: what happens to a cache when processes die, files are
//! damaged and the system refuses.

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

/// How much is tried.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// Processes killed at random moments.
    kills: u64,
    /// One in so many bits is flipped, and so many lengths cut.
    stride: usize,
    /// One in so many system calls is met.
    every: u64,
    /// Errors given instead of what the system says.
    errors: &'static [&'static str],
    /// Rounds of processes that ask for one missing key.
    stampedes: u64,
}

/// What the published figures come from.
pub(crate) const LONG: Load = Load {
    kills: 10_000,
    stride: 1,
    every: 1,
    errors: &["EIO", "ENOSPC", "EACCES", "EROFS", "EMFILE", "ESTALE"],
    stampedes: 20,
};

/// What runs with every test.
pub(crate) const SHORT: Load = Load {
    kills: 150,
    stride: 997,
    every: 9,
    errors: &["EIO"],
    stampedes: 1,
};

/// Tries one kind of fault, and says how often.
type Step<L> = fn(L) -> Result<String>;

/// Runs everything; each line says what was tried and how long that took.
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

/// Takes one step after another, up to the first that fails.
fn each<L: Copy>(load: L, steps: &[(&str, Step<L>)]) -> Result {
    for (name, step) in steps {
        let start = Instant::now();
        let said = step(load).map_err(|error| format!("{name}: {error}"))?;
        println!("{name:<14} {said} ({:.1} s)", start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// This program as a worker in `dir`.
fn worker(dir: &Path, words: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .current_dir(dir)
        .args(["faults", "worker"])
        .args(words);
    Ok(command)
}
