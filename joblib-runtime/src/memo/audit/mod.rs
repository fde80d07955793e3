//! Audit: a share of the hits is computed again and compared with what is
//! stored. It finds what no look at the source can: clocks, files, statics,
//! foreign code.
//!
//! The call returns what is stored. The second computation runs with nothing
//! held, so that nobody waits for it and it waits for nobody who waits for the
//! call; it counts as neither hit nor miss, and stores nothing. Memoized
//! functions that it calls on its thread compute too, once for each key
//! ([`scope`]), and are compared in turn: an old result behind an old result
//! would else never be found.
//!
//! Where arguments can be kept the computation takes place in the
//! [`background`], else before the call returns.

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
use crate::codec::result_codec::ResultCodec;

/// Answers a call while hits are audited somewhere in the process.
#[cold]
#[inline(never)]
pub(super) fn call<R, S: ResultCodec<R>>(wanted: &Lookup<'_>, stored: &S, body: Body<'_, R>) -> R {
    if scope::is_active() {
        return scope::call(wanted, stored, body);
    }
    let mut body = Some(body);
    let value = wanted.answer(stored, &mut body);
    if let Some(body) = body
        && let Some(trial) = AuditedHit::of(wanted, &TypedResult::new(stored, &value))
    {
        at_once(&trial, stored, body);
    }
    value
}

/// A body that can be kept for later.
pub(super) type Kept<R> = Box<dyn FnOnce() -> R + Send>;

/// As [`call`], with a body that can be kept for later, and what makes another
/// `stored` then.
#[cold]
#[inline(never)]
pub(super) fn call_keeping<R: 'static, S: ResultCodec<R> + 'static>(
    wanted: &Lookup<'static>,
    stored: &S,
    body: Kept<R>,
    make: fn() -> S,
) -> R {
    if scope::is_active() {
        return scope::call(wanted, stored, body);
    }
    let body = Cell::new(Some(body));
    let take = || body.take().expect("a call computes once");
    let value = wanted.answer(stored, &mut Some(Box::new(|| take()())));
    let Some(body) = body.take() else {
        return value;
    };
    let Some(trial) = AuditedHit::of(wanted, &TypedResult::new(stored, &value)) else {
        return value;
    };
    if trial.is_strict() {
        at_once(&trial, stored, body);
        return value;
    }
    // Whichever of the two runs.
    let job = move || at_once(&trial, &make(), body);
    if let Err(job) = background::push(Box::new(job)) {
        job();
    }
    value
}

/// Computes a hit again.
fn at_once<R, S: ResultCodec<R>>(trial: &AuditedHit<'_>, stored: &S, body: impl FnOnce() -> R) {
    let (again, inner) = scope::within(trial.is_strict(), || catch_unwind(AssertUnwindSafe(body)));
    trial.end(stored, &again, inner);
}
