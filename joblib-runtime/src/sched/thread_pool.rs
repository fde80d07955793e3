//! A pool of threads that are reused by later calls. A job borrows threads from it; the
//! pool ensures that no thread uses the borrowed data after the job ends. A thread only
//! runs jobs of threads that have the same attributes, so that it behaves like a thread
//! that the caller starts itself.
//!
//! A job can run in a pool of rayon instead (see `rayon_pool`), with the same guarantees
//! for the borrowed data.

mod attributes;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread;
use std::time::Duration;

use self::attributes::ThreadAttributes;
use super::rayon_pool::{self, PoolWait, RayonPool};
use crate::fork::PerProcess;
use crate::stack_size;
use crate::unpoisoned::{lock, unpoisoned, wait};

/// How long an idle thread waits for a job before it ends.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// A job: one closure to be run by several threads.
struct Job {
    work: JobFn,
    /// The threads that may run it.
    place: Place,
    state: Mutex<JobState>,
    left: Condvar,
}

/// The threads that may run a job.
enum Place {
    Group(Arc<ThreadGroup>),
    /// Borrowed from the caller of [`scoped_in_rayon`]. Not used once the job is closed.
    Rayon(&'static dyn RayonPool),
    SharedRayon(Arc<dyn RayonPool>),
}

/// A helper that a pool of rayon is to run.
pub(crate) struct Helper(Arc<Job>);

impl Helper {
    /// Runs the job of this helper, unless it is closed.
    pub(crate) fn run(self) {
        self.0.help();
    }
}

/// The properties that threads of a group have in common, so that they are
/// interchangeable.
#[derive(Debug, PartialEq, Eq)]
struct ThreadKind {
    stack: usize,
    attributes: ThreadAttributes,
}

enum JobFn {
    /// Borrowed from the frame of [`scoped`], which does not return while a thread may
    /// still use it.
    Borrowed(&'static (dyn Fn() + Sync)),
    Shared(Arc<dyn Fn() + Send + Sync>),
}

#[derive(Default)]
struct JobState {
    /// The number of helpers that were requested and will start or have started.
    requested: usize,
    running: usize,
    /// Set once no helper may start any more.
    is_closed: bool,
    panic: Option<Box<dyn Any + Send>>,
}

#[derive(Default)]
struct ThreadPool {
    state: Mutex<PoolState>,
}

#[derive(Default)]
struct PoolState {
    /// The groups that have threads or queued jobs.
    groups: Vec<Arc<ThreadGroup>>,
}

/// Threads of one kind, with their job queue.
struct ThreadGroup {
    kind: ThreadKind,
    queue: Mutex<JobQueue>,
    wake: Condvar,
}

#[derive(Default)]
struct JobQueue {
    /// One element for each helper that was requested and has not started.
    jobs: VecDeque<Arc<Job>>,
    idle: usize,
    threads: usize,
}

/// The pool. It is per process, because a child after a fork has none of its parent's
/// threads.
static POOL: PerProcess<ThreadPool> = PerProcess::new(ThreadPool::default);

/// Lets a call request more helpers while it runs. When the handle is dropped, no more
/// helpers start.
pub(crate) struct JobHandle(Arc<Job>);

impl JobHandle {
    /// Requests one more helper. Returns whether one will start.
    pub(crate) fn request_helper(&self) -> bool {
        POOL.get().submit(&self.0, 1) > 0
    }

    /// Returns a handle that can request helpers for as long as the job exists.
    pub(crate) fn requests(&self) -> HelperRequests {
        HelperRequests(Arc::downgrade(&self.0))
    }

    /// Returns whether there are no helpers, because no thread could be started.
    pub(crate) fn has_no_helpers(&self) -> bool {
        lock(&self.0.state).requested == 0
    }
}

impl Drop for JobHandle {
    fn drop(&mut self) {
        POOL.get().cancel(&self.0);
    }
}

/// Requests more helpers from within a helper.
pub(crate) struct HelperRequests(Weak<Job>);

impl HelperRequests {
    /// Requests one more helper. Returns whether one will start.
    pub(crate) fn request_helper(&self) -> bool {
        let job = self.0.upgrade();
        job.is_some_and(|job| POOL.get().submit(&job, 1) > 0)
    }
}

/// Runs `work` once in each of up to `helpers` threads as they become free, on stacks of
/// `stack` bytes.
pub(crate) fn spawn_helpers(
    helpers: usize,
    stack: usize,
    work: Arc<dyn Fn() + Send + Sync>,
) -> JobHandle {
    let job = Arc::new(Job::new(JobFn::Shared(work), Place::group(stack)));
    POOL.get().submit(&job, helpers);
    JobHandle(job)
}

/// Runs like [`spawn_helpers`], in a pool of rayon.
pub(crate) fn spawn_in_rayon(
    pool: Arc<dyn RayonPool>,
    helpers: usize,
    work: Arc<dyn Fn() + Send + Sync>,
) -> JobHandle {
    let job = Arc::new(Job::new(JobFn::Shared(work), Place::SharedRayon(pool)));
    POOL.get().submit(&job, helpers);
    JobHandle(job)
}

/// Runs `body` in this thread, and `work` once in each of up to `helpers` other threads
/// as they become free. When `body` returns, no more helpers start, and the function
/// waits for those that have started.
///
/// # Panics
///
/// Resumes the panic of `body`, or else the first panic of `work`.
pub(crate) fn scoped<R>(
    helpers: usize,
    work: &(dyn Fn() + Sync),
    body: impl FnOnce(JobHandle) -> R,
) -> R {
    scoped_with_stack(stack_size::size(), helpers, work, body)
}

/// Runs like [`scoped`], with stacks of `stack` bytes.
pub(crate) fn scoped_with_stack<R>(
    stack: usize,
    helpers: usize,
    work: &(dyn Fn() + Sync),
    body: impl FnOnce(JobHandle) -> R,
) -> R {
    scoped_at(Place::group(stack), Waiting::Blocks, helpers, work, body)
}

/// Runs like [`scoped`]. A thread of rayon that has to wait for helpers runs other jobs of
/// its pool meanwhile, because the helpers may need it.
pub(crate) fn scoped_beside_rayon<R>(
    helpers: usize,
    work: &(dyn Fn() + Sync),
    body: impl FnOnce(JobHandle) -> R,
) -> R {
    let place = Place::group(stack_size::size());
    scoped_at(place, Waiting::RunsJobs, helpers, work, body)
}

/// Runs like [`scoped`], in a pool of rayon. A thread of rayon that has to wait for
/// helpers runs other jobs of its pool meanwhile.
pub(crate) fn scoped_in_rayon<R>(
    pool: &dyn RayonPool,
    helpers: usize,
    work: &(dyn Fn() + Sync),
    body: impl FnOnce(JobHandle) -> R,
) -> R {
    // SAFETY: the reference is used only to submit helpers to a job that is not closed,
    // with the lock of its state held. `scoped_at` closes the job under that lock before
    // it returns or unwinds.
    let pool: &'static dyn RayonPool = unsafe { std::mem::transmute(pool) };
    scoped_at(Place::Rayon(pool), Waiting::RunsJobs, helpers, work, body)
}

/// How a thread of rayon waits for helpers. Any other thread blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    Blocks,
    /// It runs other jobs of its pool.
    RunsJobs,
}

fn scoped_at<R>(
    place: Place,
    waiting: Waiting,
    helpers: usize,
    work: &(dyn Fn() + Sync),
    body: impl FnOnce(JobHandle) -> R,
) -> R {
    // SAFETY: only helpers that have started the job use the reference. `JoinOnDrop` lets
    // no more helpers start and waits for the others before this frame is left, by return
    // or by unwinding.
    let work: &'static (dyn Fn() + Sync) = unsafe { std::mem::transmute(work) };
    let job = Arc::new(Job::new(JobFn::Borrowed(work), place));
    let closing = JoinOnDrop(&job, waiting);
    POOL.get().submit(&job, helpers);
    let result = body(JobHandle(Arc::clone(&job)));
    drop(closing);
    let panic = lock(&job.state).panic.take();
    match panic {
        Some(panic) => resume_unwind(panic),
        None => result,
    }
}

/// Closes a job on drop and waits until its helpers have returned.
struct JoinOnDrop<'p>(&'p Arc<Job>, Waiting);

impl Drop for JoinOnDrop<'_> {
    fn drop(&mut self) {
        POOL.get().cancel(self.0);
        let mut state = lock(&self.0.state);
        state.is_closed = true;
        let may_block = self.1 == Waiting::Blocks || !rayon_pool::is_worker();
        let mut pool_wait = PoolWait::new();
        while state.running > 0 {
            if may_block {
                state = wait(&self.0.left, state);
                continue;
            }
            state = unpoisoned(self.0.left.wait_timeout(state, pool_wait.next_step())).0;
            if state.running > 0 {
                drop(state);
                pool_wait.run_other_job();
                state = lock(&self.0.state);
            }
        }
    }
}

impl Place {
    /// Returns the threads with stacks of `stack` bytes and the attributes of this one.
    fn group(stack: usize) -> Place {
        let attributes = ThreadAttributes::here();
        Place::Group(POOL.get().group(ThreadKind { stack, attributes }))
    }

    fn rayon(&self) -> Option<&dyn RayonPool> {
        match self {
            Place::Group(_) => None,
            Place::Rayon(pool) => Some(*pool),
            Place::SharedRayon(pool) => Some(&**pool),
        }
    }
}

impl Job {
    fn new(work: JobFn, place: Place) -> Job {
        Job {
            work,
            place,
            state: Mutex::default(),
            left: Condvar::new(),
        }
    }

    /// Runs the job, unless it is closed.
    fn help(&self) {
        {
            let mut state = lock(&self.state);
            if state.is_closed {
                return;
            }
            state.running += 1;
        }
        let result = catch_unwind(AssertUnwindSafe(|| match &self.work {
            JobFn::Borrowed(work) => work(),
            JobFn::Shared(work) => work(),
        }));
        let mut state = lock(&self.state);
        state.running -= 1;
        if let Err(panic) = result {
            state.panic.get_or_insert(panic);
        }
        // Notifies while the lock is held: once it is released, the frame that `work`
        // borrows from may be gone.
        self.left.notify_all();
    }
}

impl ThreadPool {
    /// Requests `helpers` helpers. Returns how many will start.
    fn submit(&'static self, job: &Arc<Job>, helpers: usize) -> usize {
        if helpers == 0 {
            return 0;
        }
        if let Place::Group(group) = &job.place {
            let requested = group.call(job, helpers);
            lock(&job.state).requested += requested;
            return requested;
        }
        // Held while the pool is used, which may be borrowed until the job is closed.
        let mut state = lock(&job.state);
        if state.is_closed {
            return 0;
        }
        let pool = job.place.rayon().expect("the job has no group");
        (0..helpers).for_each(|_| pool.spawn(Helper(Arc::clone(job))));
        state.requested += helpers;
        helpers
    }

    /// Returns the group of that kind, and creates it if it is missing.
    fn group(&self, kind: ThreadKind) -> Arc<ThreadGroup> {
        let mut state = lock(&self.state);
        if let Some(group) = state.groups.iter().find(|group| group.kind == kind) {
            return Arc::clone(group);
        }
        let group = Arc::new(ThreadGroup {
            kind,
            queue: Mutex::default(),
            wake: Condvar::new(),
        });
        state.groups.push(Arc::clone(&group));
        group
    }

    /// Removes a group that has no threads any more.
    fn remove_if_unused(&self, group: &Arc<ThreadGroup>) {
        let mut state = lock(&self.state);
        let queue = lock(&group.queue);
        if queue.threads == 0 && queue.jobs.is_empty() {
            state.groups.retain(|other| !Arc::ptr_eq(other, group));
        }
    }

    fn cancel(&self, job: &Arc<Job>) {
        match &job.place {
            Place::Group(group) => {
                let mut queue = lock(&group.queue);
                queue.jobs.retain(|other| !Arc::ptr_eq(other, job));
            }
            // The helpers in the queue of rayon find the job closed.
            Place::Rayon(_) | Place::SharedRayon(_) => lock(&job.state).is_closed = true,
        }
    }

    fn serve(&self, group: &Arc<ThreadGroup>) {
        group.serve();
        self.remove_if_unused(group);
    }
}

impl ThreadGroup {
    fn call(self: &Arc<Self>, job: &Arc<Job>, helpers: usize) -> usize {
        let mut queue = lock(&self.queue);
        queue.jobs.extend((0..helpers).map(|_| Arc::clone(job)));
        let new_threads = queue.jobs.len().saturating_sub(queue.idle).min(helpers);
        queue.threads += new_threads;
        drop(queue);
        (new_threads..helpers).for_each(|_| self.wake.notify_one());
        let failed = (0..new_threads).filter(|_| !self.start_thread()).count();
        lock(&self.queue).threads -= failed;
        helpers - failed
    }

    /// Starts a thread, which inherits the attributes of this one. Returns whether that
    /// succeeded.
    fn start_thread(self: &Arc<Self>) -> bool {
        let group = Arc::clone(self);
        let thread = thread::Builder::new().name("joblib-worker".to_owned());
        let thread = thread.stack_size(self.kind.stack);
        thread.spawn(move || POOL.get().serve(&group)).is_ok()
    }

    fn serve(&self) {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                job.help();
                drop(job);
                let is_unchanged = ThreadAttributes::here() == self.kind.attributes;
                queue = lock(&self.queue);
                if is_unchanged {
                    continue;
                }
                // The job changed the attributes of this thread. Callers must not get a
                // thread that differs from one that they start themselves.
                queue.threads -= 1;
                return;
            }
            queue.idle += 1;
            let (waited, result) = unpoisoned(self.wake.wait_timeout(queue, IDLE_TIMEOUT));
            queue = waited;
            queue.idle -= 1;
            if result.timed_out() && queue.jobs.is_empty() {
                queue.threads -= 1;
                return;
            }
        }
    }
}
