//! Audits of `async` functions. The task that makes the call recomputes before the call
//! returns.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use super::scope::{self, AuditDepth, AuditScope};
use super::verdict::AuditedHit;
use crate::memo::erased::TypedResult;
use crate::memo::lookup::Lookup;
use crate::transport::ResultCodec;

/// Like [`call`](super::call), for an `async` function.
pub(in crate::memo) async fn call_async<R, S: ResultCodec<R>, F: Future<Output = R>>(
    lookup: &Lookup<'_>,
    stored: &S,
    body: impl FnOnce() -> F,
) -> R {
    if scope::is_active() {
        return call_within(lookup, stored, body).await;
    }
    let Some(audited) = choose(lookup, stored) else {
        return match lookup.hit_in_memory(stored) {
            Some(value) => value,
            None => lookup.find_or_compute_async(stored, body).await,
        };
    };
    let mut scope = AuditScope::of(audited.is_strict());
    let begun = scope.during(|| catch_unwind(AssertUnwindSafe(body)));
    let (again, scope) = match begun {
        Ok(future) => AuditedFuture::new(scope, future).await,
        Err(panic) => (Err(panic), scope),
    };
    let value = lookup.hit::<R, S>(stored);
    audited.end(stored, &again, scope.into_differences());
    match (value, again) {
        (Some(value), _) => value,
        // The stored result was dropped in the meantime.
        (None, Ok(again)) => again,
        (None, Err(panic)) => resume_unwind(panic),
    }
}

/// Returns the stored result, if it is chosen for an audit. The call reads it again at
/// the end, because a result that is held across an `await` would have to be `Send`.
fn choose<'a, R, S: ResultCodec<R>>(lookup: &Lookup<'a>, stored: &S) -> Option<AuditedHit<'a>> {
    let value = lookup.peek(stored)?;
    AuditedHit::of(lookup, &TypedResult::new(stored, &value))
}

async fn call_within<R, S: ResultCodec<R>, F: Future<Output = R>>(
    lookup: &Lookup<'_>,
    stored: &S,
    body: impl FnOnce() -> F,
) -> R {
    if let Some(value) = scope::known(lookup, stored) {
        return value;
    }
    let value = NestedCompute(Box::pin(body())).await;
    scope::record(lookup, stored, &value);
    value
}

/// A future that runs in an audit's scope while it is polled.
struct AuditedFuture<F> {
    scope: AuditScope,
    future: Pin<Box<F>>,
}

impl<F> AuditedFuture<F> {
    fn new(scope: AuditScope, future: F) -> Self {
        AuditedFuture {
            scope,
            future: Box::pin(future),
        }
    }
}

impl<F: Future> Future for AuditedFuture<F> {
    type Output = (thread::Result<F::Output>, AuditScope);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let AuditedFuture { scope, future } = &mut *self;
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

/// A computation nested in an audit.
struct NestedCompute<F>(Pin<Box<F>>);

impl<F: Future> Future for NestedCompute<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _deeper = AuditDepth::new();
        self.0.as_mut().poll(context)
    }
}
