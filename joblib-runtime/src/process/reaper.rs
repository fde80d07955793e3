//! Workers on their way out that nobody waits for: each gets a while to end by itself, so
//! that destructors of thread locals and functions registered with `atexit` run, and is
//! ended after it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::child_process::ChildProcess;
use super::worker::Worker;
use crate::fork::PerProcess;

/// How long a worker gets to end by itself.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// Processes are looked at after this time, then less and less often.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(250);

struct ExitingWorker {
    process: ChildProcess,
    /// When it is ended; nothing where it cannot be.
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

/// Lets a worker end by itself, and ends it if it takes too long.
pub(super) fn let_go(worker: Worker) {
    worker.hang_up();
    end(worker.process);
}

/// Ends a process that does not end by itself soon.
fn end(process: ChildProcess) {
    add(ExitingWorker {
        process,
        until: Some(Instant::now() + GRACE),
    });
}

/// Waits in the background for a process that cannot be ended.
pub(super) fn wait_for(process: ChildProcess) {
    add(ExitingWorker {
        process,
        until: None,
    });
}

/// Waits for all that were let go.
pub(super) fn wait() {
    let reaper = REAPER.get();
    let mut pause = SHORTEST;
    while reaper.look() {
        thread::sleep(pause);
        pause = (pause * 2).min(SHORTEST * 8);
    }
}

fn add(leaving: ExitingWorker) {
    let reaper = REAPER.get();
    let mut state = reaper.lock();
    state.leaving.push(leaving);
    if !state.has_thread {
        let thread = thread::Builder::new().name("joblib-reaper".to_owned());
        state.has_thread = thread.spawn(|| reaper.serve()).is_ok();
    }
    reaper.more.notify_one();
}

impl Reaper {
    fn lock(&self) -> MutexGuard<'_, ReaperState> {
        // The list is whole between two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reaps those that have ended, and ends those that took too long; whether there are
    /// others that will be ended.
    fn look(&self) -> bool {
        let now = Instant::now();
        let mut state = self.lock();
        state
            .leaving
            .retain_mut(|leaving| leaving.process.ended_within(Duration::ZERO).is_none());
        let is_late = |leaving: &mut ExitingWorker| leaving.until.is_some_and(|until| until <= now);
        let late: Vec<_> = state.leaving.extract_if(.., is_late).collect();
        let others = state.leaving.iter().any(|leaving| leaving.until.is_some());
        drop(state);
        // One that cannot be ended comes back here.
        drop(late);
        others
    }

    fn serve(&self) {
        let mut pause = SHORTEST;
        loop {
            self.look();
            let mut state = self.lock();
            if state.leaving.is_empty() {
                state.has_thread = false;
                return;
            }
            let waited = self.more.wait_timeout(state, pause);
            let (state, result) = waited.unwrap_or_else(PoisonError::into_inner);
            drop(state);
            pause = match result.timed_out() {
                true => (pause * 2).min(LONGEST),
                false => SHORTEST,
            };
        }
    }
}
