//! Calls the progress callback once for each finished task, one call at a time, without
//! blocking workers.
//!
//! A thread that finishes a task while no callback runs calls it, and then also makes the
//! calls that other threads queue meanwhile. A thread that finds the callback running
//! queues its call and returns. If it waited instead, a callback that makes parallel
//! calls could wait for work that this thread holds, which is a deadlock.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Instant;

use super::{OnProgress, Progress};
use crate::unpoisoned::{lock, unpoisoned};

#[derive(Debug)]
pub(super) struct CallbackQueue {
    callback: OnProgress,
    total: Option<usize>,
    began: Instant,
    state: Mutex<CallbackState>,
    idle: Condvar,
}

#[derive(Debug, Default)]
struct CallbackState {
    done: usize,
    failed: usize,
    /// Finished tasks that are not reported yet, in order.
    unreported: VecDeque<Run>,
    /// Whether a thread is calling the callback.
    is_reporting: bool,
    /// The payload if the callback panicked. It is not called again.
    panic: Option<Box<dyn Any + Send>>,
}

/// Consecutive tasks that ended the same way. A run-length encoding, because a slow
/// callback lets many accumulate.
#[derive(Debug)]
struct Run {
    is_ok: bool,
    times: usize,
}

impl CallbackQueue {
    pub(super) fn new(callback: OnProgress, total: Option<usize>) -> CallbackQueue {
        CallbackQueue {
            callback,
            total,
            began: Instant::now(),
            state: Mutex::default(),
            idle: Condvar::new(),
        }
    }

    pub(super) fn finished(&self, is_ok: bool) {
        let mut state = self.lock();
        if state.panic.is_some() {
            return;
        }
        state.leave(is_ok);
        if state.is_reporting {
            return;
        }
        state.is_reporting = true;
        self.report_all(state);
    }

    /// Waits for the running call of the callback, if any, and for those that are queued.
    ///
    /// # Panics
    ///
    /// Resumes the panic of the callback.
    pub(super) fn finish(&self) {
        let state = self.lock();
        let idle = self.idle.wait_while(state, |state| state.is_reporting);
        let mut state = unpoisoned(idle);
        if let Some(payload) = state.panic.take() {
            drop(state);
            resume_unwind(payload);
        }
    }

    fn report_all<'a>(&'a self, mut state: MutexGuard<'a, CallbackState>) {
        while let Some(is_ok) = state.next() {
            let progress = state.count(is_ok, self);
            drop(state);
            let reported = catch_unwind(AssertUnwindSafe(|| self.callback.call(&progress)));
            state = self.lock();
            if let Err(payload) = reported {
                state.panic = Some(payload);
                state.unreported.clear();
            }
        }
        state.is_reporting = false;
        self.idle.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, CallbackState> {
        lock(&self.state)
    }
}

impl CallbackState {
    fn leave(&mut self, is_ok: bool) {
        match self.unreported.back_mut() {
            Some(last) if last.is_ok == is_ok => last.times += 1,
            _ => self.unreported.push_back(Run { is_ok, times: 1 }),
        }
    }

    fn next(&mut self) -> Option<bool> {
        let first = self.unreported.front_mut()?;
        let is_ok = first.is_ok;
        first.times -= 1;
        if first.times == 0 {
            self.unreported.pop_front();
        }
        Some(is_ok)
    }

    fn count(&mut self, is_ok: bool, queue: &CallbackQueue) -> Progress {
        self.done += 1;
        self.failed += usize::from(!is_ok);
        Progress {
            done: self.done,
            failed: self.failed,
            total: queue.total,
            elapsed: queue.began.elapsed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, OnceLock, Weak, mpsc};
    use std::thread;

    use super::*;

    fn recorded(total: Option<usize>) -> (Arc<CallbackQueue>, mpsc::Receiver<Progress>) {
        let (sender, receiver) = mpsc::channel();
        let callback = OnProgress::new(move |progress: &Progress| {
            sender.send(progress.clone()).expect("the test receives");
        });
        (Arc::new(CallbackQueue::new(callback, total)), receiver)
    }

    #[test]
    fn each_finished_task_is_reported_once_and_in_order() {
        let (queue, reported) = recorded(Some(4_000));
        thread::scope(|scope| {
            for worker in 0..4 {
                let queue = &queue;
                scope
                    .spawn(move || (0..1_000).for_each(|n| queue.finished((n + worker) % 10 != 0)));
            }
        });
        queue.finish();
        let reported: Vec<_> = reported.try_iter().collect();
        let done: Vec<_> = reported.iter().map(|progress| progress.done).collect();
        assert_eq!(done, Vec::from_iter(1..=4_000));
        assert!(
            reported
                .iter()
                .all(|progress| progress.total == Some(4_000))
        );
        assert_eq!(reported.last().expect("there are some").failed, 400);
        assert!(reported.is_sorted_by_key(|progress| (progress.failed, progress.elapsed)));
    }

    #[test]
    fn a_call_under_way_holds_up_no_worker_and_finish_waits_for_it() {
        let (go_on, wait) = mpsc::channel::<()>();
        let (began, begun) = mpsc::channel();
        let mut seen = 0;
        let (last, all) = mpsc::channel();
        let callback = OnProgress::new(move |progress: &Progress| {
            seen += 1;
            if seen == 1 {
                began.send(()).expect("the test receives");
                wait.recv().expect("the test sends");
            }
            last.send(progress.done).expect("the test receives");
        });
        let queue = CallbackQueue::new(callback, None);
        thread::scope(|scope| {
            scope.spawn(|| queue.finished(true));
            begun.recv().expect("the callback runs");
            for _ in 0..1_000_000 {
                queue.finished(true);
            }
            assert_eq!(
                queue.lock().unreported.len(),
                1,
                "equal outcomes share one run"
            );
            go_on.send(()).expect("the callback waits");
            queue.finish();
            assert_eq!(all.try_iter().count(), 1_000_001);
        });
    }

    #[test]
    fn a_callback_may_finish_a_task_of_the_call_itself() {
        let (sender, reported) = mpsc::channel();
        let own = Arc::new(OnceLock::<Weak<CallbackQueue>>::new());
        let inside = Arc::clone(&own);
        let callback = OnProgress::new(move |progress: &Progress| {
            sender.send(progress.done).expect("the test receives");
            if progress.done < 3 {
                let queue = inside.get().and_then(Weak::upgrade);
                queue.expect("the queue is alive").finished(true);
            }
        });
        let queue = Arc::new(CallbackQueue::new(callback, None));
        own.set(Arc::downgrade(&queue))
            .expect("it is set only once");
        queue.finished(true);
        queue.finish();
        assert_eq!(reported.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn a_panic_of_the_callback_reaches_the_caller_and_stops_the_telling() {
        let mut calls = 0;
        let callback = OnProgress::new(move |_: &Progress| {
            calls += 1;
            assert!(calls < 2, "on purpose");
        });
        let queue = CallbackQueue::new(callback, None);
        for _ in 0..5 {
            queue.finished(true);
        }
        let unwound = catch_unwind(AssertUnwindSafe(|| queue.finish()));
        assert!(unwound.is_err());
        assert_eq!(queue.lock().done, 2);
    }
}
