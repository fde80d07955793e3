//! Starts, completes and drops calls over and over.

use joblib::backend::{Processes, Threads};
use joblib::parallel;

use super::Load;
use crate::shell::Result;

#[parallel]
fn next(x: u64) -> u64 {
    x + 1
}

pub(super) fn run(load: Load) -> Result<String> {
    for turn in 0..load.cycles {
        let call = || next::par(0..).backend(Threads).n_jobs(1 + turn % 4);
        check(
            turn,
            call().stream(),
            call().stream_unordered().map(|(_, value)| value),
        )?;
    }
    let processes = load.cycles / 100;
    for turn in 0..processes {
        let call = || next::par(0..).backend(Processes).n_jobs(1 + turn % 3);
        check(
            turn,
            call().stream(),
            call().stream_unordered().map(|(_, value)| value),
        )?;
        if turn % 16 == 0 {
            joblib_runtime::process::end_idle();
        }
    }
    Ok(format!(
        "{} calls on threads and {} on processes, dropped unfinished",
        2 * load.cycles,
        2 * processes
    ))
}

/// Takes a few results of an endless call and checks them.
fn check(
    turn: u64,
    ordered: impl Iterator<Item = u64>,
    unordered: impl Iterator<Item = u64>,
) -> Result {
    let count = (turn % 5) as usize;
    let taken: Vec<u64> = ordered.take(count).collect();
    let expected: Vec<u64> = (1..=count as u64).collect();
    let others = unordered.take(count).filter(|value| *value == 0).count();
    if taken != expected || others > 0 {
        return Err(format!("turn {turn}: {taken:?}").into());
    }
    Ok(())
}
