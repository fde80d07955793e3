//! An open cache directory and the memory tier in front of it, shared by all functions
//! that use the directory.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use super::audit::AuditPolicy;
use super::cache_mode;
use super::diagnostics;
use super::foreign_locks::ForeignLockCheck;
use super::function::MemoFunction;
use super::memory_cache::MemoryCache;
use super::memory_function::MemoryFunction;
use super::open_caches;
use super::remote_stats;
use super::stats::Stats;
use crate::store::{Store, StoreOptions};
use crate::unpoisoned::lock;

/// The size of the memory tier that is shared by the functions of one directory.
const TIER_BYTES: u64 = 256 << 20;

/// An open cache.
pub(crate) struct Cache {
    /// The directory, as an absolute path if the system could resolve it.
    pub(crate) dir: PathBuf,
    /// `None` if the directory cannot be used. Calls then compute, and the memory tier
    /// still answers.
    pub(crate) store: Option<Store>,
    /// Whether calls compute because the program or the user asked for it.
    pub(super) is_off: bool,
    /// Distinguishes computations of this cache from those of others.
    pub(crate) salt: u128,
    pub(crate) verbose: u8,
    /// Which hits are audited.
    pub(super) audit: AuditPolicy,
    foreign_locks: ForeignLockCheck,
    tier: OnceLock<MemoryCache>,
    functions: Mutex<Vec<&'static MemoFunction>>,
    memory_functions: Mutex<Vec<Weak<MemoryFunction>>>,
    /// The counts of functions of a memory that have been dropped.
    past: Mutex<Stats>,
}

/// The options that distinguish two caches on one directory.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct CacheConfig {
    pub(crate) limit_bytes: Option<u64>,
    pub(crate) limit_items: Option<u64>,
    pub(crate) limit_age: Option<std::time::Duration>,
    pub(crate) read_only: bool,
    pub(crate) shared: bool,
    pub(crate) verbose: Option<u8>,
    pub(super) audit: AuditPolicy,
}

impl CacheConfig {
    pub(crate) const fn new() -> Self {
        CacheConfig {
            limit_bytes: None,
            limit_items: None,
            limit_age: None,
            read_only: false,
            shared: false,
            verbose: None,
            audit: AuditPolicy::OFF,
        }
    }
}

impl Cache {
    /// Returns the cache at `dir` without limits. All callers share it.
    pub(crate) fn at(dir: &Path) -> Arc<Cache> {
        Cache::open(dir, &CacheConfig::new())
    }

    /// Returns the cache at `dir` with these options. All callers with the same options
    /// share it.
    pub(crate) fn open(dir: &Path, setup: &CacheConfig) -> Arc<Cache> {
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        open_caches::get((dir, setup.clone()), |(dir, setup)| Cache::new(dir, setup))
    }

    /// Returns a cache that stores nothing.
    pub(super) fn none(setup: &CacheConfig) -> Cache {
        Cache::with(Path::new(""), setup, None, true)
    }

    fn new(dir: &Path, setup: &CacheConfig) -> Cache {
        if cache_mode::is_off() {
            return Cache::with(dir, setup, None, true);
        }
        let store = if limits_keep_nothing(dir, setup) {
            None
        } else {
            let store = Store::open(dir, options(setup));
            store
                .inspect_err(|error| {
                    diagnostics::warn(format_args!("results are not stored on disk: {error}"))
                })
                .ok()
        };
        Cache::with(dir, setup, store, false)
    }

    fn with(dir: &Path, setup: &CacheConfig, store: Option<Store>, is_off: bool) -> Cache {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        Cache {
            dir: dir.to_owned(),
            store,
            is_off,
            salt: NUMBERS.fetch_add(1, Ordering::Relaxed).into(),
            verbose: setup.verbose.unwrap_or(0).max(diagnostics::verbosity()),
            audit: setup.audit.effective(),
            foreign_locks: ForeignLockCheck::default(),
            tier: OnceLock::new(),
            functions: Mutex::default(),
            memory_functions: Mutex::default(),
            past: Mutex::default(),
        }
    }

    /// Returns whether other processes are computing anything. The answer may be
    /// slightly out of date.
    pub(super) fn has_others(&self) -> bool {
        let Some(store) = &self.store else {
            return false;
        };
        self.foreign_locks
            .is_any(|| store.is_locked_elsewhere(None))
    }

    pub(crate) fn tier(&self) -> &MemoryCache {
        self.tier.get_or_init(|| MemoryCache::new(TIER_BYTES))
    }

    /// Includes the calls of a function of a memory in the statistics of this cache.
    pub(super) fn add_memory_function(&self, function: &Arc<MemoryFunction>) {
        let mut functions = lock(&self.memory_functions);
        if functions.len() == functions.capacity() {
            functions.retain(|function| function.strong_count() > 0);
        }
        functions.push(Arc::downgrade(function));
    }

    /// Adds the counts of a function of a memory that is being dropped.
    pub(super) fn keep_stats(&self, stats: Stats) {
        *lock(&self.past) += stats;
    }

    fn memory_functions(&self) -> Vec<Arc<MemoryFunction>> {
        let functions = lock(&self.memory_functions);
        functions.iter().filter_map(Weak::upgrade).collect()
    }

    /// Includes the calls of a function in the statistics of this cache.
    pub(crate) fn add(&self, site: &'static MemoFunction) {
        lock(&self.functions).push(site);
    }

    /// Drops everything that this process keeps in memory of the directory.
    pub(crate) fn forget_memory(&self) {
        if let Some(tier) = self.tier.get() {
            tier.clear();
        }
        let functions = lock(&self.functions);
        functions.iter().for_each(|site| site.forget_memory());
        let functions = self.memory_functions();
        functions
            .iter()
            .for_each(|function| function.site().forget_memory());
    }

    /// Returns the counts of all functions that use this cache.
    pub(crate) fn stats(&self) -> Stats {
        let mut stats = remote_stats::in_directory(&self.dir);
        stats += *lock(&self.past);
        for site in lock(&self.functions).iter() {
            stats += site.stats_here();
        }
        for function in self.memory_functions() {
            stats += function.site().stats_here();
        }
        stats
    }
}

fn limits_keep_nothing(dir: &Path, setup: &CacheConfig) -> bool {
    let zero = [
        ("limit_bytes", setup.limit_bytes == Some(0)),
        ("limit_items", setup.limit_items == Some(0)),
        (
            "limit_age",
            setup.limit_age.is_some_and(|age| age.is_zero()),
        ),
    ];
    let Some((name, _)) = zero.into_iter().find(|(_, is_zero)| *is_zero) else {
        return false;
    };
    diagnostics::warn(format_args!(
        "{name} of the cache at {} is 0, so no result is stored on disk; \
         set a larger limit or none",
        dir.display()
    ));
    true
}

fn options(setup: &CacheConfig) -> StoreOptions {
    let mut options = StoreOptions::default();
    options.limits.bytes = setup.limit_bytes;
    options.limits.items = setup.limit_items;
    options.limits.age = setup.limit_age;
    options.read_only = setup.read_only || cache_mode::is_read_only();
    options.shared = setup.shared;
    options.on_large = Some(warn_of_size);
    options
}

fn warn_of_size(dir: &Path, bytes: u64) {
    let dir = dir.parent().unwrap_or(dir);
    diagnostics::warn(format_args!(
        "the cache at {} has grown to {:.1} GiB and has no limit; set one with `limit_bytes` of \
         `joblib::Memory`, or drop results with `reduce_size`",
        dir.display(),
        bytes as f64 / (1_u64 << 30) as f64,
    ));
}
