//! One memoized function: what its annotation says, as a constant, and what
//! the process has opened for it.

use std::borrow::Cow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use twox_hash::XxHash3_128;

use super::cache::Cache;
use super::entry::Entry;
use super::fingerprint::Fingerprint;
use super::function_identity::{FunctionIdentity, TypeMarker};
use super::item_lines;
use super::memory::Memory;
use super::memory_cache::MemoryCache;
use super::remote_stats;
use super::round_trip::RoundTripProof;
use super::source_item::SourceItem;
use super::stats::{Counters, Stats};
use crate::codec::ResultCompression;

/// A memoized function, as its annotation describes it.
///
/// A `static` of this type stands behind every `#[memoize]`. It is small,
/// since the compiler evaluates and checks every word of it.
pub struct MemoFunction {
    pub(crate) name: &'static str,
    items: &'static str,
    fingerprint: Fingerprint,
    place: CacheLocation,
    pub(crate) options: &'static MemoOptions,
    bound: OnceLock<Box<FunctionState>>,
}

// The compiler would find this out anew for the `static` of every function,
// down to the last field of an open cache.
// SAFETY: `_EVERY_PART_IS_SYNC` compiles only if all fields are `Sync`.
unsafe impl Sync for MemoFunction {}

const _EVERY_PART_IS_SYNC: fn(&MemoFunction) = |site| {
    fn is_sync<T: Sync>(_: &T) {}
    let MemoFunction {
        name,
        items,
        fingerprint,
        place,
        options,
        bound,
    } = site;
    is_sync(name);
    is_sync(items);
    is_sync(fingerprint);
    is_sync(place);
    is_sync(options);
    is_sync(bound);
};

/// Where the results of a function go.
pub enum CacheLocation {
    /// To the user's cache.
    Default,
    /// To a directory, relative to the working directory.
    Dir(&'static str),
    /// Where a memory says.
    Memory(&'static Memory),
}

/// What an annotation says beside where results go.
pub struct MemoOptions {
    pub(super) version: u64,
    pub(crate) expires: Option<Duration>,
    pub(crate) validate: Option<fn(&Entry) -> bool>,
    pub(crate) compress: ResultCompression,
    pub(crate) mmap: bool,
    tier: MemoryBudget,
    /// Whether the executable and its libraries count.
    pub(super) of_binary: bool,
    /// Of a function whose name may be that of others.
    pub(super) marker: Option<TypeMarker>,
}

/// How much of the process' memory keeps results of a function.
enum MemoryBudget {
    Shared,
    Off,
    Own(u64),
}

/// What the process has opened for a function.
pub(crate) struct FunctionState {
    pub(crate) cache: Arc<Cache>,
    /// Stands for the function, its version and its fingerprint in every key.
    pub(crate) digest: u128,
    /// Stands for the function alone, whatever its source.
    pub(crate) function: u64,
    pub(crate) counters: Counters,
    pub(super) proven: RoundTripProof,
    /// Whether age or the user decides which entries answer.
    pub(crate) is_choosy: bool,
    own_tier: Option<MemoryCache>,
    keeps_in_memory: bool,
    /// Set once the directory is known to describe this fingerprint.
    pub(crate) is_described: AtomicBool,
    /// The fingerprint, with the executable where that counts.
    fingerprint: Fingerprint,
    /// The items behind it.
    items: &'static str,
    /// Why calls are computed and nothing is stored, if so.
    pub(super) refusal: Option<String>,
}

impl MemoOptions {
    /// An annotation without options.
    pub const NONE: MemoOptions = MemoOptions {
        version: 0,
        expires: None,
        validate: None,
        compress: ResultCompression::None,
        mmap: false,
        tier: MemoryBudget::Shared,
        of_binary: false,
        marker: None,
    };

    /// A number of the user's that is part of every key.
    pub const fn version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    /// Entries older than this answer no call.
    pub const fn expires(mut self, seconds: u64, nanos: u32) -> Self {
        self.expires = Some(Duration::new(seconds, nanos));
        self
    }

    /// Entries that `validate` turns down answer no call.
    pub const fn validate(mut self, validate: fn(&Entry) -> bool) -> Self {
        self.validate = Some(validate);
        self
    }

    /// Results are compressed with zstd at `level`.
    #[cfg(feature = "zstd")]
    pub const fn zstd(mut self, level: i32) -> Self {
        self.compress = ResultCompression::Zstd(level);
        self
    }

    /// Large results are read through a map of their file.
    pub const fn mmap(mut self) -> Self {
        self.mmap = true;
        self
    }

    /// No result is kept in this process' memory.
    pub const fn without_memory_tier(mut self) -> Self {
        self.tier = MemoryBudget::Off;
        self
    }

    /// The executable and the libraries loaded with it count.
    pub const fn of_binary(mut self) -> Self {
        self.of_binary = true;
        self
    }

    /// The function of `package` stands where `T` does.
    pub const fn beside<T: 'static>(mut self, package: &'static str) -> Self {
        self.marker = Some(TypeMarker::beside::<T>(package));
        self
    }

    /// The function of `package` is of an impl or a trait, and `T` stands in it.
    pub const fn within<T: 'static>(mut self, package: &'static str) -> Self {
        self.marker = Some(TypeMarker::within::<T>(package));
        self
    }

    /// A macro made the function, in `module`.
    pub const fn made_in(mut self, module: &'static str) -> Self {
        if let Some(marker) = self.marker {
            self.marker = Some(marker.made_in(module));
        }
        self
    }

    /// The user gave the function its name, wherever it stands.
    pub const fn named(mut self) -> Self {
        if let Some(marker) = self.marker {
            self.marker = Some(marker.named());
        }
        self
    }

    /// Results are kept in up to `bytes` of memory of this function's own.
    pub const fn memory_tier(mut self, bytes: u64) -> Self {
        self.tier = MemoryBudget::Own(bytes);
        self
    }
}

impl MemoFunction {
    /// A function called `name`, with the fingerprint of what it depends on
    /// and the list of that ([`SourceItem`]), in its text form.
    pub const fn new(
        name: &'static str,
        fingerprint: Fingerprint,
        items: &'static str,
        place: CacheLocation,
        options: &'static MemoOptions,
    ) -> Self {
        MemoFunction {
            name,
            items,
            fingerprint,
            place,
            options,
            bound: OnceLock::new(),
        }
    }

    /// A closure called `name` in a cache that is open.
    pub(super) fn closure(name: &'static str, cache: Arc<Cache>) -> MemoFunction {
        let site = MemoFunction::new(
            name,
            Fingerprint::new(0),
            "",
            CacheLocation::Default,
            &MemoOptions::NONE,
        );
        let bound = FunctionState::over(&site, cache);
        site.bound.get_or_init(|| Box::new(bound));
        site
    }

    /// The fingerprint of all the function depends on, the executable included
    /// where that counts.
    pub fn fingerprint(&'static self) -> Fingerprint {
        self.open_for_binary();
        self.fingerprint_of_open()
    }

    /// The same of a function that is open.
    pub(crate) fn fingerprint_of_open(&self) -> Fingerprint {
        let binary = self.opened().filter(|_| self.options.of_binary);
        binary.map_or(self.fingerprint, |bound| bound.fingerprint)
    }

    /// What the executable is can be told once the function is open.
    fn open_for_binary(&'static self) {
        if self.options.of_binary {
            self.bound();
        }
    }

    /// The function as messages name it, with where it stands if that is known.
    pub(crate) fn place(&self) -> String {
        let below = |path: &str| path.split_once("::").map(|(_, below)| below.to_owned());
        let last = |path: &str| path.rsplit("::").next().map(str::to_owned);
        let items = self.reaches_of_open();
        let own = || {
            items
                .iter()
                .filter(|item| item.path().starts_with("crate::"))
        };
        let mut alike = own().filter(|item| last(item.path()) == last(self.name));
        let only = match (alike.next(), alike.next()) {
            (Some(item), None) => Some(item),
            _ => own().find(|item| below(item.path()) == below(self.name)),
        };
        match only.filter(|item| !item.file().is_empty()) {
            Some(item) => format!("{} ({}:{})", self.name, item.file(), item.line()),
            None => self.name.to_owned(),
        }
    }

    /// The items behind the fingerprint.
    pub fn reaches(&'static self) -> Vec<SourceItem> {
        self.open_for_binary();
        self.reaches_of_open()
    }

    /// The same of a function that is open.
    pub(crate) fn reaches_of_open(&self) -> Vec<SourceItem> {
        SourceItem::parse(&self.items_of_open())
    }

    /// What happened to the calls of this process, wherever they ran.
    pub fn stats(&self) -> Stats {
        let mut stats = self.stats_here();
        stats += remote_stats::of(self.directory(), self.name);
        stats
    }

    /// What happened to the calls in this process.
    pub(crate) fn stats_here(&self) -> Stats {
        let bound = self.bound.get();
        bound.map_or_else(Stats::default, |bound| bound.counters.read())
    }

    /// Where the results are, once the process has asked.
    pub(crate) fn directory(&self) -> Option<&Path> {
        Some(&self.bound.get()?.cache.dir)
    }

    /// Drops what this function alone keeps in memory, and what it takes the
    /// directory to hold.
    pub(crate) fn forget_memory(&self) {
        let Some(bound) = self.bound.get() else {
            return;
        };
        bound.is_described.store(false, Relaxed);
        if let Some(tier) = &bound.own_tier {
            tier.clear();
        }
    }

    /// The list of what the function depends on, as it is stored.
    pub(crate) fn items_of_open(&self) -> Cow<'static, str> {
        let binary = self.opened().filter(|_| self.options.of_binary);
        item_lines::text(binary.map_or(self.items, |bound| bound.items))
    }

    /// What the process has opened for the function, if it has.
    pub(super) fn opened(&self) -> Option<&FunctionState> {
        self.bound.get().map(|bound| &**bound)
    }

    /// What the process has opened for the function, opened by the first
    /// call.
    #[inline]
    pub(crate) fn bound(&'static self) -> &'static FunctionState {
        self.bound
            .get_or_init(|| Box::new(FunctionState::new(self)))
    }
}

impl FunctionState {
    fn new(site: &'static MemoFunction) -> FunctionState {
        let cache = match site.place {
            CacheLocation::Default => Memory::default_cache(),
            CacheLocation::Dir(dir) => Cache::at(dir.as_ref()),
            CacheLocation::Memory(memory) => memory.cache(),
        };
        cache.add(site);
        remote_stats::watch(site);
        FunctionState::over(site, cache)
    }

    fn over(site: &MemoFunction, cache: Arc<Cache>) -> FunctionState {
        let options = site.options;
        let identity = FunctionIdentity::new(site.name, site.fingerprint, site.items, options);
        FunctionState {
            digest: identity.digest,
            function: identity.function,
            fingerprint: identity.fingerprint,
            items: identity.items,
            refusal: identity.refusal,
            counters: Counters::new(),
            proven: RoundTripProof::default(),
            is_choosy: options.expires.is_some() || options.validate.is_some(),
            own_tier: match options.tier {
                MemoryBudget::Own(bytes) => Some(MemoryCache::new(bytes)),
                _ => None,
            },
            keeps_in_memory: !matches!(options.tier, MemoryBudget::Off),
            is_described: AtomicBool::new(false),
            cache,
        }
    }

    /// The memory that keeps results of the function, if any does.
    pub(crate) fn tier(&self) -> Option<&MemoryCache> {
        match &self.own_tier {
            Some(tier) => Some(tier),
            None => self.keeps_in_memory.then(|| self.cache.tier()),
        }
    }
}

/// The key of an entry: the function's digest and that of the arguments.
pub(crate) fn entry_id(site: u128, args: u128) -> u128 {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&site.to_le_bytes());
    bytes[16..].copy_from_slice(&args.to_le_bytes());
    XxHash3_128::oneshot(&bytes)
}
