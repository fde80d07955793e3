//! Threads that are kept between calls and lent to one call at a time. What
//! they do there is the call's; that none of them outlasts what it borrows is
//! seen to here.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::fork::PerProcess;

/// How long a thread waits for more to do before it ends.
const PATIENCE: Duration = Duration::from_secs(10);

/// A call for helpers: some threads to run one closure.
struct Post {
    work: Work,
    state: Mutex<Helpers>,
    left: Condvar,
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
    wake: Condvar,
}

#[derive(Default)]
struct State {
    /// One entry for each helper that is called for and has not come.
    posts: VecDeque<Arc<Post>>,
    idle: usize,
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

/// Has `work` run in up to `helpers` threads as they become free, each once.
pub(crate) fn help(helpers: usize, work: Arc<dyn Fn() + Send + Sync>) -> Help {
    let post = Arc::new(Post::new(Work::Shared(work)));
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
    // SAFETY: the reference is used only by threads that have entered the
    // post, and `Closing` waits for all of them, and lets no other enter,
    // before this frame is left, by return or by unwinding.
    let work: &'static (dyn Fn() + Sync) = unsafe { std::mem::transmute(work) };
    let post = Arc::new(Post::new(Work::Borrowed(work)));
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
    fn new(work: Work) -> Post {
        Post {
            work,
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
        let mut state = lock(&self.state);
        state.posts.extend((0..helpers).map(|_| Arc::clone(post)));
        let missing = state.posts.len().saturating_sub(state.idle).min(helpers);
        drop(state);
        (missing..helpers).for_each(|_| self.wake.notify_one());
        let refused = (0..missing).filter(|_| !self.hire()).count();
        lock(&post.state).called += helpers - refused;
        helpers - refused
    }

    /// Starts a thread; whether the system lets it.
    fn hire(&'static self) -> bool {
        let thread = thread::Builder::new().name("joblib-worker".to_owned());
        thread.spawn(|| self.serve()).is_ok()
    }

    fn withdraw(&self, post: &Arc<Post>) {
        let mut state = lock(&self.state);
        state.posts.retain(|other| !Arc::ptr_eq(other, post));
    }

    fn serve(&self) {
        let mut state = lock(&self.state);
        loop {
            if let Some(post) = state.posts.pop_front() {
                drop(state);
                post.help();
                drop(post);
                state = lock(&self.state);
                continue;
            }
            state.idle += 1;
            let (waited, result) = self
                .wake
                .wait_timeout(state, PATIENCE)
                .unwrap_or_else(PoisonError::into_inner);
            state = waited;
            state.idle -= 1;
            if result.timed_out() && state.posts.is_empty() {
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
