//! Threads that are kept between calls and lent to one call at a time. What
//! they do there is the call's; that none of them outlasts what it borrows is
//! seen to here. A thread works only for those whose attributes it has, as one
//! that they start themselves would.

mod attributes;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use self::attributes::ThreadAttributes;
use crate::fork::PerProcess;
use crate::stack_size;

/// How long a thread waits for more to do before it ends.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// A call for helpers: some threads to run one closure.
struct Job {
    work: JobFn,
    /// The threads that can help.
    group: Arc<ThreadGroup>,
    state: Mutex<JobState>,
    left: Condvar,
}

/// What threads have in common that stand in for one another.
#[derive(Debug, PartialEq, Eq)]
struct ThreadKind {
    stack: usize,
    attributes: ThreadAttributes,
}

enum JobFn {
    /// Of the frame of [`scoped`], which is not left while a thread may
    /// still use it.
    Borrowed(&'static (dyn Fn() + Sync)),
    Shared(Arc<dyn Fn() + Send + Sync>),
}

#[derive(Default)]
struct JobState {
    /// How many will come or came.
    called: usize,
    running: usize,
    /// Set once nobody may begin any more.
    is_closed: bool,
    panic: Option<Box<dyn Any + Send>>,
}

#[derive(Default)]
struct ThreadPool {
    state: Mutex<PoolState>,
}

#[derive(Default)]
struct PoolState {
    /// Those that have a thread or are called for.
    groups: Vec<Arc<ThreadGroup>>,
}

/// Threads of one kind.
struct ThreadGroup {
    kind: ThreadKind,
    queue: Mutex<JobQueue>,
    wake: Condvar,
}

#[derive(Default)]
struct JobQueue {
    /// One entry for each helper that is called for and has not come.
    posts: VecDeque<Arc<Job>>,
    idle: usize,
    threads: usize,
}

/// A child after a fork has none of its parent's threads.
static CREW: PerProcess<ThreadPool> = PerProcess::new(ThreadPool::default);

/// Lets a call ask for further helpers while it runs; when it is dropped,
/// nobody begins any more.
pub(crate) struct JobHandle(Arc<Job>);

impl JobHandle {
    /// Calls for one more helper; whether one will come.
    pub(crate) fn call_one(&self) -> bool {
        CREW.get().submit(&self.0, 1) > 0
    }

    /// What calls for further helpers, for as long as somebody helps.
    pub(crate) fn caller(&self) -> HelperRequests {
        HelperRequests(Arc::downgrade(&self.0))
    }

    /// Whether nobody comes, because no thread could be started.
    pub(crate) fn is_alone(&self) -> bool {
        lock(&self.0.state).called == 0
    }
}

impl Drop for JobHandle {
    fn drop(&mut self) {
        CREW.get().cancel(&self.0);
    }
}

/// Calls for further helpers from among those who help.
pub(crate) struct HelperRequests(Weak<Job>);

impl HelperRequests {
    /// Calls for one more helper; whether one will come.
    pub(crate) fn call_one(&self) -> bool {
        let post = self.0.upgrade();
        post.is_some_and(|post| CREW.get().submit(&post, 1) > 0)
    }
}

/// Has `work` run in up to `helpers` threads as they become free, each once, on
/// a stack of that many bytes.
pub(crate) fn spawn_helpers(
    helpers: usize,
    stack: usize,
    work: Arc<dyn Fn() + Send + Sync>,
) -> JobHandle {
    let post = Arc::new(Job::new(JobFn::Shared(work), stack));
    CREW.get().submit(&post, helpers);
    JobHandle(post)
}

/// Runs `body` in this thread, and `work` in up to `helpers` others as they
/// become free, each once. When `body` is done, nobody begins `work` any more,
/// and those who have are waited for.
///
/// # Panics
///
/// As `body` does, or else as `work` does.
pub(crate) fn scoped<R>(
    helpers: usize,
    work: &(dyn Fn() + Sync),
    body: impl FnOnce(JobHandle) -> R,
) -> R {
    with_help_on(stack_size::size(), helpers, work, body)
}

/// As [`scoped`], with stacks of that many bytes.
pub(crate) fn with_help_on<R>(
    stack: usize,
    helpers: usize,
    work: &(dyn Fn() + Sync),
    body: impl FnOnce(JobHandle) -> R,
) -> R {
    // SAFETY: the reference is used only by threads that have entered the
    // post, and `Closing` waits for all of them, and lets no other enter,
    // before this frame is left, by return or by unwinding.
    let work: &'static (dyn Fn() + Sync) = unsafe { std::mem::transmute(work) };
    let post = Arc::new(Job::new(JobFn::Borrowed(work), stack));
    let closing = JoinOnDrop(&post);
    CREW.get().submit(&post, helpers);
    let result = body(JobHandle(Arc::clone(&post)));
    drop(closing);
    let panic = lock(&post.state).panic.take();
    match panic {
        Some(panic) => resume_unwind(panic),
        None => result,
    }
}

/// Closes a post and waits until the helpers have left.
struct JoinOnDrop<'p>(&'p Arc<Job>);

impl Drop for JoinOnDrop<'_> {
    fn drop(&mut self) {
        CREW.get().cancel(self.0);
        let mut state = lock(&self.0.state);
        state.is_closed = true;
        while state.running > 0 {
            state = wait(&self.0.left, state);
        }
    }
}

impl Job {
    fn new(work: JobFn, stack: usize) -> Job {
        let attributes = ThreadAttributes::here();
        Job {
            work,
            group: CREW.get().group(ThreadKind { stack, attributes }),
            state: Mutex::default(),
            left: Condvar::new(),
        }
    }

    /// Helps, unless it is too late.
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
        // Under the lock: the frame behind `work` may be gone right after it.
        self.left.notify_all();
    }
}

impl ThreadPool {
    /// Calls for `helpers`; how many will come.
    fn submit(&'static self, post: &Arc<Job>, helpers: usize) -> usize {
        if helpers == 0 {
            return 0;
        }
        let called = post.group.call(post, helpers);
        lock(&post.state).called += called;
        called
    }

    /// The group of that kind.
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

    /// Lets a group go that has no thread any more.
    fn dismiss(&self, group: &Arc<ThreadGroup>) {
        let mut state = lock(&self.state);
        let queue = lock(&group.queue);
        if queue.threads == 0 && queue.posts.is_empty() {
            state.groups.retain(|other| !Arc::ptr_eq(other, group));
        }
    }

    fn cancel(&self, post: &Arc<Job>) {
        let mut queue = lock(&post.group.queue);
        queue.posts.retain(|other| !Arc::ptr_eq(other, post));
    }

    fn serve(&self, group: &Arc<ThreadGroup>) {
        group.serve();
        self.dismiss(group);
    }
}

impl ThreadGroup {
    fn call(self: &Arc<Self>, post: &Arc<Job>, helpers: usize) -> usize {
        let mut queue = lock(&self.queue);
        queue.posts.extend((0..helpers).map(|_| Arc::clone(post)));
        let missing = queue.posts.len().saturating_sub(queue.idle).min(helpers);
        queue.threads += missing;
        drop(queue);
        (missing..helpers).for_each(|_| self.wake.notify_one());
        let refused = (0..missing).filter(|_| !self.hire()).count();
        lock(&self.queue).threads -= refused;
        helpers - refused
    }

    /// Starts a thread, which has the attributes of this one; whether the
    /// system lets it.
    fn hire(self: &Arc<Self>) -> bool {
        let group = Arc::clone(self);
        let thread = thread::Builder::new().name("joblib-worker".to_owned());
        let thread = thread.stack_size(self.kind.stack);
        thread.spawn(move || CREW.get().serve(&group)).is_ok()
    }

    fn serve(&self) {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(post) = queue.posts.pop_front() {
                drop(queue);
                post.help();
                drop(post);
                let is_as_before = ThreadAttributes::here() == self.kind.attributes;
                queue = lock(&self.queue);
                if is_as_before {
                    continue;
                }
                // Who is called for next is to find what their own threads
                // would be.
                queue.threads -= 1;
                return;
            }
            queue.idle += 1;
            let (waited, result) = self
                .wake
                .wait_timeout(queue, IDLE_TIMEOUT)
                .unwrap_or_else(PoisonError::into_inner);
            queue = waited;
            queue.idle -= 1;
            if result.timed_out() && queue.posts.is_empty() {
                queue.threads -= 1;
                return;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept under these locks is whole between two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait<'g, T>(condvar: &Condvar, guard: MutexGuard<'g, T>) -> MutexGuard<'g, T> {
    condvar.wait(guard).unwrap_or_else(PoisonError::into_inner)
}
