//! The future of a call: `.await` on the builder.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::background::BackgroundCall;
use super::execute::Execute;
use super::par::Par;
use super::plan::ConsumerMode;
use super::terminal::Collect;
use crate::outcome::Error;
use crate::task::Task;
use crate::unpoisoned::lock;

/// The future of a parallel call: its results in the order of the input, or the first
/// failure, like [`try_collect`](Par::try_collect).
///
/// `.await` on a [`Par`] creates it. It belongs to no runtime in particular. The call
/// starts when the future is first polled, with the settings of the scopes in which it was
/// created, and runs in threads of its own: polling never blocks.
///
/// Dropping the future cancels the call and returns at once: no more tasks start, running
/// ones are finished on threads, without anybody waiting for them, and stopped on
/// processes.
///
/// Inputs, task and results must be `'static`. A future can be leaked, so one that borrows
/// could not guarantee that its tasks end before the borrowed data does. Move the data into
/// the closure, in an `Arc` if it is used elsewhere, or call [`collect`](Par::collect) in a
/// thread that may block, such as one of `tokio::task::spawn_blocking`. This does not
/// compile:
///
/// ```compile_fail,E0597
/// # use joblib_runtime::parallel as joblib;
/// use std::future::IntoFuture;
///
/// let data = vec![1, 2, 3];
/// let future = joblib::par(0..3).map(|x| &data[x] + 1).into_future();
/// std::mem::forget(future); // the tasks would go on without `data`
/// ```
///
/// # Panics
///
/// Polling panics if the callback of [`on_progress`](Par::on_progress) panicked. Panics of
/// tasks are errors.
///
/// # Example
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// use std::sync::Arc;
/// use joblib::par;
///
/// async fn total(data: Arc<Vec<u64>>) -> Result<u64, joblib::Error> {
///     let parts = par(0..4).map(move |part| data.iter().skip(part).step_by(4).sum::<u64>());
///     Ok(parts.n_jobs(2).await?.into_iter().sum())
/// }
/// # let total = pollster::block_on(total(Arc::new(Vec::from_iter(0..100))));
/// # assert_eq!(total.unwrap(), 4950);
/// ```
#[must_use = "futures do nothing unless they are polled, e.g. by `.await`"]
pub struct CallFuture<O> {
    call: Result<BackgroundCall, Option<Error>>,
    shared: Arc<Mutex<Shared<O>>>,
}

/// What the thread of the call and the future share.
struct Shared<O> {
    result: Option<std::thread::Result<Result<Vec<O>, Error>>>,
    waker: Option<Waker>,
}

impl<I, T, B> IntoFuture for Par<I, T, B>
where
    I: Iterator + Send + 'static,
    T: Task<I::Item, Output: Send + 'static> + Send + 'static,
    B: Execute<I, T> + Send + 'static,
{
    type Output = Result<Vec<T::Output>, Error>;
    type IntoFuture = CallFuture<T::Output>;

    fn into_future(self) -> CallFuture<T::Output> {
        let shared = Arc::new(Mutex::new(Shared {
            result: None,
            waker: None,
        }));
        let mode = ConsumerMode {
            is_ordered: true,
            is_bounded: false,
        };
        let theirs = Arc::clone(&shared);
        let call = self.decide_in_background(mode, move |backend, work| {
            let result = catch_unwind(AssertUnwindSafe(|| {
                let tracker = work.plan.tracker.clone();
                let result = backend.run(work, Collect::<Vec<T::Output>>::NEW);
                tracker.finish();
                result
            }));
            let waker = {
                let mut shared = lock(&theirs);
                shared.result = Some(result);
                shared.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        CallFuture {
            call: call.map_err(Some),
            shared,
        }
    }
}

impl<O> Future for CallFuture<O> {
    type Output = Result<Vec<O>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let started = match &mut self.call {
            Ok(call) => call.start(),
            Err(failure) => Err(failure
                .take()
                .expect("the future is not polled after its end")),
        };
        if let Err(failure) = started {
            return Poll::Ready(Err(failure));
        }
        let mut shared = lock(&self.shared);
        match shared.result.take() {
            Some(Ok(result)) => Poll::Ready(result),
            Some(Err(payload)) => {
                drop(shared);
                resume_unwind(payload)
            }
            None => {
                shared.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<O> Unpin for CallFuture<O> {}

impl<O> fmt::Debug for CallFuture<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFuture").finish_non_exhaustive()
    }
}
