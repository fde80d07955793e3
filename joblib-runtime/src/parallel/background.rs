//! A call that runs in a thread of its own, for a future or a stream that must not block
//! the thread that polls it. Dropping it cancels the call and waits for nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use super::cancel::CancelToken;
use super::config;
use super::execute::PreparedCall;
use super::par::Par;
use super::plan::ConsumerMode;
use crate::fork;
use crate::memo::flight::CallStackSnapshot;
use crate::outcome::{Error, ErrorKind};
use crate::sched::core_budget;
use crate::sched::thread_pool::{self, JobHandle};
use crate::task::Task;
use crate::unpoisoned::lock;

impl<I: Iterator, T: Task<I::Item>, B> Par<I, T, B> {
    /// Prepares the call to be run by `run` in a thread of its own.
    pub(super) fn decide_in_background(
        mut self,
        mode: ConsumerMode,
        run: impl FnOnce(B, PreparedCall<I, T>) + Send + 'static,
    ) -> Result<BackgroundCall, Error>
    where
        I: Send + 'static,
        T: Send + 'static,
        B: Send + 'static,
    {
        let token = CancelToken::below(self.settings.cancel.take());
        self.settings.cancel = Some(token.clone());
        let (backend, work) = self.decide(mode)?;
        let stack = work.plan.stack.size;
        Ok(BackgroundCall::new(token, stack, move || {
            run(backend, work);
        }))
    }
}

/// What the thread does. It must not unwind.
type Work = Box<dyn FnOnce() + Send>;

/// A call in a thread of its own.
pub(super) struct BackgroundCall {
    /// The work, before it has started.
    work: Option<(Work, usize)>,
    /// Lets the work start. Present once it is requested.
    thread: Option<JobHandle>,
    token: CancelToken,
    /// The fork generation of the process that created it.
    forks: u64,
}

impl BackgroundCall {
    /// Creates a call that runs `work` on a stack of `stack` bytes, with the scopes, the
    /// cores and the memoized calls of the current thread. `token` cancels it.
    pub(super) fn new(
        token: CancelToken,
        stack: usize,
        work: impl FnOnce() + Send + 'static,
    ) -> Self {
        fork::install_atfork_handler();
        let scopes = config::current();
        let cores = core_budget::current();
        let held = CallStackSnapshot::of_current_thread();
        let work = move || {
            let _helping = held.inherit();
            let _share = core_budget::adopt(cores);
            let _scopes = config::adopt(scopes);
            // What `work` reports is for the caller; a panic here is one of its drops.
            let _ = catch_unwind(AssertUnwindSafe(work));
        };
        BackgroundCall {
            work: Some((Box::new(work), stack)),
            thread: None,
            token,
            forks: fork::generation(),
        }
    }

    /// Whether this is the process that created the call.
    #[cfg(feature = "futures")]
    pub(super) fn is_here(&self) -> bool {
        self.forks == fork::generation()
    }

    /// Starts the call at the first time.
    ///
    /// # Errors
    ///
    /// Fails if no thread can be started, or if the thread belongs to the process that
    /// forked this one.
    pub(super) fn start(&mut self) -> Result<(), Error> {
        if self.forks != fork::generation() {
            let why = "the thread of this call belongs to the process that forked this one; \
                       start the call after the fork";
            return Err(start_failure(why));
        }
        let Some((work, stack)) = self.work.take() else {
            return Ok(());
        };
        let work = Mutex::new(Some(work));
        let once = move || {
            let work = lock(&work).take();
            if let Some(work) = work {
                work();
            }
        };
        let thread = thread_pool::spawn_helpers(1, stack, Arc::new(once));
        if thread.has_no_helpers() {
            return Err(start_failure("no thread could be started for the call"));
        }
        self.thread = Some(thread);
        Ok(())
    }
}

impl Drop for BackgroundCall {
    fn drop(&mut self) {
        if self.forks == fork::generation() {
            self.token.cancel();
        } else {
            // Its locks may be held for ever in this process.
            std::mem::forget(self.thread.take());
        }
    }
}

#[cold]
fn start_failure(why: &str) -> Error {
    Error::call(ErrorKind::Start(why.to_owned()))
}
