//! `cargo xtask faults persist`: what happens to a value's file when bytes
//! change, processes die and the system refuses.

mod damage;
mod order;
mod syscalls;
mod work;

pub(crate) use work::run as work;

use std::time::Instant;

use crate::shell::Result;

/// How much is tried.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// One in so many bits is flipped, and so many lengths cut.
    stride: usize,
    /// One in so many system calls is met.
    every: u64,
    /// Errors given instead of what the system says.
    errors: &'static [&'static str],
}

/// What the published figures come from.
pub(crate) const LONG: Load = Load {
    stride: 1,
    every: 1,
    errors: &["EIO", "ENOSPC", "EACCES", "EROFS", "EMFILE", "EINTR"],
};

/// What runs with every test.
pub(crate) const SHORT: Load = Load {
    stride: 397,
    every: 3,
    errors: &["EIO", "ENOSPC"],
};

/// Tries one kind of fault, and says how often.
type Step = fn(Load) -> Result<String>;

/// Runs everything; each line says what was tried and how long that took.
pub(crate) fn run(load: Load) -> Result {
    let steps: [(&str, Step); 3] = [
        ("system calls", syscalls::run),
        ("power cut", order::run),
        ("damage", damage::run),
    ];
    for (name, step) in steps {
        let start = Instant::now();
        let said = step(load).map_err(|error| format!("{name}: {error}"))?;
        println!("{name:<14} {said} ({:.1} s)", start.elapsed().as_secs_f64());
    }
    Ok(())
}
