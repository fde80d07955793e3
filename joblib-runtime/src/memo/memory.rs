//! `Memory`: a cache directory as the user declares it, and operations on all of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::Duration;

use super::audit::AuditPolicy;
use super::cache::{Cache, CacheConfig};
use super::call::answer;
use super::digest::ArgsDigest;
use super::entry::{Entry, EntryKey, time};
use super::error::Error;
use super::explain;
use super::function::MemoFunction;
use super::lookup::Lookup;
use super::memory_function::MemoryFunction;
use super::stats::Stats;
use crate::key::select::{KeyArguments, KeyProbe, SelectKey};
use crate::key::{Key, KeyHasher};
use crate::secure_execution;
use crate::store::{self, Limits, Reduced, Verified};
use crate::transport::{self, Storable};
use crate::unpoisoned::{lock, read, write};

/// A cache directory in which memoized functions store their results.
///
/// # Example: a directory with limits, shared by several functions
///
/// ```
/// use std::time::Duration;
/// # use joblib_runtime::memo as joblib;
/// use joblib::Memory;
///
/// static RESULTS: Memory = Memory::new(".cache")
///     .limit_bytes(10 << 30)
///     .limit_age(Duration::from_secs(30 * 86_400));
/// // #[memoize(memory = RESULTS)] fn …
/// ```
pub struct Memory {
    place: MemoryDir,
    setup: CacheConfig,
    cache: OnceLock<Arc<Cache>>,
    closures: Mutex<BTreeMap<String, Arc<MemoryFunction>>>,
    /// The functions whose calls chose this memory, by their addresses.
    functions: RwLock<BTreeMap<usize, Arc<MemoryFunction>>>,
}

enum MemoryDir {
    Default,
    Fixed(&'static str),
    None,
    Chosen(PathBuf),
}

impl Memory {
    /// Creates a cache in the directory `dir`, relative to the working directory at the
    /// first use. Nothing is read or written before that.
    pub const fn new(dir: &'static str) -> Memory {
        Memory::with(MemoryDir::Fixed(dir))
    }

    /// Creates a cache in a directory known only at run time.
    ///
    /// The open directory is closed some time after its last `Memory` is dropped. A few
    /// directories without a `Memory` stay open so that they can be reused.
    pub fn at(dir: impl Into<PathBuf>) -> Memory {
        Memory::with(MemoryDir::Chosen(dir.into()))
    }

    /// No cache: calls compute, and nothing is stored, neither on disk nor in the memory
    /// of the process. For programs that decide at run time whether to use a cache.
    ///
    /// # Example
    ///
    /// ```
    /// use std::sync::LazyLock;
    /// # use joblib_runtime::memo as joblib;
    /// use joblib::Memory;
    ///
    /// static CACHE: LazyLock<Memory> = LazyLock::new(|| match std::env::args().nth(1) {
    ///     Some(dir) => Memory::at(dir),
    ///     None => Memory::none(),
    /// });
    /// // #[memoize(memory = *CACHE)] fn …
    /// ```
    pub const fn none() -> Memory {
        Memory::with(MemoryDir::None)
    }

    /// The default cache: in the directory set by the environment variable
    /// `JOBLIB_RS_CACHE_DIR`, otherwise in `joblib-rs` in the user's cache directory.
    pub const fn user() -> Memory {
        Memory::with(MemoryDir::Default)
    }

    const fn with(place: MemoryDir) -> Memory {
        Memory {
            place,
            setup: CacheConfig::new(),
            cache: OnceLock::new(),
            closures: Mutex::new(BTreeMap::new()),
            functions: RwLock::new(BTreeMap::new()),
        }
    }

    /// Limits the directory to `bytes`. Beyond that, results that are cheap to compute
    /// for their size are dropped first, in the background. With a limit of zero
    /// nothing is kept on disk, and a warning reports it.
    #[must_use]
    pub const fn limit_bytes(mut self, bytes: u64) -> Memory {
        self.setup.limit_bytes = Some(bytes);
        self
    }

    /// Limits the directory to `items` results, dropped as by [`Memory::limit_bytes`].
    #[must_use]
    pub const fn limit_items(mut self, items: u64) -> Memory {
        self.setup.limit_items = Some(items);
        self
    }

    /// Drops results older than `age`, in the background.
    #[must_use]
    pub const fn limit_age(mut self, age: Duration) -> Memory {
        self.setup.limit_age = Some(age);
        self
    }

    /// Reads stored results and never writes, so that the directory may belong to
    /// another user or be on a read-only file system.
    #[must_use]
    pub const fn read_only(mut self) -> Memory {
        self.setup.read_only = true;
        self
    }

    /// Accepts a directory that others may write to, and lets them read and write the
    /// stored results as far as the umask allows. Anyone who can write to the directory
    /// can determine what memoized functions return.
    #[must_use]
    pub const fn shared(mut self) -> Memory {
        self.setup.shared = true;
        self
    }

    /// Sets what is reported on standard error: 0 for faults only, 1 to explain also
    /// why each result is computed. `JOBLIB_RS_VERBOSE` can raise the level.
    #[must_use]
    pub const fn verbose(mut self, level: u8) -> Memory {
        self.setup.verbose = Some(level);
        self
    }

    /// Recomputes a share of the hits, from 0.0 for none to 1.0 for all, and compares
    /// the result with the stored one. A difference shows that the result depends on
    /// something that the fingerprint does not cover, such as a clock, a file, a
    /// `static` or foreign code. `JOBLIB_RS_AUDIT`, for example `1%` or `0.01`, sets
    /// the share for all caches of the process.
    ///
    /// A difference is a warning with the function, the key and the hashes of both
    /// results. [`Stats`] count the audited hits and the differences. The call returns
    /// the stored result, which stays stored until `clear` or `recompute` replaces it.
    /// A panic of the recomputation is a difference, and so is a result that would not
    /// be stored. The order of hash maps and hash sets is ignored.
    ///
    /// Each hit is chosen with the same probability. The function runs again with all
    /// its side effects, either before its call returns or, if the arguments can be
    /// kept, later on a background thread; see [`finish_audits`]. Memoized functions
    /// that it calls on the same thread are recomputed too, once for each key and up to
    /// 64 calls deep, and compared in turn.
    ///
    /// # Panics
    ///
    /// Panics if `fraction` is not in the range from 0.0 to 1.0. In a `static` this is
    /// a compile error.
    ///
    /// # Example
    ///
    /// ```
    /// use std::cell::Cell;
    /// # use joblib_runtime::memo as joblib;
    /// use joblib::Memory;
    ///
    /// let dir = tempfile::tempdir()?;
    /// let memory = Memory::at(dir.path()).audit(1.0);
    /// let unseen = Cell::new(1);
    /// let times = |n: i32| memory.cached("times", &n, || n * unseen.get());
    /// assert_eq!(times(3), 3);
    /// unseen.set(2);
    /// assert_eq!(times(3), 3, "the stored result, and a warning");
    /// assert_eq!((memory.stats().audited, memory.stats().differing), (1, 1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// [`finish_audits`]: crate::memo::finish_audits
    #[must_use]
    #[track_caller]
    pub const fn audit(mut self, fraction: f64) -> Memory {
        self.setup.audit = AuditPolicy::of(fraction, false);
        self
    }

    /// Like [`Memory::audit`], but a difference makes the call panic, which is the only
    /// error that every function can report. This includes differences in functions
    /// that the audited one calls. All audits run before their call returns.
    /// `JOBLIB_RS_AUDIT=1%,strict` does this for all caches.
    ///
    /// # Panics
    ///
    /// Panics like [`Memory::audit`].
    #[must_use]
    #[track_caller]
    pub const fn audit_strict(mut self, fraction: f64) -> Memory {
        self.setup.audit = AuditPolicy::of(fraction, true);
        self
    }

    /// Returns the open cache. The first call opens it.
    pub(crate) fn cache(&self) -> Arc<Cache> {
        let cache = self.cache.get_or_init(|| match &self.place {
            MemoryDir::Default => Cache::open(&default_dir(), &self.setup),
            MemoryDir::Fixed(dir) => Cache::open(dir.as_ref(), &self.setup),
            MemoryDir::Chosen(dir) => Cache::open(dir, &self.setup),
            MemoryDir::None => Arc::new(Cache::none(&self.setup)),
        });
        Arc::clone(cache)
    }

    /// Returns the cache of functions without a directory.
    pub(crate) fn default_cache() -> Arc<Cache> {
        static USER: Memory = Memory::user();
        USER.cache()
    }

    /// Returns the directory, as an absolute path if the system can resolve it. It is
    /// empty for [`Memory::none`].
    pub fn dir(&self) -> PathBuf {
        self.cache().dir.clone()
    }

    /// Returns the cached result of `compute` for `args`, or computes and stores it.
    ///
    /// A closure has no fingerprint. `name` takes its place, so change the name when
    /// the closure changes. The name also distinguishes the closures of a cache.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime::memo as joblib;
    /// use joblib::Memory;
    ///
    /// let dir = tempfile::tempdir()?;
    /// let memory = Memory::at(dir.path());
    /// let sum = |n: u64| memory.cached("sum v1", &n, || (0..=n).sum::<u64>());
    /// assert_eq!(sum(4), 10);
    /// assert_eq!(sum(4), 10);
    /// assert_eq!((memory.stats().misses, memory.stats().hits()), (1, 1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn cached<A: Key + ?Sized, R: Storable>(
        &self,
        name: &str,
        args: &A,
        compute: impl FnOnce() -> R,
    ) -> R {
        let mut arguments = KeyArguments::new();
        (&&&KeyProbe(args)).__joblib_feed_argument(&mut arguments);
        let closure = self.closure(name);
        let digest = ArgsDigest::new(&arguments);
        let lookup = Lookup::by(closure.site(), closure.bound(), digest);
        answer(lookup, transport::plain(), compute)
    }

    /// Returns the closure that stores its results here under `name`.
    fn closure(&self, name: &str) -> Arc<MemoryFunction> {
        let mut closures = lock(&self.closures);
        if let Some(closure) = closures.get(name) {
            return Arc::clone(closure);
        }
        let closure = MemoryFunction::closure(name, &self.cache());
        closures.insert(name.to_owned(), Arc::clone(&closure));
        closure
    }

    /// Returns `function` as it stores its results here.
    pub(super) fn function(&self, function: &'static MemoFunction) -> Arc<MemoryFunction> {
        let address = std::ptr::from_ref(function).addr();
        if let Some(known) = read(&self.functions).get(&address) {
            return Arc::clone(known);
        }
        let cache = self.cache();
        let mut functions = write(&self.functions);
        let copy = functions
            .entry(address)
            .or_insert_with(|| MemoryFunction::copy(function, &cache));
        Arc::clone(copy)
    }

    /// Drops results until the cache is within `limits`. A plain number is a limit in
    /// bytes.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be used or written to.
    pub fn reduce_size(&self, limits: impl Into<Limits>) -> Result<Reduced, Error> {
        let cache = self.cache();
        let reduced = match store(&cache)? {
            Some(store) => store.reduce(&limits.into())?,
            None => Reduced::default(),
        };
        cache.forget_memory();
        Ok(reduced)
    }

    /// Drops all stored results.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be used or written to.
    pub fn clear(&self) -> Result<(), Error> {
        let cache = self.cache();
        cache.forget_memory();
        store(&cache)?.map_or(Ok(()), |store| Ok(store.clear()?))
    }

    /// Drops what this process keeps in memory. The results on disk stay.
    pub fn clear_memory(&self) {
        self.cache().forget_memory();
    }

    /// Returns the metadata of all stored results, in no particular order.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be used or read.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        let cache = self.cache();
        let Some(store) = store(&cache)? else {
            return Ok(Vec::new());
        };
        let names = explain::function_names(store);
        let entries = store.entries()?.into_iter().map(|entry| Entry {
            key: EntryKey(entry.id),
            function: names.get(&entry.meta.function).cloned().unwrap_or_default(),
            created: time(entry.meta.created),
            cost: Duration::from_nanos(entry.meta.cost),
            size: entry.size,
        });
        Ok(entries.collect())
    }

    /// Returns the counts of the calls of this process to all functions that store
    /// their results here, since the directory was opened.
    pub fn stats(&self) -> Stats {
        self.cache().stats()
    }

    /// Reads and checks all stored results.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be used or read.
    pub fn verify(&self) -> Result<Verified, Error> {
        let cache = self.cache();
        store(&cache)?.map_or(Ok(Verified::default()), |store| Ok(store.verify()?))
    }

    /// Flushes the stored results to the disk, so that they survive a power failure
    /// from then on.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be used, or the disk reports an error.
    pub fn sync(&self) -> Result<(), Error> {
        let cache = self.cache();
        store(&cache)?.map_or(Ok(()), |store| Ok(store.sync()?))
    }
}

/// Where results are stored does not change them, so all memories are equal in a key.
impl Key for Memory {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("joblib", "Memory", 0);
    }

    fn feed(&self, _: &mut KeyHasher) {}
}

/// Shows the directory without opening it.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dir: Cow<'_, Path> = match &self.place {
            MemoryDir::Default => default_dir().into(),
            MemoryDir::Fixed(dir) => Path::new(dir).into(),
            MemoryDir::Chosen(dir) => dir.into(),
            MemoryDir::None => return f.write_str("Memory::none()"),
        };
        f.debug_tuple("Memory").field(&dir).finish()
    }
}

/// Returns the store, or `None` if the cache is off.
fn store(cache: &Cache) -> Result<Option<&store::Store>, Error> {
    match &cache.store {
        None if !cache.is_off => Err(Error::Unusable {
            dir: cache.dir.clone(),
        }),
        store => Ok(store.as_ref()),
    }
}

/// Returns the default cache directory.
fn default_dir() -> PathBuf {
    if let Some(dir) = secure_execution::var_os("JOBLIB_RS_CACHE_DIR").filter(|dir| !dir.is_empty())
    {
        return dir.into();
    }
    match user_cache() {
        Some(user) => user.join("joblib-rs"),
        None => PathBuf::from(".joblib-rs-cache"),
    }
}

/// Returns the directory `name` in the user's cache directory. If that directory is not
/// known, returns `name` in the working directory.
pub(super) fn in_user_cache(name: &str) -> PathBuf {
    user_cache().unwrap_or_default().join(name)
}

/// Returns the user's cache directory, if it is known.
fn user_cache() -> Option<PathBuf> {
    if secure_execution::is_required() {
        // The caller of the program chose `HOME` and similar variables, so they are not
        // trusted.
        return Some(PathBuf::from("/var/cache"));
    }
    use etcetera::BaseStrategy;
    let user = etcetera::choose_base_strategy().ok()?;
    Some(user.cache_dir())
}
