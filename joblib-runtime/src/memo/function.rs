//! A memoized function: its annotation as a constant, and the state that the process
//! opens for it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::cache::{Cache, CacheConfig};
use super::cache_mode::{self, CacheMode};
use super::entry::Entry;
use super::explain::Rejections;
use super::fingerprint::Fingerprint;
use super::function_identity::{FunctionIdentity, TypeMarker};
use super::item_lines;
use super::memory::{self, Memory};
use super::memory_cache::MemoryCache;
use super::memory_function::MemoryFunction;
use super::remote_stats;
use super::round_trip::RoundTripProof;
use super::source_item::SourceItem;
use super::stats::{Counters, Stats};
use crate::codec::ResultCompression;
use crate::xxh3;

/// A memoized function, as its annotation describes it.
///
/// Every `#[memoize]` has a `static` of this type. It is small, because the compiler
/// evaluates and checks every field of it.
pub struct MemoFunction {
    pub(crate) name: &'static str,
    items: &'static str,
    fingerprint: Fingerprint,
    place: CacheLocation,
    pub(crate) options: &'static MemoOptions,
    bound: OnceLock<Box<FunctionState>>,
}

// An explicit impl saves the compiler from deriving `Sync` for the `static` of every
// function, down to the last field of an open cache.
// SAFETY: `_ALL_FIELDS_ARE_SYNC` compiles only if all fields are `Sync`.
unsafe impl Sync for MemoFunction {}

const _ALL_FIELDS_ARE_SYNC: fn(&MemoFunction) = |site| {
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

/// Where the results of a function are stored.
pub enum CacheLocation {
    /// In the user's cache.
    Default,
    /// In a directory, relative to the working directory.
    Dir(&'static str),
    /// In a directory in the user's cache directory.
    UserCache(&'static str),
    /// In the directory of a `Memory`, which the first call determines.
    Memory(fn() -> &'static Memory),
    /// In the directory of a `Memory` that every call determines.
    PerCall,
}

/// The options of an annotation other than the directory.
pub struct MemoOptions {
    pub(super) version: u64,
    pub(crate) expires: Option<Duration>,
    pub(crate) validate: Option<fn(&Entry) -> bool>,
    pub(crate) compress: ResultCompression,
    pub(crate) mmap: bool,
    tier: MemoryBudget,
    /// Whether the executable and its libraries are part of the fingerprint.
    pub(super) of_binary: bool,
    /// Distinguishes functions that may have the same name.
    pub(super) marker: Option<TypeMarker>,
}

/// How much memory of the process may hold results of a function.
enum MemoryBudget {
    Shared,
    Off,
    Own(u64),
}

/// Why no result of a function may be stored.
pub(super) enum NotStored {
    /// The program or the user asked for it.
    Off,
    /// The function cannot be identified. The text gives the reason.
    Unidentified(String),
}

impl fmt::Display for NotStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotStored::Off => f.write_str("the cache is off"),
            NotStored::Unidentified(reason) => f.write_str(reason),
        }
    }
}

/// The state that the process has opened for a function.
pub(crate) struct FunctionState {
    pub(crate) cache: Arc<Cache>,
    /// Represents the function, its version and its fingerprint in every key.
    pub(crate) digest: u128,
    /// Represents the function alone, whatever its source.
    pub(crate) function: u64,
    pub(crate) counters: Counters,
    pub(super) proven: RoundTripProof,
    /// Whether `expires`, `validate` or the mode `refresh` may reject entries.
    pub(crate) can_reject_entries: bool,
    own_tier: Option<MemoryCache>,
    keeps_in_memory: bool,
    /// The calls whose results were not stored.
    pub(super) rejections: Rejections,
    /// Set once the directory is known to have a record of this fingerprint.
    pub(crate) is_described: AtomicBool,
    /// The fingerprint, including the executable if it is covered.
    fingerprint: Fingerprint,
    /// The source items that the fingerprint covers.
    items: &'static str,
    pub(super) mode: CacheMode,
    /// Why nothing may be stored, if so. Calls then compute.
    pub(super) not_stored: Option<NotStored>,
}

impl MemoOptions {
    /// The default options.
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

    /// Sets the user's version number, which is part of every key.
    pub const fn version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    /// Sets the age from which on entries are not used.
    pub const fn expires(mut self, seconds: u64, nanos: u32) -> Self {
        self.expires = Some(Duration::new(seconds, nanos));
        self
    }

    /// Sets a function that may reject entries.
    pub const fn validate(mut self, validate: fn(&Entry) -> bool) -> Self {
        self.validate = Some(validate);
        self
    }

    /// Compresses results with zstd at `level`.
    #[cfg(feature = "zstd")]
    pub const fn zstd(mut self, level: i32) -> Self {
        self.compress = ResultCompression::Zstd(level);
        self
    }

    /// Reads large results through a memory map of their file.
    pub const fn mmap(mut self) -> Self {
        self.mmap = true;
        self
    }

    /// Keeps no result in the memory of this process.
    pub const fn without_memory_tier(mut self) -> Self {
        self.tier = MemoryBudget::Off;
        self
    }

    /// Includes the executable and its loaded libraries in the fingerprint.
    pub const fn with_binary_scope(mut self) -> Self {
        self.of_binary = true;
        self
    }

    /// The function of `package` is defined next to `T`.
    pub const fn with_sibling_marker<T: 'static>(mut self, package: &'static str) -> Self {
        self.marker = Some(TypeMarker::next_to::<T>(package));
        self
    }

    /// The function of `package` is defined in an impl or a trait, and `T` inside the
    /// function.
    pub const fn with_inner_marker<T: 'static>(mut self, package: &'static str) -> Self {
        self.marker = Some(TypeMarker::within::<T>(package));
        self
    }

    /// The function was generated by a macro used in `module`.
    pub const fn generated_in(mut self, module: &'static str) -> Self {
        if let Some(marker) = self.marker {
            self.marker = Some(marker.made_in(module));
        }
        self
    }

    /// The user set the name of the function, so its location is not part of its
    /// identity.
    pub const fn named(mut self) -> Self {
        if let Some(marker) = self.marker {
            self.marker = Some(marker.named());
        }
        self
    }

    /// Keeps results in at most `bytes` of memory, for this function alone.
    pub const fn memory_tier(mut self, bytes: u64) -> Self {
        self.tier = MemoryBudget::Own(bytes);
        self
    }
}

impl MemoFunction {
    /// Creates a function with its name, its fingerprint and the text form of the list
    /// of items ([`SourceItem`]) that the fingerprint covers.
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

    /// Creates a closure called `name` in an open cache.
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

    /// Returns a copy of the function that is open in `cache`.
    pub(super) fn copy_in(&'static self, cache: Arc<Cache>) -> MemoFunction {
        let copy = MemoFunction {
            place: CacheLocation::PerCall,
            bound: OnceLock::new(),
            name: self.name,
            items: self.items,
            fingerprint: self.fingerprint,
            options: self.options,
        };
        let bound = FunctionState::over(&copy, cache);
        copy.bound.get_or_init(|| Box::new(bound));
        copy
    }

    /// Returns the fingerprint of everything that the function depends on, including
    /// the executable if it is covered.
    pub fn fingerprint(&'static self) -> Fingerprint {
        self.open_for_binary();
        self.fingerprint_of_open()
    }

    /// Returns the same for a function that is open.
    pub(crate) fn fingerprint_of_open(&self) -> Fingerprint {
        let binary = self.opened().filter(|_| self.options.of_binary);
        binary.map_or(self.fingerprint, |bound| bound.fingerprint)
    }

    /// Opens the function if its fingerprint covers the executable, whose digest is
    /// known only then.
    fn open_for_binary(&'static self) {
        if self.options.of_binary {
            self.bound();
        }
    }

    /// Returns the name of the function for messages, with its file and line if known.
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

    /// Returns the source items that the fingerprint covers.
    pub fn reaches(&'static self) -> Vec<SourceItem> {
        self.open_for_binary();
        self.reaches_of_open()
    }

    /// Returns the same for a function that is open.
    pub(crate) fn reaches_of_open(&self) -> Vec<SourceItem> {
        SourceItem::parse(&self.items_of_open())
    }

    /// Returns the counts of the calls of this process, including those that ran in
    /// worker processes.
    pub fn stats(&'static self) -> Stats {
        if !self.has_memory_per_call() {
            let mut stats = self.stats_here();
            stats += remote_stats::of(self.directory(), self.name);
            return stats;
        }
        let (copies, mut stats) = MemoryFunction::copies_of(self);
        for copy in &copies {
            stats += copy.site().stats_here();
        }
        // Several memories may have one directory.
        let directories: BTreeSet<_> = copies.iter().map(|it| it.site().directory()).collect();
        for directory in directories {
            stats += remote_stats::of(directory, self.name);
        }
        stats
    }

    /// Returns whether every call determines the memory of its result.
    pub(super) fn has_memory_per_call(&self) -> bool {
        matches!(self.place, CacheLocation::PerCall)
    }

    /// Returns the counts of the calls that ran in this process.
    pub(crate) fn stats_here(&self) -> Stats {
        let bound = self.bound.get();
        bound.map_or_else(Stats::default, |bound| bound.counters.read())
    }

    /// Returns the directory of the results, if the function is open.
    pub(crate) fn directory(&self) -> Option<&Path> {
        Some(&self.bound.get()?.cache.dir)
    }

    /// Drops the memory tier of this function alone, and the assumption that the
    /// directory has a record of it.
    pub(crate) fn forget_memory(&self) {
        let Some(bound) = self.bound.get() else {
            return;
        };
        bound.is_described.store(false, Relaxed);
        if let Some(tier) = &bound.own_tier {
            tier.clear();
        }
    }

    /// Returns the list of covered items in its stored form.
    pub(crate) fn items_of_open(&self) -> Cow<'static, str> {
        let binary = self.opened().filter(|_| self.options.of_binary);
        item_lines::text(binary.map_or(self.items, |bound| bound.items))
    }

    /// Returns the state of the function, if it is open.
    pub(super) fn opened(&self) -> Option<&FunctionState> {
        self.bound.get().map(|bound| &**bound)
    }

    /// Returns the state of the function, which the first call opens.
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
            CacheLocation::UserCache(name) => Cache::at(&memory::in_user_cache(name)),
            CacheLocation::Memory(memory) => memory().cache(),
            // Calls use copies of the function. What belongs to no call, such as the
            // fingerprint of the executable, needs no directory.
            CacheLocation::PerCall => Arc::new(Cache::none(&CacheConfig::new())),
        };
        cache.add(site);
        remote_stats::watch(site);
        FunctionState::over(site, cache)
    }

    fn over(site: &MemoFunction, cache: Arc<Cache>) -> FunctionState {
        let options = site.options;
        let identity = FunctionIdentity::new(site.name, site.fingerprint, site.items, options);
        let mode = cache_mode::of(site.name);
        let is_off = cache.is_off || mode == CacheMode::Off;
        let not_stored = match is_off {
            true => Some(NotStored::Off),
            false => identity.refusal.map(NotStored::Unidentified),
        };
        let can_reject = options.expires.is_some() || options.validate.is_some();
        FunctionState {
            digest: identity.digest,
            function: identity.function,
            fingerprint: identity.fingerprint,
            items: identity.items,
            mode,
            not_stored,
            counters: Counters::new(),
            proven: RoundTripProof::default(),
            can_reject_entries: can_reject || mode == CacheMode::Refresh,
            own_tier: match options.tier {
                MemoryBudget::Own(bytes) => Some(MemoryCache::new(bytes)),
                _ => None,
            },
            keeps_in_memory: !matches!(options.tier, MemoryBudget::Off),
            rejections: Rejections::default(),
            is_described: AtomicBool::new(false),
            cache,
        }
    }

    /// Returns the memory tier that holds results of the function, if any.
    pub(crate) fn tier(&self) -> Option<&MemoryCache> {
        match &self.own_tier {
            Some(tier) => Some(tier),
            None => self.keeps_in_memory.then(|| self.cache.tier()),
        }
    }
}

/// Computes the key of an entry from the digests of function and arguments.
pub(crate) fn entry_id(site: u128, args: u128) -> u128 {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&site.to_le_bytes());
    bytes[16..].copy_from_slice(&args.to_le_bytes());
    xxh3::hash128(&bytes)
}
