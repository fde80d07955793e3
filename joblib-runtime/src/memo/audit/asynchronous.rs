//! Audits of `async` functions: computed before the call is ready, by the task
//! that makes it.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use super::super::erased::Typed;
use super::super::wanted::Wanted;
use super::scope::{self, Deeper, Scope};
use super::verdict::Trial;
use crate::codec::result_codec::ResultCodec;

/// As [`call`](super::call), for an `async` function.
pub(in crate::memo) async fn call_async<R, S: ResultCodec<R>, F: Future<Output = R>>(
    wanted: &Wanted<'_>,
    stored: &S,
    body: impl FnOnce() -> F,
) -> R {
    if scope::is_active() {
        return call_within(wanted, stored, body).await;
    }
    let Some(trial) = trial(wanted, stored) else {
        return match wanted.hit_in_memory(stored) {
            Some(value) => value,
            None => wanted.find_or_compute_async(stored, body).await,
        };
    };
    let mut scope = Scope::of(trial.is_strict());
    let begun = scope.during(|| catch_unwind(AssertUnwindSafe(body)));
    let (again, scope) = match begun {
        Ok(future) => Audited::new(scope, future).await,
        Err(panic) => (Err(panic), scope),
    };
    let value = wanted.hit::<R, S>(stored);
    trial.end(stored, &again, scope.into_differences());
    match (value, again) {
        (Some(value), _) => value,
        // What was stored is gone since.
        (None, Ok(again)) => again,
        (None, Err(panic)) => resume_unwind(panic),
    }
}

/// The trial of what is stored, which is read again for the call: a result that
/// was held while the task waits would have to be `Send`.
fn trial<'a, R, S: ResultCodec<R>>(wanted: &Wanted<'a>, stored: &S) -> Option<Trial<'a>> {
    let value = wanted.peek::<R, S>()?;
    Trial::of(wanted, &Typed::new(stored, &value))
}

async fn call_within<R, S: ResultCodec<R>, F: Future<Output = R>>(
    wanted: &Wanted<'_>,
    stored: &S,
    body: impl FnOnce() -> F,
) -> R {
    if let Some(value) = scope::known::<R, S>(wanted) {
        return value;
    }
    let value = Nested(Box::pin(body())).await;
    scope::note(wanted, stored, &value);
    value
}

/// A computation that is of an audit while it is polled.
struct Audited<F> {
    scope: Scope,
    future: Pin<Box<F>>,
}

impl<F> Audited<F> {
    fn new(scope: Scope, future: F) -> Self {
        Audited {
            scope,
            future: Box::pin(future),
        }
    }
}

impl<F: Future> Future for Audited<F> {
    type Output = (thread::Result<F::Output>, Scope);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Audited { scope, future } = &mut *self;
        let poll = || future.as_mut().poll(context);
        let polled = scope.during(|| catch_unwind(AssertUnwindSafe(poll)));
        let again = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(value)) => Ok(value),
            Err(panic) => Err(panic),
        };
        Poll::Ready((again, std::mem::take(scope)))
    }
}

/// A computation within one of an audit.
struct Nested<F>(Pin<Box<F>>);

impl<F: Future> Future for Nested<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _deeper = Deeper::new();
        self.0.as_mut().poll(context)
    }
}
