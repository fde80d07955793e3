//! The results of a call as an asynchronous stream. A thread of its own takes the results
//! and queues a few of them for whoever polls the stream.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Waker};

use super::background::BackgroundCall;
use super::execute::{Boxed, ExecuteStream};
use super::par::Par;
use super::plan::ConsumerMode;
use crate::outcome::Error;
use crate::task::Task;
use crate::unpoisoned::{lock, wait};

/// The most results that are queued for the stream, unless the call limits how far tasks
/// may run ahead.
const QUEUED: usize = 64;

/// The results of a parallel call in the order of the input, as a
/// [`Stream`](futures_core::Stream): [`Par::stream_async`].
#[must_use = "streams do nothing unless they are polled"]
pub struct AsyncStream<O> {
    call: Result<BackgroundCall, Option<Error>>,
    shared: Arc<Shared<O>>,
    is_over: bool,
}

/// What the thread of the call and the stream share.
struct Shared<O> {
    state: Mutex<State<O>>,
    taken: Condvar,
}

struct State<O> {
    results: VecDeque<Result<O, Error>>,
    /// How the thread ended.
    end: Option<Result<(), Box<dyn Any + Send>>>,
    is_dropped: bool,
    waker: Option<Waker>,
}

impl<I: Iterator, T: Task<I::Item, Output: Send + 'static>, B> Par<I, T, B> {
    /// Returns the result or error of each input, in the order of the input, as a `Stream`
    /// for `async` code. Requires the feature `futures`.
    ///
    /// The call starts when the stream is first polled, with the settings of the scopes in
    /// which it was created. It runs in threads of its own: polling never blocks. Tasks run
    /// ahead of whoever polls by at most [`pre_dispatch`](Par::pre_dispatch) tasks, or else
    /// a few batches and 64 results.
    ///
    /// Dropping the stream cancels the call and returns at once: no more tasks start,
    /// running ones are finished on threads, without anybody waiting for them, and stopped
    /// on processes. For the same reason as with `.await` (see
    /// [`CallFuture`](super::CallFuture)), inputs, task and results must be `'static`:
    ///
    /// ```compile_fail,E0597
    /// # use joblib_runtime::parallel as joblib;
    /// let data = vec![1, 2, 3];
    /// std::mem::forget(joblib::par(&data).map(|x| x + 1).stream_async());
    /// ```
    ///
    /// # Panics
    ///
    /// Polling panics if the callback of [`on_progress`](Par::on_progress) panicked.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime::parallel as joblib;
    /// use futures_util::TryStreamExt;
    /// use joblib::par;
    ///
    /// async fn sum() -> Result<u64, joblib::Error> {
    ///     let mut results = par(0..100_u64).map(|x| x * x).stream_async();
    ///     let mut sum = 0;
    ///     while let Some(square) = results.try_next().await? {
    ///         sum += square;
    ///     }
    ///     Ok(sum)
    /// }
    /// # assert_eq!(pollster::block_on(sum()).unwrap(), 328_350);
    /// ```
    pub fn stream_async(self) -> AsyncStream<T::Output>
    where
        I: Send + 'static,
        T: Send + 'static,
        B: ExecuteStream<I, T> + Send + 'static,
    {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                results: VecDeque::new(),
                end: None,
                is_dropped: false,
                waker: None,
            }),
            taken: Condvar::new(),
        });
        let mode = ConsumerMode {
            is_ordered: true,
            is_bounded: true,
        };
        let theirs = Arc::clone(&shared);
        let call = self.decide_in_background(mode, move |backend, work| {
            let end = catch_unwind(AssertUnwindSafe(|| {
                let most = match work.plan.limits_run_ahead() {
                    // What is queued here counts as consumed once the next is requested.
                    true => 1,
                    false => QUEUED,
                };
                let tracker = work.plan.tracker.clone();
                theirs.fill(tracker.until_end(backend.stream(work)), most);
            }));
            theirs.finish(end);
        });
        AsyncStream {
            call: call.map_err(Some),
            shared,
            is_over: false,
        }
    }
}

impl<O> Shared<O> {
    /// Queues the outcomes, at most `most` at a time, until the stream is dropped.
    fn fill(&self, mut outcomes: Boxed<O>, most: usize) {
        loop {
            let mut state = lock(&self.state);
            while state.results.len() >= most && !state.is_dropped {
                state = wait(&self.taken, state);
            }
            if state.is_dropped {
                return;
            }
            drop(state);
            let Some((_, outcome)) = outcomes.next() else {
                return;
            };
            self.change(|state| state.results.push_back(outcome));
        }
    }

    fn finish(&self, end: Result<(), Box<dyn Any + Send>>) {
        self.change(|state| state.end = Some(end));
    }

    /// Changes the state and wakes the task that polls the stream.
    fn change(&self, change: impl FnOnce(&mut State<O>)) {
        let waker = {
            let mut state = lock(&self.state);
            change(&mut state);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<O> futures_core::Stream for AsyncStream<O> {
    type Item = Result<O, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let started = match &mut self.call {
            Ok(call) => call.start(),
            Err(failure) => failure.take().map_or(Ok(()), Err),
        };
        if let Err(failure) = started {
            self.is_over = true;
            return Poll::Ready(Some(Err(failure)));
        }
        let mut state = lock(&self.shared.state);
        if let Some(result) = state.results.pop_front() {
            drop(state);
            self.shared.taken.notify_one();
            return Poll::Ready(Some(result));
        }
        match state.end.take() {
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
            Some(end) => {
                drop(state);
                self.is_over = true;
                match end {
                    Ok(()) => Poll::Ready(None),
                    Err(payload) => resume_unwind(payload),
                }
            }
        }
    }
}

impl<O> Drop for AsyncStream<O> {
    fn drop(&mut self) {
        // In a forked child, a lock of the parent's thread may be held for ever.
        if self.call.as_ref().is_ok_and(BackgroundCall::is_here) {
            lock(&self.shared.state).is_dropped = true;
            self.shared.taken.notify_one();
        }
    }
}

impl<O> Unpin for AsyncStream<O> {}

impl<O> fmt::Debug for AsyncStream<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncStream").finish_non_exhaustive()
    }
}
