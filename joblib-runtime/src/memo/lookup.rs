//! The lookup of one call: memory tier, directory, one computation per key, storing.

mod computation;

use std::cell::RefCell;
use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;

use super::cache_mode::{self, CacheMode};
use super::cache_probe::{CacheProbe, EntryVersion};
use super::diagnostics::{self, event};
use super::digest::ArgsDigest;
use super::encoded_result::EncodedResult;
use super::entry::{Entry, EntryKey, time};
use super::erased::{AnyCall, TypedCall};
use super::explain::{self, MissReason};
use super::flight::{Role, join, join_async};
use super::function::{FunctionState, MemoFunction, NotStored, entry_id};
use super::hit_time::{self, HitTimer};
use super::shelved::Shelved;
use super::stats::AnswerOrigin;
use crate::codec::{self, DecodeError};
use crate::store::StoredRecord;
use crate::transport::ResultCodec;

/// The function with its arguments. Boxed, so that the code of a miss is compiled once
/// for each result type and not for each function.
pub(super) type Body<'a, R> = Box<dyn FnOnce() -> R + 'a>;

/// Accepts an entry as the result of a call.
type Take<'t> = &'t mut dyn FnMut(EncodedResult<'_>) -> Result<(), DecodeError>;

/// With `mmap`, results of at least this many bytes are not copied into the memory
/// tier.
const MAPPED: usize = 64 << 10;

/// The entry that a call looks up.
#[derive(Clone, Copy)]
pub(super) struct Lookup<'a> {
    pub(super) site: &'a MemoFunction,
    pub(super) bound: &'a FunctionState,
    args: u128,
    pub(super) id: u128,
}

/// An entry that was found.
pub(super) struct FoundEntry<R> {
    pub(super) value: R,
    cost: u64,
    /// Its encoded size.
    bytes: usize,
}

impl Lookup<'static> {
    #[inline]
    pub(super) fn new(site: &'static MemoFunction, digest: ArgsDigest) -> Option<Self> {
        Lookup::by(site, site.bound(), digest)
    }
}

impl<'a> Lookup<'a> {
    /// Looks up an entry of a function that is open. Returns `None` if the call cannot
    /// be stored.
    #[inline]
    pub(super) fn by(
        site: &'a MemoFunction,
        bound: &'a FunctionState,
        digest: ArgsDigest,
    ) -> Option<Self> {
        let args = match digest.encoded() {
            Ok(args) => args,
            Err(error) => {
                not_stored(site, bound, &error);
                return None;
            }
        };
        if let Some(reason) = &bound.not_stored {
            not_stored(site, bound, reason);
            return None;
        }
        Some(Lookup::at(site, bound, args))
    }

    #[inline]
    pub(super) fn at(site: &'a MemoFunction, bound: &'a FunctionState, args: u128) -> Self {
        Lookup {
            site,
            bound,
            args,
            id: entry_id(bound.digest, args),
        }
    }

    #[inline]
    pub(super) fn hit_in_memory<R, S: ResultCodec<R>>(&self, stored: &S) -> Option<R> {
        let (found, timer) = self.read_in_memory(stored)?;
        if let Some(timer) = timer {
            timer.end(self.site, self.bound, found.cost, found.bytes);
        }
        let before = self.bound.counters.hit(AnswerOrigin::Memory, found.cost);
        hit_time::sample_after(before);
        event!(function = self.site.name, key = %EntryKey(self.id), "hit in memory");
        Some(found.value)
    }

    #[inline]
    pub(super) fn look_in_memory<R, S: ResultCodec<R>>(&self, stored: &S) -> Option<FoundEntry<R>> {
        Some(self.read_in_memory(stored)?.0)
    }

    /// Returns the entry in memory, and the measurement of the hit.
    #[inline]
    fn read_in_memory<R, S: ResultCodec<R>>(
        &self,
        stored: &S,
    ) -> Option<(FoundEntry<R>, Option<HitTimer>)> {
        // Decoded here rather than by `take_in_memory`, which would move the value once
        // more.
        let hit = self.bound.tier()?.get(self.id)?;
        if !self.answers(hit.created, hit.cost, hit.bytes.len()) {
            return None;
        }
        let timer = HitTimer::in_memory(hit.bytes.len());
        match stored.decoder().decode(hit.encoding, &hit.bytes) {
            Ok(value) => {
                let (cost, bytes) = (hit.cost, hit.bytes.len());
                Some((FoundEntry { value, cost, bytes }, timer))
            }
            Err(error) => {
                self.drop_from_memory(error);
                None
            }
        }
    }

    /// Passes the entry in memory to `take`.
    fn take_in_memory(&self, take: Take<'_>) -> Option<FoundEntry<()>> {
        let hit = self.bound.tier()?.get(self.id)?;
        if !self.answers(hit.created, hit.cost, hit.bytes.len()) {
            return None;
        }
        match take(EncodedResult::new(hit.encoding, &hit.bytes)) {
            Ok(()) => Some(FoundEntry {
                value: (),
                cost: hit.cost,
                bytes: hit.bytes.len(),
            }),
            Err(error) => {
                self.drop_from_memory(error);
                None
            }
        }
    }

    /// Drops an entry that cannot be decoded from the memory tier.
    #[cold]
    fn drop_from_memory(&self, error: DecodeError) {
        self.decoded::<()>(Err(error));
        if let Some(tier) = self.bound.tier() {
            tier.forget(self.id);
        }
    }

    /// Returns whether an entry passes `expires` and `validate`.
    #[inline]
    fn answers(&self, created: u64, cost: u64, size: usize) -> bool {
        !self.bound.can_reject_entries || self.rejection(created, cost, size as u64).is_none()
    }

    #[cold]
    fn rejection(&self, created: u64, cost: u64, size: u64) -> Option<MissReason> {
        let entry = Entry {
            key: EntryKey(self.id),
            function: self.site.name.to_owned(),
            created: time(created),
            cost: std::time::Duration::from_nanos(cost),
            size,
        };
        if self.bound.mode == CacheMode::Refresh && created < cache_mode::started() {
            return Some(MissReason::Refreshed);
        }
        if self
            .site
            .options
            .expires
            .is_some_and(|age| entry.age() >= age)
        {
            return Some(MissReason::Expired);
        }
        let validate = self.site.options.validate?;
        (!validate(&entry)).then_some(MissReason::Rejected)
    }

    /// Returns the entry on disk, if it is intact and passes `expires` and `validate`.
    fn record(&self) -> Result<StoredRecord, MissReason> {
        let store = self.bound.cache.store.as_ref().ok_or(MissReason::Absent)?;
        let record = match store.get(self.id, self.site.options.mmap) {
            Ok(record) => record.ok_or(MissReason::Absent)?,
            Err(error) => {
                self.site.ok_or_warn::<()>(Err(error));
                return Err(MissReason::Damaged);
            }
        };
        match self.answers(record.meta.created, record.meta.cost, record.payload.len()) {
            true => Ok(record),
            false => Err(self
                .rejection(
                    record.meta.created,
                    record.meta.cost,
                    record.payload.len() as u64,
                )
                .unwrap_or(MissReason::Rejected)),
        }
    }

    pub(super) fn look_on_disk<R, S: ResultCodec<R>>(
        &self,
        stored: &S,
    ) -> Result<FoundEntry<R>, MissReason> {
        let mut value = None;
        let FoundEntry { cost, bytes, .. } = self.take_on_disk(&mut |encoded| {
            value = Some(encoded.decode(stored.decoder())?);
            Ok(())
        })?;
        value
            .map(|value| FoundEntry { value, cost, bytes })
            .ok_or(MissReason::Undecodable)
    }

    /// Passes the entry on disk to `take`.
    fn take_on_disk(&self, take: Take<'_>) -> Result<FoundEntry<()>, MissReason> {
        let StoredRecord { meta, payload } = self.record()?;
        let (encoding, compression) = codec::encoding_of(meta.codec);
        let taken = codec::decompress(compression, &payload).and_then(|bytes| {
            let mmap = self.site.options.mmap;
            take(EncodedResult::of(encoding, &bytes, &payload, mmap))?;
            // Mapped results are in memory already, shared by all processes.
            let is_mapped = mmap && payload.len() >= MAPPED;
            if let Some(tier) = self.bound.tier().filter(|_| !is_mapped) {
                let hit = self.hit_of(&bytes, encoding, meta.created, meta.cost);
                tier.put(self.id, hit);
            }
            Ok(())
        });
        match self.decoded(taken) {
            Some(()) => Ok(FoundEntry {
                value: (),
                cost: meta.cost,
                bytes: payload.len(),
            }),
            None => Err(MissReason::Undecodable),
        }
    }

    fn decoded<T>(&self, decoded: Result<T, DecodeError>) -> Option<T> {
        self.site.ok_or_warn(decoded.map_err(|error| {
            self.bound.proven.check_all();
            format!(
                "the stored result {} of {} cannot be decoded and is recomputed: {error}",
                EntryKey(self.id),
                self.site.name,
            )
        }))
    }

    pub(super) fn hit_on_disk<R, S: ResultCodec<R>>(
        &self,
        stored: &S,
        origin: AnswerOrigin,
    ) -> Result<R, MissReason> {
        let timer = HitTimer::on_disk();
        let found = self.look_on_disk(stored)?;
        self.count_on_disk(origin, &found, timer);
        Ok(found.value)
    }

    fn count_on_disk<V>(&self, origin: AnswerOrigin, found: &FoundEntry<V>, timer: HitTimer) {
        self.bound.counters.hit(origin, found.cost);
        timer.end(self.site, self.bound, found.cost, found.bytes);
        event!(function = self.site.name, key = %EntryKey(self.id), ?origin, "hit on disk");
    }

    #[inline(never)]
    pub(super) fn find_or_compute<R, S: ResultCodec<R>>(
        &self,
        stored: &S,
        body: &mut Option<Body<'_, R>>,
    ) -> R {
        let mut call = TypedCall {
            stored,
            body,
            result: None,
        };
        self.answer_call(&mut call);
        call.result.expect("`answer_call` sets the result")
    }

    /// Finds or computes the result of a call.
    fn answer_call(&self, call: &mut dyn AnyCall) {
        let version = EntryVersion::of(self);
        let timer = HitTimer::on_disk();
        let miss = match self.take_on_disk(&mut |encoded| call.take(encoded)) {
            Ok(found) => return self.count_on_disk(AnswerOrigin::Disk, &found, timer),
            Err(miss) => miss,
        };
        let shared = RefCell::new(call);
        let find = |lookup: &Lookup<'_>| {
            let mut take = |encoded: EncodedResult<'_>| shared.borrow_mut().take(encoded);
            let in_memory = lookup.take_in_memory(&mut take);
            in_memory.or_else(|| lookup.take_on_disk(&mut take).ok())
        };
        let turn = join(self.flight(), &CacheProbe::new(self, version, find));
        let call = shared.into_inner();
        match turn {
            Role::Lead(leader) => match call.compute(self, &miss) {
                true => leader.publish(),
                false => leader.withhold(),
            },
            Role::Duplicate(_duplicate) => {
                call.compute(self, &miss);
            }
            Role::Ready { value, waited } => self.ready(value, waited),
        }
    }

    pub(super) async fn find_or_compute_async<R, S: ResultCodec<R>, F: Future<Output = R>>(
        &self,
        stored: &S,
        body: impl FnOnce() -> F,
    ) -> R {
        let version = EntryVersion::of(self);
        let miss = match self.hit_on_disk(stored, AnswerOrigin::Disk) {
            Ok(value) => return value,
            Err(miss) => miss,
        };
        let find = |lookup: &Lookup<'_>| {
            let in_memory = lookup.look_in_memory(stored);
            in_memory.or_else(|| lookup.look_on_disk(stored).ok())
        };
        let probe = CacheProbe::new(self, version, find).of_task();
        match join_async(self.flight(), &probe).await {
            Role::Lead(leader) => {
                let computation = self.compute_async(stored, &miss, body);
                let (value, is_kept) = leader.scope(computation).await;
                if is_kept {
                    leader.publish()
                } else {
                    leader.withhold()
                }
                value
            }
            Role::Duplicate(duplicate) => {
                duplicate
                    .scope(self.compute_async(stored, &miss, body))
                    .await
                    .0
            }
            Role::Ready { value, waited } => self.ready(value, waited),
        }
    }

    /// Returns the id of the computation in this process, which distinguishes caches.
    pub(super) fn flight(&self) -> u128 {
        self.id ^ self.bound.cache.salt
    }

    /// Returns whether another process computes the entry.
    pub(super) fn is_led_elsewhere(&self) -> bool {
        let store = self.bound.cache.store.as_ref();
        store.is_some_and(|store| store.is_locked_elsewhere(Some(self.id)))
    }

    /// Counts a result that another call has stored in the meantime.
    fn ready<R>(&self, found: FoundEntry<R>, waited: bool) -> R {
        let origin = if waited {
            AnswerOrigin::Coalesced
        } else {
            AnswerOrigin::Disk
        };
        self.bound.counters.hit(origin, found.cost);
        event!(function = self.site.name, key = %EntryKey(self.id), waited, "computed by another");
        found.value
    }

    /// Counts and reports a miss.
    ///
    /// # Panics
    ///
    /// Panics in the mode `strict`, in which nothing may be computed.
    fn report_miss(&self, miss: &MissReason) {
        if self.bound.mode == CacheMode::Strict {
            let reason = explain::reason(self.site, self.bound, miss, self.args);
            refuse_to_compute(self.site, reason);
        }
        self.bound.counters.miss();
        event!(function = self.site.name, key = %EntryKey(self.id), ?miss, "miss");
        diagnostics::miss(self.site.name, self.bound.cache.verbose, || {
            explain::reason(self.site, self.bound, miss, self.args)
        });
    }

    pub(super) fn find_shelved<R, S: ResultCodec<R>>(&self, stored: &S) -> Option<Shelved<R>> {
        let record = self.record().ok()?;
        let (encoding, _) = codec::encoding_of(record.meta.codec);
        stored.decoder().reads(encoding).then(|| {
            Shelved::new(
                EntryKey(self.id),
                Arc::clone(&self.bound.cache),
                self.site.options.mmap,
                stored.decoder(),
            )
        })
    }
}

/// Reports that the result of a call is not stored, unless that was asked for.
///
/// # Panics
///
/// Panics in the mode `strict`, in which nothing may be computed.
#[cold]
fn not_stored(site: &MemoFunction, bound: &FunctionState, reason: &dyn Display) {
    if bound.mode == CacheMode::Strict {
        refuse_to_compute(site, reason);
    }
    if matches!(bound.not_stored, Some(NotStored::Off)) {
        return;
    }
    site.ok_or_warn::<()>(Err(format!(
        "results of {} are not stored: {reason}",
        site.name
    )));
}

#[cold]
fn refuse_to_compute(site: &MemoFunction, reason: impl Display) -> ! {
    panic!(
        "no stored result answers this call of {}: {reason}; JOBLIB_RS_CACHE=strict forbids \
         computing it, so unset the variable or run the program that stores the results first",
        site.place()
    )
}
