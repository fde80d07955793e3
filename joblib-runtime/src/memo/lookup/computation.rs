//! What a call that missed does: computes the result and stores it.

use std::future::Future;
use std::sync::atomic::Ordering::Relaxed;

use super::{Body, Lookup, MAPPED};
use crate::codec;
use crate::memo::buffer::with_buffer;
use crate::memo::cache_mode::CacheMode;
use crate::memo::entry::now;
use crate::memo::erased::{AnyResult, TypedResult};
use crate::memo::explain::{FunctionRecord, MissReason};
use crate::memo::function::entry_id;
use crate::memo::memory_cache::CachedResult;
use crate::memo::round_trip;
use crate::memo::self_time::{ComputeTime, TaskTimer, ThreadTimer};
use crate::store::{DURABLE, RecordKind, RecordMeta, Store};
use crate::transport::ResultCodec;

impl Lookup<'_> {
    /// Computes and stores the result. Returns whether it can be looked up afterwards.
    pub(in crate::memo) fn compute<R, S: ResultCodec<R>>(
        &self,
        stored: &S,
        miss: &MissReason,
        body: Body<'_, R>,
    ) -> (R, bool) {
        self.report_miss(miss);
        let timed = ThreadTimer::begin();
        let value = body();
        let is_kept = self.keep_timed(&TypedResult::new(stored, &value), timed);
        (value, is_kept)
    }

    pub(in crate::memo) async fn compute_async<R, S: ResultCodec<R>, F: Future<Output = R>>(
        &self,
        stored: &S,
        miss: &MissReason,
        body: impl FnOnce() -> F,
    ) -> (R, bool) {
        self.report_miss(miss);
        let mut timed = TaskTimer::begin();
        let value = timed.run(body()).await;
        let kept = self.keep(&TypedResult::new(stored, &value), timed.took());
        if kept && self.writable().is_some() {
            timed.is_stored();
        }
        (value, kept)
    }

    /// Stores a result that was computed on this thread.
    fn keep_timed(&self, result: &dyn AnyResult, mut timed: ThreadTimer) -> bool {
        let is_kept = self.keep(result, timed.took());
        if is_kept && self.writable().is_some() {
            timed.is_stored();
        }
        is_kept
    }

    fn keep(&self, result: &dyn AnyResult, took: ComputeTime) -> bool {
        if !result.accepts() {
            self.bound
                .rejections
                .note(self.bound.cache.verbose, self.id);
            return false;
        }
        with_buffer(|buffer| {
            round_trip::encode(self.site, self.bound, result, buffer)
                .is_some_and(|encoding| self.store(buffer, took, encoding))
        })
    }

    /// Returns the store, if it may be written to.
    fn writable(&self) -> Option<&Store> {
        let store = self.bound.cache.store.as_ref();
        store.filter(|store| !store.is_read_only() && self.bound.mode != CacheMode::ReadOnly)
    }

    fn store(&self, bytes: &[u8], took: ComputeTime, encoding: u8) -> bool {
        let created = now();
        let cost = u64::try_from(took.own.as_nanos()).unwrap_or(u64::MAX);
        if took.own < took.whole {
            self.bound.counters.timed.costs_are_partial();
        }
        let store = self.writable();
        let will_map = self.site.options.mmap && bytes.len() >= MAPPED && store.is_some();
        let in_memory = self
            .bound
            .tier()
            .filter(|_| !will_map)
            .is_some_and(|tier| tier.put(self.id, self.hit_of(bytes, encoding, created, cost)));
        let Some(store) = store else {
            return in_memory;
        };
        let (tag, compressed) = codec::compress(self.site.options.compress, bytes);
        let meta = RecordMeta {
            codec: tag | encoding,
            ..self.meta(RecordKind::Result, created, cost)
        };
        self.describe(store, created);
        let put = match took.is_outermost && took.whole >= DURABLE {
            true => store.put_durably(self.id, &meta, &compressed),
            false => store.put(self.id, &meta, &compressed),
        };
        store.take_faults().into_iter().for_each(|fault| {
            self.site.stored_or_warn::<()>(Err(fault));
        });
        self.site.stored_or_warn(put).is_some() || in_memory
    }

    pub(super) fn hit_of(
        &self,
        bytes: &[u8],
        encoding: u8,
        created: u64,
        cost: u64,
    ) -> CachedResult {
        CachedResult {
            bytes: bytes.into(),
            encoding,
            created,
            cost,
            function: self.bound.function,
        }
    }

    /// Stores a record of the function in the directory, once.
    fn describe(&self, store: &Store, created: u64) {
        if self.bound.is_described.load(Relaxed) || self.bound.is_described.swap(true, Relaxed) {
            return;
        }
        let id = entry_id(self.bound.digest, u128::MAX);
        if !store.contains(id) {
            let meta = self.meta(RecordKind::Function, created, 0);
            let _ = store.put(id, &meta, FunctionRecord::encode(self.site).as_bytes());
        }
    }

    fn meta(&self, kind: RecordKind, created: u64, cost: u64) -> RecordMeta {
        RecordMeta {
            function: self.bound.function,
            source: self.site.fingerprint_of_open().bits() as u64,
            args: self.args as u64,
            created,
            cost,
            codec: 0,
            kind,
        }
    }
}
