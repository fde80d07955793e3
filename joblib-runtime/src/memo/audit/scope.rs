//! What an audit has computed on its thread: memoized functions that are called
//! within it compute anew, once for each key, and each is compared with what is
//! stored of it.
//!
//! Deep calls and many results are cut off: from there on what is stored
//! answers, so that an audit ends and has room where a plain call has.

use std::cell::RefCell;
use std::collections::HashMap;
use std::mem;

use super::super::erased::{AnyResult, TypedResult};
use super::super::identity_hasher::BuildIdentityHasher;
use super::super::lookup::{Body, Lookup};
use super::verdict::AuditedHit;
use crate::codec::Purpose;
use crate::codec::result_codec::ResultCodec;

/// How deep calls compute: recursion that had stored results to stand on would
/// not end before the stack does.
const DEEPEST: usize = 64;

/// How many bytes of results are kept for calls to come.
const ROOM: usize = 64 << 20;

/// An audit that is under way.
#[derive(Debug, Default)]
pub(super) struct AuditScope {
    results: HashMap<u128, Vec<u8>, BuildIdentityHasher>,
    bytes: usize,
    depth: usize,
    /// Whether a difference is kept for the end of the audit or told at once.
    is_strict: bool,
    differences: Vec<String>,
}

thread_local! {
    static CURRENT: RefCell<Option<AuditScope>> = const { RefCell::new(None) };
}

/// Whether this thread computes for an audit.
pub(super) fn is_active() -> bool {
    with(|_| ()).is_some()
}

fn with<T>(look: impl FnOnce(&mut AuditScope) -> T) -> Option<T> {
    let look = |current: &RefCell<Option<AuditScope>>| current.borrow_mut().as_mut().map(look);
    // A thread that ends has none.
    CURRENT.try_with(look).ok().flatten()
}

/// Puts a scope in the place of the thread's.
fn exchange(scope: Option<AuditScope>) -> Option<AuditScope> {
    CURRENT
        .try_with(|current| mem::replace(&mut *current.borrow_mut(), scope))
        .unwrap_or_default()
}

/// Runs `compute`, which does not unwind, in a scope of its own; gives what
/// differed within, too.
pub(super) fn within<T>(is_strict: bool, compute: impl FnOnce() -> T) -> (T, Vec<String>) {
    let mut scope = AuditScope::of(is_strict);
    let value = scope.during(compute);
    (value, scope.into_differences())
}

impl AuditScope {
    /// Of an audit that may be strict.
    pub(super) fn of(is_strict: bool) -> AuditScope {
        AuditScope {
            is_strict,
            ..AuditScope::default()
        }
    }

    /// Is the scope of this thread while `compute`, which does not unwind, runs.
    pub(super) fn during<T>(&mut self, compute: impl FnOnce() -> T) -> T {
        let outer = self.enter();
        let value = compute();
        self.leave(outer);
        value
    }

    /// Becomes the scope of this thread; gives the one before.
    fn enter(&mut self) -> Option<AuditScope> {
        exchange(Some(mem::take(self)))
    }

    fn leave(&mut self, outer: Option<AuditScope>) {
        *self = exchange(outer).unwrap_or_default();
    }

    pub(super) fn into_differences(self) -> Vec<String> {
        self.differences
    }

    fn is_full(&self) -> bool {
        self.depth >= DEEPEST || self.bytes >= ROOM
    }
}

/// One call deeper, until it is dropped.
pub(super) struct AuditDepth(());

impl AuditDepth {
    pub(super) fn new() -> AuditDepth {
        with(|scope| scope.depth += 1);
        AuditDepth(())
    }
}

impl Drop for AuditDepth {
    fn drop(&mut self) {
        with(|scope| scope.depth = scope.depth.saturating_sub(1));
    }
}

/// Answers a call within an audit.
pub(super) fn call<R, S: ResultCodec<R>>(wanted: &Lookup<'_>, stored: &S, body: Body<'_, R>) -> R {
    if let Some(value) = known::<R, S>(wanted) {
        return value;
    }
    let deeper = AuditDepth::new();
    let value = body();
    drop(deeper);
    note(wanted, stored, &value);
    value
}

/// What is known of the result without computing it.
pub(super) fn known<R, S: ResultCodec<R>>(wanted: &Lookup<'_>) -> Option<R> {
    match computed(wanted.id) {
        Some(bytes) => S::decode_described(&bytes).ok(),
        None if is_full() => wanted.peek::<R, S>(),
        None => None,
    }
}

/// The description of a result that was computed for this audit.
fn computed(id: u128) -> Option<Vec<u8>> {
    with(|scope| scope.results.get(&id).cloned()).flatten()
}

fn is_full() -> bool {
    with(|scope| scope.is_full()) == Some(true)
}

/// Keeps a result for calls to come, and compares it with what is stored.
pub(super) fn note<R, S: ResultCodec<R>>(wanted: &Lookup<'_>, stored: &S, value: &R) {
    let result = TypedResult::new(stored, value);
    keep(wanted.id, &result);
    if let Some(found) = wanted.peek::<R, S>() {
        compare(wanted, &TypedResult::new(stored, &found), &result);
    }
}

fn keep(id: u128, result: &dyn AnyResult) {
    let mut bytes = Vec::new();
    if result.accepts() && result.describe(Purpose::Keep, &mut bytes).is_ok() {
        with(|scope| {
            scope.bytes += bytes.len();
            scope.results.insert(id, bytes);
        });
    }
}

fn compare(wanted: &Lookup<'_>, found: &dyn AnyResult, result: &dyn AnyResult) {
    let Some(trial) = AuditedHit::sure(wanted, found) else {
        return;
    };
    let is_strict = with(|scope| scope.is_strict) == Some(true);
    if let Some(difference) = trial.judge(Ok(result), is_strict) {
        with(|scope| scope.differences.push(difference));
    }
}
