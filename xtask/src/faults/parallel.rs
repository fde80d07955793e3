//! `cargo xtask faults parallel`: checks calls whose workers die, whose parent dies,
//! and both at once. This program is the parent of the workers that are killed.

mod children;
mod churn;
mod death;
mod determinism;
mod failing_syscalls;
mod malformed_from_parent;
mod malformed_from_worker;
mod nested;
mod parent;
mod program;
mod programs;
mod sizes;
mod worker_kills;

pub(crate) use self::failing_syscalls::live as live_refused;
pub(crate) use self::parent::run as live;
pub(crate) use self::programs::live as live_program;

use std::time::{Duration, Instant};

use self::children::Left;
use crate::shell::Result;

/// How many faults are injected.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// How many times a task ends its worker, for each way of ending it.
    deaths: u64,
    /// Number of workers that write garbage to their parent.
    garbled: u64,
    /// Number of workers that receive garbage from their parent.
    nonsense: u64,
    /// Number of workers killed from outside.
    hunted: u64,
    /// Number of parents killed in each phase of a call.
    parents: u64,
    /// Whether to refuse every system call once, or only those that the library makes.
    refuses_all: bool,
    /// Number of programs of random steps.
    programs: u64,
    /// The largest argument and result, in bytes.
    largest: usize,
    /// Number of calls that are started and dropped on threads. One in a hundred as
    /// many run on processes.
    cycles: u64,
    /// Number of tasks of the calls whose results are compared.
    tasks: u64,
    /// Number of rounds of memoized functions called from rayon.
    nested: u64,
    /// The time limit of the whole run.
    limit: Duration,
}

/// The load that the published figures come from.
pub(crate) const LONG: Load = Load {
    deaths: 200,
    garbled: 5_000,
    nonsense: 5_000,
    hunted: 2_000,
    parents: 200,
    refuses_all: true,
    programs: 500,
    largest: 2 << 30,
    cycles: 100_000,
    tasks: 20_000,
    nested: 20_000,
    limit: Duration::from_secs(1_800),
};

/// The load that runs with every test.
pub(crate) const SHORT: Load = Load {
    deaths: 2,
    garbled: 40,
    nonsense: 60,
    hunted: 20,
    parents: 3,
    refuses_all: false,
    programs: 3,
    largest: 8 << 20,
    cycles: 2_000,
    tasks: 500,
    nested: 200,
    limit: Duration::from_secs(300),
};

/// Injects one kind of fault and returns a summary of the attempts.
type Step = fn(Load) -> Result<String>;

/// Runs all steps. Prints for each what was tried and how long that took.
pub(crate) fn run(load: Load) -> Result {
    let steps: [(&str, Step); 11] = [
        ("death", death::run),
        ("garbage", malformed_from_worker::run),
        ("nonsense", malformed_from_parent::run),
        ("hunted", worker_kills::run),
        ("parent", parent::hunt),
        ("refused", failing_syscalls::run),
        ("programs", programs::run),
        ("sizes", sizes::run),
        ("cycles", churn::run),
        ("same", determinism::run),
        ("nested", nested::run),
    ];
    watch(load.limit);
    for (name, step) in steps {
        let start = Instant::now();
        let before = Left::count()?;
        let summary = step(load).map_err(|error| format!("{name}: {error}"))?;
        before
            .compare()
            .map_err(|error| format!("{name}: {error}"))?;
        println!(
            "{name:<14} {summary} ({:.1} s)",
            start.elapsed().as_secs_f64()
        );
    }
    Ok(())
}

/// Ends the process if something hangs.
fn watch(limit: Duration) {
    std::thread::spawn(move || {
        std::thread::sleep(limit);
        eprintln!("faults parallel: not done after {limit:?}; something hangs");
        std::process::abort();
    });
}
