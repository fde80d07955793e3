//! Threads that are kept between calls and lent to one call at a time. What
//! they do there is the call's; that none of them outlasts what it borrows is
//! seen to here. A thread works only for those whose attributes it has, as one
//! that they start themselves would.

mod attributes;

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use self::attributes::Attributes;
use crate::fork::PerProcess;
use crate::stack_size;

/// How long a thread waits for more to do before it ends.
const PATIENCE: Duration = Duration::from_secs(10);

/// A call for helpers: some threads to run one closure.
struct Post {
    work: Work,
    /// The threads that can help.
    group: Arc<Group>,
    state: Mutex<Helpers>,
    left: Condvar,
}

/// What threads have in common that stand in for one another.
#[derive(Debug, PartialEq, Eq)]
struct Kind {
    stack: usize,
    attributes: Attributes,
}

enum Work {
    /// Of the frame of [`with_help`], which is not left while a thread may
    /// still use it.
    Borrowed(&'static (dyn Fn() + Sync)),
    Shared(Arc<dyn Fn() + Send + Sync>),
}

#[derive(Default)]
struct Helpers {
    /// How many will come or came.
    called: usize,
    running: usize,
    /// Set once nobody may begin any more.
    is_closed: bool,
    panic: Option<Box<dyn Any + Send>>,
}

#[derive(Default)]
struct Crew {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Those that have a thread or are called for.
    groups: Vec<Arc<Group>>,
}

/// Threads of one kind.
struct Group {
    kind: Kind,
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Default)]
struct Queue {
    /// One entry for each helper that is called for and has not come.
    posts: VecDeque<Arc<Post>>,
    idle: usize,
    threads: usize,
}

/// A child after a fork has none of its parent's threads.
static CREW: PerProcess<Crew> = PerProcess::new(Crew::default);

/// Lets a call ask for further helpers while it runs; when it is dropped,
/// nobody begins any more.
pub(crate) struct Help(Arc<Post>);

impl Help {
    /// Calls for one more helper; whether one will come.
    pub(crate) fn call_one(&self) -> bool {
        CREW.get().call(&self.0, 1) > 0
    }

    /// What calls for further helpers, for as long as somebody helps.
    pub(crate) fn caller(&self) -> Caller {
        Caller(Arc::downgrade(&self.0))
    }

    /// Whether nobody comes, because no thread could be started.
    pub(crate) fn is_alone(&self) -> bool {
        lock(&self.0.state).called == 0
    }
}

impl Drop for Help {
    fn drop(&mut self) {
        CREW.get().withdraw(&self.0);
    }
}

/// Calls for further helpers from among those who help.
pub(crate) struct Caller(Weak<Post>);

impl Caller {
    /// Calls for one more helper; whether one will come.
    pub(crate) fn call_one(&self) -> bool {
        let post = self.0.upgrade();
        post.is_some_and(|post| CREW.get().call(&post, 1) > 0)
    }
}

/// Has `work` run in up to `helpers` threads as they become free, each once, on
/// a stack of that many bytes.
pub(crate) fn help(helpers: usize, stack: usize, work: Arc<dyn Fn() + Send + Sync>) -> Help {
    let post = Arc::new(Post::new(Work::Shared(work), stack));
    CREW.get().call(&post, helpers);
    Help(post)
}

/// Runs `body` in this thread, and `work` in up to `helpers` others as they
/// become free, each once. When `body` is done, nobody begins `work` any more,
/// and those who have are waited for.
///
/// # Panics
///
/// As `body` does, or else as `work` does.
pub(crate) fn with_help<R>(
    helpers: usize,
    work: &(dyn Fn() + Sync),
    body: impl FnOnce(Help) -> R,
) -> R {
    with_help_on(stack_size::size(), helpers, work, body)
}

/// As [`with_help`], with stacks of that many bytes.
pub(crate) fn with_help_on<R>(
    stack: usize,
    helpers: usize,
    work: &(dyn Fn() + Sync),
    body: impl FnOnce(Help) -> R,
) -> R {
    // SAFETY: the reference is used only by threads that have entered the
    // post, and `Closing` waits for all of them, and lets no other enter,
    // before this frame is left, by return or by unwinding.
    let work: &'static (dyn Fn() + Sync) = unsafe { std::mem::transmute(work) };
    let post = Arc::new(Post::new(Work::Borrowed(work), stack));
    let closing = Closing(&post);
    CREW.get().call(&post, helpers);
    let result = body(Help(Arc::clone(&post)));
    drop(closing);
    let panic = lock(&post.state).panic.take();
    match panic {
        Some(panic) => resume_unwind(panic),
        None => result,
    }
}

/// Closes a post and waits until the helpers have left.
struct Closing<'p>(&'p Arc<Post>);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        CREW.get().withdraw(self.0);
        let mut state = lock(&self.0.state);
        state.is_closed = true;
        while state.running > 0 {
            state = wait(&self.0.left, state);
        }
    }
}

impl Post {
    fn new(work: Work, stack: usize) -> Post {
        let attributes = Attributes::here();
        Post {
            work,
            group: CREW.get().group(Kind { stack, attributes }),
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
            Work::Borrowed(work) => work(),
            Work::Shared(work) => work(),
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

impl Crew {
    /// Calls for `helpers`; how many will come.
    fn call(&'static self, post: &Arc<Post>, helpers: usize) -> usize {
        if helpers == 0 {
            return 0;
        }
        let called = post.group.call(post, helpers);
        lock(&post.state).called += called;
        called
    }

    /// The group of that kind.
    fn group(&self, kind: Kind) -> Arc<Group> {
        let mut state = lock(&self.state);
        if let Some(group) = state.groups.iter().find(|group| group.kind == kind) {
            return Arc::clone(group);
        }
        let group = Arc::new(Group {
            kind,
            queue: Mutex::default(),
            wake: Condvar::new(),
        });
        state.groups.push(Arc::clone(&group));
        group
    }

    /// Lets a group go that has no thread any more.
    fn dismiss(&self, group: &Arc<Group>) {
        let mut state = lock(&self.state);
        let queue = lock(&group.queue);
        if queue.threads == 0 && queue.posts.is_empty() {
            state.groups.retain(|other| !Arc::ptr_eq(other, group));
        }
    }

    fn withdraw(&self, post: &Arc<Post>) {
        let mut queue = lock(&post.group.queue);
        queue.posts.retain(|other| !Arc::ptr_eq(other, post));
    }

    fn serve(&self, group: &Arc<Group>) {
        group.serve();
        self.dismiss(group);
    }
}

impl Group {
    fn call(self: &Arc<Self>, post: &Arc<Post>, helpers: usize) -> usize {
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
                let is_as_before = Attributes::here() == self.kind.attributes;
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
                .wait_timeout(queue, PATIENCE)
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

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    #[test]
    fn helpers_work_beside_the_caller() {
        let together = Barrier::new(4);
        with_help(
            3,
            &|| {
                together.wait();
            },
            |_| together.wait(),
        );
    }

    /// Which threads help with stacks of that size.
    fn helpers(stack: usize) -> Vec<thread::ThreadId> {
        let (together, seen) = (Barrier::new(3), Mutex::new(Vec::new()));
        let work = || {
            together.wait();
            lock(&seen).push(thread::current().id());
        };
        with_help_on(stack, 2, &work, |_| together.wait());
        seen.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    #[test]
    fn stacks_are_as_large_as_asked_for() {
        fn deep(n: usize) -> usize {
            let taken = std::hint::black_box([n; 1024]);
            if n == 0 {
                0
            } else {
                deep(n - 1) + taken[0] / n
            }
        }
        for stack in [stack_size::size(), 64 << 20] {
            let calls = stack / 2 / size_of::<[usize; 1024]>() / 2;
            let together = Barrier::new(2);
            let work = || {
                assert_eq!(deep(calls), calls);
                together.wait();
            };
            with_help_on(stack, 1, &work, |_| together.wait());
        }
    }

    #[test]
    fn threads_with_another_stack_are_others() {
        let usual = helpers(stack_size::size());
        assert!(helpers(32 << 20).iter().all(|id| !usual.contains(id)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn helpers_are_as_their_caller_and_not_as_an_earlier_one() {
        use rustix::process::{getpriority_process, nice};
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

        let here = || {
            let niceness = getpriority_process(None).unwrap();
            (sched_getaffinity(None).unwrap(), niceness)
        };
        let seen = move || {
            let (together, seen) = (Barrier::new(3), Mutex::new(Vec::new()));
            let work = || {
                together.wait();
                lock(&seen).push(here());
            };
            with_help(2, &work, |_| together.wait());
            lock(&seen).clone()
        };
        let own = here();
        assert_eq!(seen(), [own, own]);
        let limited = thread::spawn(move || {
            let mut one = CpuSet::new();
            one.set((0..CpuSet::MAX_CPU).find(|cpu| own.0.is_set(*cpu)).unwrap());
            sched_setaffinity(None, &one).unwrap();
            nice(3).unwrap();
            (seen(), here())
        });
        let (seen_there, there) = limited.join().unwrap();
        assert_eq!(seen_there, [there, there]);
        assert_eq!(seen(), [own, own]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn helpers_may_do_what_their_caller_may_and_no_more() {
        use crate::rights::Rights;

        let seen = || {
            let (together, seen) = (Barrier::new(3), Mutex::new(Vec::new()));
            let work = || {
                together.wait();
                lock(&seen).push(Rights::here());
            };
            with_help(2, &work, |_| together.wait());
            lock(&seen).clone()
        };
        let own = Rights::here();
        assert_eq!(seen(), [own, own]);
        let limited = || {
            // SAFETY: concerns this thread alone.
            unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
            (seen(), Rights::here())
        };
        let (there, limited) = thread::scope(|scope| scope.spawn(limited).join().unwrap());
        assert_ne!(limited, own);
        assert_eq!(there, [limited, limited]);
        assert_eq!(seen(), [own, own]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_task_changes_of_its_thread_is_gone_with_it() {
        use rustix::process::{getpriority_process, nice};

        let niceness = || getpriority_process(None).unwrap();
        let own = niceness();
        for change in [true, false] {
            let (together, seen) = (Barrier::new(3), Mutex::new(Vec::new()));
            let work = || {
                together.wait();
                lock(&seen).push(niceness());
                if change {
                    nice(2).unwrap();
                }
            };
            with_help(2, &work, |_| together.wait());
            assert_eq!(*lock(&seen), [own, own]);
        }
    }

    #[test]
    fn nobody_helps_after_the_call() {
        let begun = AtomicUsize::new(0);
        let ended = AtomicUsize::new(0);
        for _ in 0..500 {
            let work = || {
                begun.fetch_add(1, SeqCst);
                thread::yield_now();
                ended.fetch_add(1, SeqCst);
            };
            with_help(3, &work, |_| ());
            assert_eq!(begun.load(SeqCst), ended.load(SeqCst));
        }
    }

    #[test]
    fn a_panic_of_a_helper_reaches_the_caller() {
        let together = Barrier::new(2);
        let work = || {
            together.wait();
            panic!("the helper's");
        };
        let result = catch_unwind(AssertUnwindSafe(|| {
            with_help(1, &work, |_| together.wait());
        }));
        assert_eq!(result.unwrap_err().downcast_ref(), Some(&"the helper's"));
    }

    #[test]
    fn a_panic_of_the_body_waits_for_the_helpers() {
        let (together, ended) = (Barrier::new(2), AtomicUsize::new(0));
        let work = || {
            together.wait();
            thread::sleep(Duration::from_millis(20));
            ended.fetch_add(1, SeqCst);
        };
        let result = catch_unwind(AssertUnwindSafe(|| {
            with_help(1, &work, |_| {
                together.wait();
                panic!("the body's");
            });
        }));
        assert!(result.is_err());
        assert_eq!(ended.load(SeqCst), 1);
    }

    #[test]
    fn calls_within_calls_all_end() {
        let ran = AtomicUsize::new(0);
        let inner = || {
            ran.fetch_add(1, SeqCst);
        };
        let outer = || with_help(2, &inner, |_| inner());
        with_help(3, &outer, |_| outer());
        assert!(ran.load(SeqCst) >= 1);
    }
}
