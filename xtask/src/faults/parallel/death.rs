//! Tasks that end their own worker, in every possible way.

use std::time::Duration;

use joblib::backend::Processes;
use joblib::parallel;
use joblib::parallel::{ErrorKind, WorkerExit};
use rustix::process::{Signal, getpid, kill_process};

use super::Load;
use crate::shell::Result;

/// Number of tasks of one call. One of them ends its worker.
const TASKS: u64 = 40;

/// The ways in which a task ends its worker, and the failure that the caller must
/// receive.
const WAYS: [(&str, Expected); 7] = [
    ("SIGKILL", Expected::Death(WorkerExit::Killed(9))),
    ("SIGSEGV", Expected::Death(WorkerExit::Killed(11))),
    ("SIGABRT", Expected::Death(WorkerExit::Killed(6))),
    ("exit(0)", Expected::Death(WorkerExit::Exited(0))),
    ("exit(3)", Expected::Death(WorkerExit::Exited(3))),
    ("an endless recursion", Expected::Overflow),
    ("SIGSTOP", Expected::TimedOut),
];

/// The time limit of a task, for the worker that is stopped.
const LIMIT: Duration = Duration::from_millis(100);

#[derive(Clone, Copy)]
enum Expected {
    Death(WorkerExit),
    /// The worker dies of `SIGSEGV`, or of `SIGABRT` where Rust's own handler is
    /// installed.
    Overflow,
    TimedOut,
}

/// Ends the worker if this is the task `last`.
#[parallel(shared(way, last))]
fn perish(x: u64, way: usize, last: u64) -> u64 {
    if x == last {
        match way {
            0 => raise(Signal::KILL),
            1 => raise(Signal::SEGV),
            2 => raise(Signal::ABORT),
            3 => std::process::exit(0),
            4 => std::process::exit(3),
            5 => drop(recurse(x)),
            _ => raise(Signal::STOP),
        }
    }
    x * x
}

fn raise(signal: Signal) {
    let _ = kill_process(getpid(), signal);
    // The signal may arrive later.
    std::thread::sleep(Duration::from_secs(60));
}

fn recurse(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 512]);
    if depth == u64::MAX {
        return 0;
    }
    recurse(depth + 1).wrapping_add(frame[(depth % 512) as usize])
}

pub(super) fn run(load: Load) -> Result<String> {
    for round in 0..load.deaths {
        for (way, (name, expected)) in WAYS.iter().enumerate() {
            let last = (round * 17 + way as u64 * 5) % TASKS;
            once(way, last, *expected)
                .map_err(|error| format!("{name} in task {last}: {error}"))?;
        }
    }
    let count = load.deaths * WAYS.len() as u64;
    Ok(format!(
        "{count} workers ended by their task in {} ways: only that task was reported lost",
        WAYS.len()
    ))
}

fn once(way: usize, last: u64, expected: Expected) -> Result {
    let mut call = perish::par(0..TASKS, way, last)
        .backend(Processes)
        .n_jobs(2);
    if matches!(expected, Expected::TimedOut) {
        call = call.timeout(LIMIT);
    }
    for (index, outcome) in call.outcomes().into_iter().enumerate() {
        let index = index as u64;
        match outcome {
            Ok(value) if index != last && value == index * index => {}
            Err(error) if index == last && expected.is(error.failure()) => {}
            other => return Err(format!("task {index}: {other:?}").into()),
        }
    }
    let next: Vec<u64> = perish::par(0..4, way, TASKS)
        .backend(Processes)
        .n_jobs(2)
        .collect();
    if next != [0, 1, 4, 9] {
        return Err(format!("the next call returned {next:?}").into());
    }
    Ok(())
}

impl Expected {
    fn is(self, failure: &ErrorKind) -> bool {
        match (self, failure) {
            (Expected::Death(expected), ErrorKind::WorkerDied(death)) => *death == expected,
            (Expected::Overflow, ErrorKind::WorkerDied(WorkerExit::Killed(signal))) => {
                [6, 7, 11].contains(signal)
            }
            (Expected::TimedOut, ErrorKind::TimedOut(_)) => true,
            _ => false,
        }
    }
}
