//! Pools of rayon that run the jobs of calls, and how one of their threads waits.
//!
//! A thread of rayon must not block while another job may be needed for what it waits
//! for: all threads of the pool could wait in this way. It runs other jobs meanwhile.

use std::collections::BTreeMap;
use std::marker::PhantomData;
#[cfg(feature = "rayon")]
use std::ops::Deref;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

#[cfg(feature = "rayon")]
use rayon::ThreadPool;
use rayon::{Scope, Yield};

use super::thread_pool::Helper;
use crate::unpoisoned::lock;

/// A pool of rayon.
pub(crate) trait RayonPool: Send + Sync {
    /// Lets a thread of the pool run `helper`.
    fn spawn(&self, helper: Helper);

    /// Returns the number of threads of the pool.
    fn threads(&self) -> usize;

    /// Whether the current thread is one of them.
    fn is_here(&self) -> bool;
}

/// The pool that the current thread belongs to, or else the global one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CurrentPool;

impl RayonPool for CurrentPool {
    fn spawn(&self, helper: Helper) {
        rayon::spawn(|| helper.run());
    }

    fn threads(&self) -> usize {
        rayon::current_num_threads()
    }

    fn is_here(&self) -> bool {
        is_worker()
    }
}

/// The pool of a scope, in which any thread can spawn. [`CurrentPool`] is another pool for a
/// thread that does not belong to it.
#[derive(Debug)]
pub(crate) struct PoolOfScope<'s, 'scope>(pub(crate) &'s Scope<'scope>);

impl RayonPool for PoolOfScope<'_, '_> {
    fn spawn(&self, helper: Helper) {
        self.0.spawn(|_| helper.run());
    }

    fn threads(&self) -> usize {
        CurrentPool.threads()
    }

    fn is_here(&self) -> bool {
        CurrentPool.is_here()
    }
}

/// A pool that the caller built.
#[cfg(feature = "rayon")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct GivenPool<P>(pub(crate) P);

#[cfg(feature = "rayon")]
impl<P: Deref<Target = ThreadPool> + Send + Sync> RayonPool for GivenPool<P> {
    fn spawn(&self, helper: Helper) {
        self.0.spawn(|| helper.run());
    }

    fn threads(&self) -> usize {
        self.0.current_num_threads()
    }

    fn is_here(&self) -> bool {
        self.0.current_thread_index().is_some()
    }
}

/// Whether the current thread belongs to a pool of rayon.
pub(crate) fn is_worker() -> bool {
    rayon::current_thread_index().is_some()
}

/// A wait of a thread of rayon, which looks for other jobs meanwhile: less often the
/// longer it finds none.
#[derive(Debug)]
pub(crate) struct PoolWait {
    step: Duration,
    /// The processor time of this thread when it began to wait in vain.
    since: Option<Duration>,
    /// Makes the type `!Send`, since it belongs to its thread.
    marker: PhantomData<*const ()>,
}

impl PoolWait {
    const FIRST_STEP: Duration = Duration::from_micros(20);
    const LAST_STEP: Duration = Duration::from_millis(1);

    pub(crate) fn new() -> PoolWait {
        PoolWait {
            step: PoolWait::FIRST_STEP,
            since: None,
            marker: PhantomData,
        }
    }

    /// Returns how long to sleep before looking for another job.
    pub(crate) fn next_step(&mut self) -> Duration {
        let since = *self.since.get_or_insert_with(thread_time);
        lock(&WAITING).insert(current_tid(), since);
        let step = self.step;
        self.step = (step * 2).min(PoolWait::LAST_STEP);
        step
    }

    /// Runs another job of the pool, if there is one.
    pub(crate) fn run_other_job(&mut self) {
        self.look(|| rayon::yield_now() == Some(Yield::Executed));
    }

    /// Looks for something to do. `work` returns whether it found and did something.
    pub(crate) fn look(&mut self, work: impl FnOnce() -> bool) {
        if self.since.is_some() {
            lock(&WAITING).remove(&current_tid());
        }
        if work() {
            self.end();
        }
    }

    /// Ends the wait, because there is something to do.
    pub(crate) fn end(&mut self) {
        if let Some(since) = self.since.take() {
            lock(&WAITING).remove(&current_tid());
            let spent = thread_time().saturating_sub(since);
            WAITED_NANOS.fetch_add(spent.as_nanos() as u64, Relaxed);
        }
        self.step = PoolWait::FIRST_STEP;
    }
}

impl Drop for PoolWait {
    fn drop(&mut self) {
        self.end();
    }
}

/// The threads that wait in vain, with their processor time when they began to.
static WAITING: Mutex<BTreeMap<i32, Duration>> = Mutex::new(BTreeMap::new());

/// Nanoseconds of processor time spent in waits that have ended.
static WAITED_NANOS: AtomicU64 = AtomicU64::new(0);

/// Returns the processor time that the thread had used when it began to wait, if it does.
/// It looks at its queues from time to time, which is no work.
pub(crate) fn waits_since(tid: i32) -> Option<Duration> {
    lock(&WAITING).get(&tid).copied()
}

/// Returns the processor time spent in waits, of which `time_of` returns that of a thread.
pub(crate) fn waited_time(time_of: impl Fn(i32) -> Option<Duration>) -> Duration {
    let waiting = lock(&WAITING).clone();
    let now = waiting.into_iter().filter_map(|(tid, since)| {
        let time = time_of(tid)?;
        Some(time.saturating_sub(since))
    });
    Duration::from_nanos(WAITED_NANOS.load(Relaxed)) + now.sum::<Duration>()
}

fn current_tid() -> i32 {
    thread_local! {
        static TID: i32 = rustix::thread::gettid().as_raw_nonzero().get();
    }
    TID.try_with(|tid| *tid)
        .unwrap_or_else(|_| rustix::thread::gettid().as_raw_nonzero().get())
}

fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
