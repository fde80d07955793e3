//! Runners that are jobs in a pool of rayon. A job runs one batch and requests the next
//! job, so that a thread that waits inside of rayon, with a job on top of what it waits
//! for, goes on after one batch.
//!
//! A job never waits. A runner without a task is parked, and whatever brings new tasks
//! or room for them requests a job that continues it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Instant;

use super::next_tasks::DEFERRED_POLL;
use super::runner::{Runner, Served};
use super::{Engine, lock};
use crate::outcome::Error;
use crate::outcome::panic_location::{self, PanicRecorder};
use crate::parallel::config::{self, IsolatedScopes};
use crate::sched::core_budget::{self, CoreLimit};
use crate::task::Task;
use crate::task::current::{self, TaskGuard};

/// The state of runners that are jobs.
pub(super) struct RayonJobs {
    parked: Mutex<Vec<Runner>>,
    /// Jobs that were requested and have not started.
    requested: AtomicUsize,
    /// Counts the events that parked runners may wait for. A runner that parks while one
    /// happens sees that it changed.
    events: AtomicUsize,
}

impl RayonJobs {
    /// Creates the state of runners of which `requested` are requested already.
    pub(super) fn new(requested: usize) -> Self {
        RayonJobs {
            parked: Mutex::new(Vec::new()),
            requested: AtomicUsize::new(requested),
            events: AtomicUsize::new(0),
        }
    }

    /// Takes a parked runner.
    pub(super) fn unpark(&self) -> Option<Runner> {
        lock(&self.parked).pop()
    }
}

impl<I: Iterator, T: Task<I::Item>> Engine<I, T> {
    /// Whether the runners are jobs in a pool of rayon.
    pub(super) fn is_in_rayon(&self) -> bool {
        self.jobs.is_some()
    }

    /// Runs one batch of tasks and requests the job for the next one.
    pub(in crate::parallel) fn serve_job(&self) {
        let Some(jobs) = &self.jobs else {
            return;
        };
        let less = |requested: usize| requested.checked_sub(1);
        let _ = jobs.requested.fetch_update(SeqCst, SeqCst, less);
        let events = jobs.events.load(SeqCst);
        let Some(mut runner) = self.runner() else {
            return;
        };
        let served = catch_unwind(AssertUnwindSafe(|| {
            let _inside = self.enter_alone();
            match runner.is_initialized || self.initialize(&runner) {
                true => {
                    runner.is_initialized = true;
                    self.serve_once(&mut runner, false)
                }
                false => Served::Over,
            }
        }));
        match served {
            Ok(Served::Batch) => {
                lock(&jobs.parked).push(runner);
                self.request_job(jobs);
            }
            Ok(Served::Later) => {
                lock(&jobs.parked).push(runner);
                if jobs.events.load(SeqCst) != events {
                    self.request_job(jobs);
                }
            }
            Ok(Served::Over) => {}
            Err(payload) => self.fail_runner(Error::runner(payload)),
        }
    }

    /// Requests jobs for up to `most` parked runners, after an event that may give them
    /// tasks. Does nothing outside of rayon.
    pub(super) fn wake_jobs(&self, most: usize) {
        let Some(jobs) = &self.jobs else {
            return;
        };
        jobs.events.fetch_add(1, SeqCst);
        // A requested job that has not started will see the event.
        let requested = jobs.requested.load(SeqCst);
        let spare = lock(&jobs.parked).len() + lock(&self.vacant).len();
        for _ in requested..spare.min(most) {
            self.request_job(jobs);
        }
    }

    /// Requests a job if there are deferred tasks, which become ready without an event.
    pub(super) fn wake_for_deferred(&self) {
        if self.is_in_rayon() && !lock(&self.deferred).is_empty() {
            self.wake_jobs(1);
        }
    }

    /// Returns when to look at the deferred tasks again, if there are any.
    pub(super) fn deferred_limit(&self) -> Option<Instant> {
        let is_polled = self.is_in_rayon() && !lock(&self.deferred).is_empty();
        is_polled.then(|| Instant::now() + DEFERRED_POLL)
    }

    fn request_job(&self, jobs: &RayonJobs) {
        let Some(helpers) = self.helpers.get() else {
            return;
        };
        jobs.requested.fetch_add(1, SeqCst);
        helpers.request_helper();
    }

    /// Puts this thread into the scopes of the call, like [`enter`](Engine::enter). It may
    /// be in the middle of another task, which must not count for this one.
    fn enter_alone(&self) -> (CoreLimit, IsolatedScopes, TaskGuard, PanicRecorder) {
        (
            core_budget::enter(self.plan.share),
            config::adopt_alone(self.scopes.clone()),
            current::suspend(),
            panic_location::record(),
        )
    }
}
