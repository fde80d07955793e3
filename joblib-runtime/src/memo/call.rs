//! The functions that generated code calls to answer a call, and to query the keys and
//! entries of a function.
//!
//! A fault of the cache never changes the returned value: it is counted, reported once
//! and treated as a miss.

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::audit;
use super::diagnostics;
use super::digest::ArgsDigest;
use super::encoded_result;
use super::entry::EntryKey;
use super::explain::MissReason;
use super::flight;
use super::function::{MemoFunction, entry_id};
use super::lookup::Lookup;
use super::shelved::Shelved;
use crate::store;
use crate::transport::ResultCodec;

/// Answers a call with the stored result, or runs `body` and stores its result.
#[inline]
pub fn call<R, S: ResultCodec<R>>(
    site: &'static MemoFunction,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> R,
) -> R {
    answer(Lookup::new(site, digest), stored, body)
}

/// Answers a call with the entry of `lookup`. Without a lookup, the result is not
/// stored.
#[inline]
pub(super) fn answer<R, S: ResultCodec<R>>(
    lookup: Option<Lookup<'_>>,
    stored: S,
    body: impl FnOnce() -> R,
) -> R {
    let Some(lookup) = lookup else {
        return body();
    };
    if audit::is_on() {
        return audit::call(&lookup, &stored, Box::new(body));
    }
    match lookup.hit_in_memory(&stored) {
        Some(value) => value,
        None => lookup.find_or_compute(&stored, &mut Some(Box::new(body))),
    }
}

/// Like [`call`], with a body that can be kept for an audit. `make` creates the
/// `stored` for it.
#[inline]
pub(super) fn call_keeping<R: 'static, S: ResultCodec<R> + 'static>(
    site: &'static MemoFunction,
    digest: ArgsDigest,
    body: impl FnOnce() -> R + Send + 'static,
    make: fn() -> S,
) -> R {
    let Some(lookup) = Lookup::new(site, digest) else {
        return body();
    };
    let stored = make();
    if audit::is_on() {
        return audit::call_keeping(&lookup, &stored, Box::new(body), make);
    }
    match lookup.hit_in_memory(&stored) {
        Some(value) => value,
        None => lookup.find_or_compute(&stored, &mut Some(Box::new(body))),
    }
}

/// Like [`call`], for an `async` function.
pub async fn call_async<R, S: ResultCodec<R>, F: Future<Output = R>>(
    site: &'static MemoFunction,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> F,
) -> R {
    let Some(lookup) = Lookup::new(site, digest) else {
        return body().await;
    };
    if audit::is_on() {
        // Boxed, so that audits do not make the future of every call larger.
        return Box::pin(audit::call_async(&lookup, &stored, body)).await;
    }
    match lookup.hit_in_memory(&stored) {
        Some(value) => value,
        None => lookup.find_or_compute_async(&stored, body).await,
    }
}

/// Computes even if a result is stored, and replaces the stored result.
pub fn recompute<R, S: ResultCodec<R>>(
    site: &'static MemoFunction,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> R,
) -> R {
    match Lookup::new(site, digest) {
        Some(lookup) => {
            lookup
                .compute(&stored, &MissReason::Asked, Box::new(body))
                .0
        }
        None => body(),
    }
}

/// Like [`recompute`], for an `async` function.
pub async fn recompute_async<R, S: ResultCodec<R>, F: Future<Output = R>>(
    site: &'static MemoFunction,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> F,
) -> R {
    match Lookup::new(site, digest) {
        Some(lookup) => {
            lookup
                .compute_async(&stored, &MissReason::Asked, body)
                .await
                .0
        }
        None => body().await,
    }
}

/// Makes sure that the result is stored, without loading it.
pub fn shelve<R, S: ResultCodec<R>>(
    site: &'static MemoFunction,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> R,
) -> Shelved<R> {
    let Some(lookup) = Lookup::new(site, digest) else {
        return shelved::<R, S>(site, 0, body());
    };
    if let Some(shelved) = lookup.find_shelved::<R, S>() {
        return shelved;
    }
    let value = lookup.find_or_compute(&stored, &mut Some(Box::new(body)));
    lookup
        .find_shelved::<R, S>()
        .unwrap_or_else(|| shelved::<R, S>(site, lookup.id, value))
}

/// Like [`shelve`], for an `async` function.
pub async fn shelve_async<R, S: ResultCodec<R>, F: Future<Output = R>>(
    site: &'static MemoFunction,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> F,
) -> Shelved<R> {
    let Some(lookup) = Lookup::new(site, digest) else {
        return shelved::<R, S>(site, 0, body().await);
    };
    if let Some(shelved) = lookup.find_shelved::<R, S>() {
        return shelved;
    }
    let value = lookup.find_or_compute_async(&stored, body).await;
    lookup
        .find_shelved::<R, S>()
        .unwrap_or_else(|| shelved::<R, S>(site, lookup.id, value))
}

/// Returns whether a call with these arguments would be a hit. Reads the entry as a
/// call would.
pub fn check<R, S: ResultCodec<R>>(site: &'static MemoFunction, _: S, digest: ArgsDigest) -> bool {
    Lookup::new(site, digest).is_some_and(|lookup| lookup.is_stored::<R, S>())
}

impl MemoFunction {
    /// Returns the key of the entry for these arguments.
    ///
    /// An argument that cannot be encoded has no entry. The returned key then covers
    /// only the arguments that could be encoded.
    pub fn key(&'static self, digest: ArgsDigest) -> EntryKey {
        EntryKey(entry_id(self.bound().digest, digest.bits()))
    }

    /// Returns whether a call with these arguments would only wait for another thread
    /// or process that is computing its result. Calls `digest` only if others are
    /// computing anything.
    pub fn would_wait(&'static self, digest: impl FnOnce() -> ArgsDigest) -> bool {
        let (here, elsewhere) = (flight::has_others(), self.bound().cache.has_others());
        if !here && !elsewhere {
            return false;
        }
        let Ok(args) = digest().encoded() else {
            return false;
        };
        let lookup = Lookup::of(self, args);
        flight::may_wait(lookup.flight())
            && (here && flight::is_led(lookup.flight()) || elsewhere && lookup.is_led_elsewhere())
    }

    /// Drops the entry for these arguments. Returns whether there was one.
    pub fn forget(&'static self, digest: ArgsDigest) -> bool {
        let Some(lookup) = Lookup::new(self, digest) else {
            return false;
        };
        let in_memory = lookup
            .bound
            .tier()
            .is_some_and(|tier| tier.forget(lookup.id));
        let on_disk = lookup.bound.cache.store.as_ref().is_some_and(|store| {
            self.stored_or_warn(store.forget(lookup.id))
                .unwrap_or(false)
        });
        in_memory || on_disk
    }

    /// Drops all entries of the function, including those of older source.
    pub fn clear(&'static self) {
        let bound = self.bound();
        bound.is_described.store(false, Relaxed);
        if let Some(tier) = bound.tier() {
            tier.forget_function(bound.function);
        }
        if let Some(store) = &bound.cache.store {
            self.stored_or_warn(store.forget_function(bound.function));
        }
    }

    /// Returns the value, or counts and reports the error.
    pub(super) fn ok_or_warn<T>(&self, result: Result<T, impl Display>) -> Option<T> {
        result
            .inspect_err(|error| {
                self.count_error();
                diagnostics::warn(error);
            })
            .ok()
    }

    /// Returns the value, or counts the error, and reports it if it has a new cause.
    pub(super) fn stored_or_warn<T>(&self, result: Result<T, store::Error>) -> Option<T> {
        result
            .inspect_err(|error| {
                self.count_error();
                diagnostics::warn_of(error.cause(), error);
            })
            .ok()
    }

    fn count_error(&self) {
        if let Some(bound) = self.opened() {
            bound.counters.error();
        }
    }
}

/// Shelves a value that is not stored.
fn shelved<R, S: ResultCodec<R>>(site: &'static MemoFunction, id: u128, value: R) -> Shelved<R> {
    let cache = Arc::clone(&site.bound().cache);
    let map = site.options.mmap;
    Shelved::new(EntryKey(id), cache, map, encoded_result::decode::<R, S>).with_value(value)
}
