//! Kills workers from outside, at any moment.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use joblib::backend::Processes;
use joblib::parallel;
use joblib::parallel::ErrorKind;
use rustix::process::{Pid, Signal, kill_process};

use super::{Load, children};
use crate::shell::Result;

const TASKS: u64 = 300;

#[parallel]
fn spin(x: u64) -> u64 {
    (0..20_000).fold(x, |sum, n| std::hint::black_box(sum.wrapping_mul(31) ^ n))
}

pub(super) fn run(load: Load) -> Result<String> {
    let expected: Vec<u64> = (0..TASKS).map(spin).collect();
    let (killed, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let (mut calls, mut lost) = (0_u64, 0_u64);
    let result = std::thread::scope(|scope| {
        scope.spawn(|| hunt(&killed, &is_over));
        let result = loop {
            if killed.load(SeqCst) >= load.hunted {
                break Ok(());
            }
            calls += 1;
            match compare(&expected, calls) {
                Ok(missing) => lost += missing,
                Err(error) => break Err(error),
            }
        };
        is_over.store(true, SeqCst);
        result
    });
    result?;
    Ok(format!(
        "{} workers killed during {calls} calls of {TASKS} tasks: {lost} tasks reported lost, \
         all others right",
        killed.into_inner()
    ))
}

/// Number of outcomes so far, of all calls.
static DONE: AtomicU64 = AtomicU64::new(0);

/// Kills a worker now and then. A call fails if several workers in a row end without a
/// finished task, so at least one task finishes between two kills.
fn hunt(killed: &AtomicU64, is_over: &AtomicBool) {
    let (mut turn, mut done) = (0, 0);
    while !is_over.load(SeqCst) {
        turn += 1;
        std::thread::sleep(Duration::from_micros(5_000 + turn * 9_773 % 30_000));
        if DONE.load(SeqCst) == done {
            continue;
        }
        let workers = children::of(std::process::id());
        let Some(&pid) = workers.get(turn as usize % workers.len().max(1)) else {
            continue;
        };
        let pid = Pid::from_raw(pid as i32);
        if pid.is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok()) {
            killed.fetch_add(1, SeqCst);
            done = DONE.load(SeqCst);
        }
    }
}

/// Returns the number of tasks reported lost. A wrong or missing outcome is an error.
/// Every other call retries, and must lose no task.
fn compare(expected: &[u64], turn: u64) -> Result<u64> {
    let call = spin::par(0..TASKS).backend(Processes).n_jobs(3);
    let call = call.on_progress(|_| {
        DONE.fetch_add(1, SeqCst);
    });
    let call = if turn.is_multiple_of(2) {
        call.retries(1_000)
    } else {
        call
    };
    let outcomes = call.outcomes();
    if outcomes.len() != expected.len() {
        return Err(format!("expected {TASKS} outcomes, found {}", outcomes.len()).into());
    }
    let mut lost = 0;
    for (index, (outcome, expected)) in outcomes.into_iter().zip(expected).enumerate() {
        match outcome {
            Ok(value) if value == *expected => {}
            Err(error)
                if !turn.is_multiple_of(2)
                    && error.index() == Some(index)
                    && matches!(error.failure(), ErrorKind::WorkerDied(_)) =>
            {
                lost += 1;
            }
            other => return Err(format!("task {index}: {other:?}").into()),
        }
    }
    Ok(lost)
}
