//! Audit: recomputes a share of the hits and compares the results with what is stored.
//! It detects dependencies that the source does not show: clocks, files, statics,
//! foreign code.
//!
//! The call returns the stored result. The recomputation takes no lock and no
//! leadership, so nothing waits for it, and it waits for nothing that waits for the
//! call. It counts as neither hit nor miss and stores nothing. Memoized functions that
//! it calls on its thread are recomputed too, once for each key ([`scope`]), and
//! compared in turn. Otherwise an old result that comes from another old result would
//! never be detected.
//!
//! If the arguments can be kept, the recomputation runs in the [`background`],
//! otherwise before the call returns.

mod asynchronous;
mod background;
mod policy;
mod scope;
mod verdict;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(super) use self::asynchronous::call_async;
pub use self::background::finish as finish_audits;
pub(crate) use self::policy::AuditPolicy;
pub(super) use self::policy::is_on;
use self::verdict::AuditedHit;
use super::erased::TypedResult;
use super::lookup::{Body, Lookup};
use crate::transport::ResultCodec;

/// Answers a call while any cache of the process audits its hits.
#[cold]
#[inline(never)]
pub(super) fn call<R, S: ResultCodec<R>>(lookup: &Lookup<'_>, stored: &S, body: Body<'_, R>) -> R {
    if scope::is_active() {
        return scope::call(lookup, stored, body);
    }
    let mut body = Some(body);
    let value = lookup.answer(stored, &mut body);
    if let Some(body) = body
        && let Some(audited) = AuditedHit::of(lookup, &TypedResult::new(stored, &value))
    {
        at_once(&audited, stored, body);
    }
    value
}

/// A body that can be kept for later.
pub(super) type Kept<R> = Box<dyn FnOnce() -> R + Send>;

/// Like [`call`], with a body that can be kept for later. `make` creates the `stored`
/// for it.
#[cold]
#[inline(never)]
pub(super) fn call_keeping<R: 'static, S: ResultCodec<R> + 'static>(
    lookup: &Lookup<'static>,
    stored: &S,
    body: Kept<R>,
    make: fn() -> S,
) -> R {
    if scope::is_active() {
        return scope::call(lookup, stored, body);
    }
    let body = Cell::new(Some(body));
    let take = || body.take().expect("a call runs its body only once");
    let value = lookup.answer(stored, &mut Some(Box::new(|| take()())));
    let Some(body) = body.take() else {
        return value;
    };
    let Some(audited) = AuditedHit::of(lookup, &TypedResult::new(stored, &value)) else {
        return value;
    };
    if audited.is_strict() {
        at_once(&audited, stored, body);
        return value;
    }
    // The body runs either here or in the background.
    let job = move || at_once(&audited, &make(), body);
    if let Err(job) = background::push(Box::new(job)) {
        job();
    }
    value
}

/// Recomputes a hit and compares the results.
fn at_once<R, S: ResultCodec<R>>(audited: &AuditedHit<'_>, stored: &S, body: impl FnOnce() -> R) {
    let (again, inner) = scope::run(audited.is_strict(), || catch_unwind(AssertUnwindSafe(body)));
    audited.end(stored, &again, inner);
}
