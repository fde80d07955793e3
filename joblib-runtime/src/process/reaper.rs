//! Reaps workers that are exiting. Each gets time to end by itself, so that destructors
//! of thread locals and functions registered with `atexit` run, and is killed after
//! that.

use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::child_process::ChildProcess;
use super::worker::Worker;
use crate::fork::PerProcess;
use crate::unpoisoned::{lock, unpoisoned};

/// How long a worker may take to end by itself.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// The interval between two checks grows from the first to the second.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(250);

struct ExitingWorker {
    process: ChildProcess,
    /// When the process is killed; `None` if it cannot be killed.
    until: Option<Instant>,
}

#[derive(Default)]
struct Reaper {
    state: Mutex<ReaperState>,
    more: Condvar,
}

#[derive(Default)]
struct ReaperState {
    leaving: Vec<ExitingWorker>,
    has_thread: bool,
}

static REAPER: PerProcess<Reaper> = PerProcess::new(Reaper::default);

/// Lets a worker end by itself, and kills it if that takes too long.
pub(super) fn retire(worker: Worker) {
    worker.hang_up();
    end(worker.process);
}

/// Kills a process unless it ends by itself within [`GRACE`].
fn end(process: ChildProcess) {
    add(ExitingWorker {
        process,
        until: Some(Instant::now() + GRACE),
    });
}

/// Waits in the background for a process that cannot be killed.
pub(super) fn wait_for(process: ChildProcess) {
    add(ExitingWorker {
        process,
        until: None,
    });
}

/// Waits until all exiting workers have ended, except those that cannot be killed.
pub(super) fn wait() {
    let reaper = REAPER.get();
    let mut pause = SHORTEST;
    while reaper.reap() {
        thread::sleep(pause);
        pause = (pause * 2).min(SHORTEST * 8);
    }
}

fn add(leaving: ExitingWorker) {
    let reaper = REAPER.get();
    let mut state = lock(&reaper.state);
    state.leaving.push(leaving);
    if !state.has_thread {
        let thread = thread::Builder::new().name("joblib-reaper".to_owned());
        state.has_thread = thread.spawn(|| reaper.serve()).is_ok();
    }
    reaper.more.notify_one();
}

impl Reaper {
    /// Reaps the processes that have ended, and kills those that took too long. Returns
    /// whether there are others that will be killed.
    fn reap(&self) -> bool {
        let now = Instant::now();
        let mut state = lock(&self.state);
        state
            .leaving
            .retain_mut(|leaving| leaving.process.ended_within(Duration::ZERO).is_none());
        let is_late = |leaving: &mut ExitingWorker| leaving.until.is_some_and(|until| until <= now);
        let late: Vec<_> = state.leaving.extract_if(.., is_late).collect();
        let others = state.leaving.iter().any(|leaving| leaving.until.is_some());
        drop(state);
        // Dropping a process kills it. If that is not allowed, `drop` adds it here
        // again, so the lock must be released first.
        drop(late);
        others
    }

    fn serve(&self) {
        let mut pause = SHORTEST;
        loop {
            self.reap();
            let mut state = lock(&self.state);
            if state.leaving.is_empty() {
                state.has_thread = false;
                return;
            }
            let (state, result) = unpoisoned(self.more.wait_timeout(state, pause));
            drop(state);
            pause = match result.timed_out() {
                true => (pause * 2).min(LONGEST),
                false => SHORTEST,
            };
        }
    }
}
