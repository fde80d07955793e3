//! The scope of an audit on its thread: memoized functions called inside it are
//! recomputed, once for each key, and each is compared with its stored result.
//!
//! Beyond a depth and a number of bytes, stored results answer instead, so that an
//! audit ends and does not overflow the stack where a plain call would not.

use std::cell::RefCell;
use std::collections::HashMap;
use std::mem;

use super::verdict::AuditedHit;
use crate::codec::Purpose;
use crate::identity_hasher::BuildIdentityHasher;
use crate::memo::erased::{AnyResult, TypedResult};
use crate::memo::lookup::{Body, Lookup};
use crate::transport::ResultCodec;

/// The maximum depth of recomputed calls. A recursion that relies on stored results
/// would otherwise overflow the stack.
const MAX_DEPTH: usize = 64;

/// The maximum bytes of results that are kept for later calls.
const MAX_BYTES: usize = 64 << 20;

/// An audit in progress.
#[derive(Debug, Default)]
pub(super) struct AuditScope {
    results: HashMap<u128, Vec<u8>, BuildIdentityHasher>,
    bytes: usize,
    depth: usize,
    /// Whether differences are collected for the end of the audit. If not, they are
    /// reported at once.
    is_strict: bool,
    differences: Vec<String>,
}

thread_local! {
    static CURRENT: RefCell<Option<AuditScope>> = const { RefCell::new(None) };
}

/// Returns whether this thread computes for an audit.
pub(super) fn is_active() -> bool {
    with(|_| ()).is_some()
}

fn with<T>(look: impl FnOnce(&mut AuditScope) -> T) -> Option<T> {
    let look = |current: &RefCell<Option<AuditScope>>| current.borrow_mut().as_mut().map(look);
    // A thread that runs its last destructors has no scope.
    CURRENT.try_with(look).ok().flatten()
}

/// Replaces the scope of this thread and returns the old one.
fn replace_current(scope: Option<AuditScope>) -> Option<AuditScope> {
    CURRENT
        .try_with(|current| mem::replace(&mut *current.borrow_mut(), scope))
        .unwrap_or_default()
}

/// Runs `compute`, which must not unwind, in a new scope. Returns the differences found
/// inside it as well.
pub(super) fn run<T>(is_strict: bool, compute: impl FnOnce() -> T) -> (T, Vec<String>) {
    let mut scope = AuditScope::of(is_strict);
    let value = scope.during(compute);
    (value, scope.into_differences())
}

impl AuditScope {
    /// Creates the scope of an audit.
    pub(super) fn of(is_strict: bool) -> AuditScope {
        AuditScope {
            is_strict,
            ..AuditScope::default()
        }
    }

    /// Makes this the scope of the thread while `compute` runs, which must not unwind.
    pub(super) fn during<T>(&mut self, compute: impl FnOnce() -> T) -> T {
        let outer = self.enter();
        let value = compute();
        self.leave(outer);
        value
    }

    /// Makes this the scope of the thread and returns the outer one.
    fn enter(&mut self) -> Option<AuditScope> {
        replace_current(Some(mem::take(self)))
    }

    fn leave(&mut self, outer: Option<AuditScope>) {
        *self = replace_current(outer).unwrap_or_default();
    }

    pub(super) fn into_differences(self) -> Vec<String> {
        self.differences
    }

    fn is_full(&self) -> bool {
        self.depth >= MAX_DEPTH || self.bytes >= MAX_BYTES
    }
}

/// Increments the call depth until it is dropped.
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

/// Answers a call inside an audit.
pub(super) fn call<R, S: ResultCodec<R>>(lookup: &Lookup<'_>, stored: &S, body: Body<'_, R>) -> R {
    if let Some(value) = known(lookup, stored) {
        return value;
    }
    let deeper = AuditDepth::new();
    let value = body();
    drop(deeper);
    record(lookup, stored, &value);
    value
}

/// Returns the result if the audit has computed it, or the stored one if the audit has
/// reached its limits.
pub(super) fn known<R, S: ResultCodec<R>>(lookup: &Lookup<'_>, stored: &S) -> Option<R> {
    match computed(lookup.id) {
        Some(bytes) => stored.decoder().decode_described(&bytes).ok(),
        None if is_full() => lookup.peek(stored),
        None => None,
    }
}

/// Returns the description of a result that this audit has computed.
fn computed(id: u128) -> Option<Vec<u8>> {
    with(|scope| scope.results.get(&id).cloned()).flatten()
}

fn is_full() -> bool {
    with(|scope| scope.is_full()) == Some(true)
}

/// Keeps a result for later calls of this audit, and compares it with the stored one.
pub(super) fn record<R, S: ResultCodec<R>>(lookup: &Lookup<'_>, stored: &S, value: &R) {
    let result = TypedResult::new(stored, value);
    keep(lookup.id, &result);
    if let Some(found) = lookup.peek(stored) {
        compare(lookup, &TypedResult::new(stored, &found), &result);
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

fn compare(lookup: &Lookup<'_>, found: &dyn AnyResult, result: &dyn AnyResult) {
    let Some(audited) = AuditedHit::always(lookup, found) else {
        return;
    };
    let is_strict = with(|scope| scope.is_strict) == Some(true);
    if let Some(difference) = audited.verdict(Ok(result), is_strict) {
        with(|scope| scope.differences.push(difference));
    }
}
