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
use super::cache_mode::CacheMode;
use super::diagnostics;
use super::digest::ArgsDigest;
use super::entry::EntryKey;
use super::explain::MissReason;
use super::function::{FunctionState, MemoFunction};
use super::lookup::Lookup;
use super::memory_function::MemoryFunction;
use super::opened::OpenedFunction;
use super::shelved::Shelved;
use crate::store::{self, Store};
use crate::transport::ResultCodec;

/// Answers a call with the stored result, or runs `body` and stores its result.
#[inline]
pub fn call<R, S: ResultCodec<R>>(
    site: impl Into<OpenedFunction>,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> R,
) -> R {
    answer(site.into().lookup(digest), stored, body)
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
    site: impl Into<OpenedFunction>,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> F,
) -> R {
    let opened = site.into();
    let Some(lookup) = opened.lookup(digest) else {
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
    site: impl Into<OpenedFunction>,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> R,
) -> R {
    match site.into().lookup(digest) {
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
    site: impl Into<OpenedFunction>,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> F,
) -> R {
    match site.into().lookup(digest) {
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
    site: impl Into<OpenedFunction>,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> R,
) -> Shelved<R> {
    let opened = site.into();
    let Some(lookup) = opened.lookup(digest) else {
        return shelved(&opened, &stored, 0, body());
    };
    if let Some(shelved) = lookup.find_shelved(&stored) {
        return shelved;
    }
    let value = lookup.find_or_compute(&stored, &mut Some(Box::new(body)));
    lookup
        .find_shelved(&stored)
        .unwrap_or_else(|| shelved(&opened, &stored, lookup.id, value))
}

/// Like [`shelve`], for an `async` function.
pub async fn shelve_async<R, S: ResultCodec<R>, F: Future<Output = R>>(
    site: impl Into<OpenedFunction>,
    stored: S,
    digest: ArgsDigest,
    body: impl FnOnce() -> F,
) -> Shelved<R> {
    let opened = site.into();
    let Some(lookup) = opened.lookup(digest) else {
        return shelved(&opened, &stored, 0, body().await);
    };
    if let Some(shelved) = lookup.find_shelved(&stored) {
        return shelved;
    }
    let value = lookup.find_or_compute_async(&stored, body).await;
    lookup
        .find_shelved(&stored)
        .unwrap_or_else(|| shelved(&opened, &stored, lookup.id, value))
}

/// Returns whether a call with these arguments would be a hit. Reads the entry as a
/// call would.
pub fn check<R, S: ResultCodec<R>>(
    site: impl Into<OpenedFunction>,
    stored: S,
    digest: ArgsDigest,
) -> bool {
    let opened = site.into();
    opened
        .lookup(digest)
        .is_some_and(|lookup| lookup.is_stored::<R, S>(&stored))
}

impl MemoFunction {
    /// Drops all entries of the function, including those of older source.
    pub fn clear(&'static self) {
        if !self.has_memory_per_call() {
            return self.clear_in(self.bound());
        }
        for copy in MemoryFunction::copies_of(self).0 {
            copy.site().clear_in(copy.bound());
        }
    }

    fn clear_in(&self, bound: &FunctionState) {
        bound.is_described.store(false, Relaxed);
        if let Some(tier) = bound.tier() {
            tier.forget_function(bound.function);
        }
        if let Some(store) = self.store_to_drop_from(bound) {
            self.stored_or_warn(store.forget_function(bound.function));
        }
    }

    /// Returns the store of which entries may be dropped.
    pub(super) fn store_to_drop_from<'a>(&self, bound: &'a FunctionState) -> Option<&'a Store> {
        let store = bound.cache.store.as_ref()?;
        if bound.mode == CacheMode::ReadOnly {
            self.ok_or_warn::<()>(Err(format!(
                "JOBLIB_RS_CACHE=read-only keeps the stored results of {} on disk",
                self.name
            )));
            return None;
        }
        Some(store)
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
fn shelved<R, S: ResultCodec<R>>(
    opened: &OpenedFunction,
    stored: &S,
    id: u128,
    value: R,
) -> Shelved<R> {
    let cache = Arc::clone(&opened.state().cache);
    let map = opened.site().options.mmap;
    Shelved::new(EntryKey(id), cache, map, stored.decoder()).with_value(value)
}
