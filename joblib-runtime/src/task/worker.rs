//! The worker that the current thread is, while it runs tasks of a call.

use std::cell::Cell;
use std::marker::PhantomData;

thread_local! {
    static CURRENT: Cell<Option<WorkerPlace>> = const { Cell::new(None) };
}

/// The place of a worker among the workers of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WorkerPlace {
    index: usize,
    workers: usize,
}

/// Marks the current thread as a worker, until it is dropped.
#[must_use = "the thread is a worker only until this is dropped"]
pub(crate) struct WorkerGuard {
    before: Option<WorkerPlace>,
    /// Makes the guard `!Send`, because it restores a thread local.
    marker: PhantomData<*const ()>,
}

/// Marks this thread as worker `index` of `workers`.
#[inline]
pub(crate) fn enter(index: usize, workers: usize) -> WorkerGuard {
    WorkerGuard {
        before: CURRENT.replace(Some(WorkerPlace { index, workers })),
        marker: PhantomData,
    }
}

/// Marks this thread, which may be a worker, as none.
#[cfg(feature = "rayon")]
pub(crate) fn suspend() -> WorkerGuard {
    WorkerGuard {
        before: CURRENT.take(),
        marker: PhantomData,
    }
}

impl Drop for WorkerGuard {
    #[inline]
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

/// Returns the number of the worker that runs the current task: from 0 to
/// [`n_workers`]` - 1`, and different for workers of a call that run tasks at the same
/// time. Each worker can therefore own one of several resources, such as a GPU or a file.
///
/// Tasks and the [`initializer`](crate::parallel::Par::initializer) of a call see it, on
/// every backend. In a task that makes a call of its own, the tasks of that call see their
/// own numbers. It is `None` elsewhere: outside of tasks, and in threads that a task
/// starts itself. The input and the callbacks of a call may see either.
///
/// A number passes to another worker when its worker ends. On threads, a task that
/// exceeded a time limit keeps running, although the thread that replaces it has its
/// number.
///
/// # Example
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// use std::sync::Mutex;
///
/// let buffers = [Mutex::new(Vec::new()), Mutex::new(Vec::new())];
/// joblib::par(0..100).map(|x| {
///     let worker = joblib::worker_index().unwrap();
///     // Nobody else uses this buffer now.
///     buffers[worker].try_lock().unwrap().push(x);
/// }).n_jobs(2).for_each(drop);
/// let written: usize = buffers.iter().map(|buffer| buffer.lock().unwrap().len()).sum();
/// assert_eq!(written, 100);
/// assert_eq!(joblib::worker_index(), None);
/// ```
pub fn worker_index() -> Option<usize> {
    CURRENT.get().map(|worker| worker.index)
}

/// Returns the maximum number of workers of the call that the current task belongs to, so
/// all values of [`worker_index`] in it are smaller. It is 1 if the calling thread runs
/// all tasks, and `None` where `worker_index` is `None`.
///
/// It is the `n_jobs` of the call, or the number of inputs if that is known and smaller.
/// Fewer workers may run.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// use joblib::backend::Sequential;
/// use joblib::parallel::{n_workers, par};
///
/// let call = || par(0..8).map(|_| n_workers()).n_jobs(3);
/// assert!(call().collect::<Vec<_>>().iter().all(|n| *n == Some(3)));
/// assert!(call().backend(Sequential).collect::<Vec<_>>().iter().all(|n| *n == Some(1)));
/// assert_eq!(n_workers(), None);
/// ```
pub fn n_workers() -> Option<usize> {
    CURRENT.get().map(|worker| worker.workers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_a_worker_until_the_guard_is_dropped_or_a_panic_drops_it() {
        assert_eq!((worker_index(), n_workers()), (None, None));
        let outer = enter(2, 3);
        let unwound = std::panic::catch_unwind(|| {
            let _inner = enter(0, 1);
            assert_eq!((worker_index(), n_workers()), (Some(0), Some(1)));
            panic!("on purpose");
        });
        assert!(unwound.is_err());
        assert_eq!((worker_index(), n_workers()), (Some(2), Some(3)));
        drop(outer);
        assert_eq!((worker_index(), n_workers()), (None, None));
    }
}
