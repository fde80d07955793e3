//! `Memory`: a cache directory as the user declares it, and what can be done
//! with it as a whole.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::audit::AuditPolicy;
use super::cache::{Cache, CacheConfig};
use super::call::answer;
use super::closure::CachedClosure;
use super::digest::ArgsDigest;
use super::entry::{Entry, EntryKey, time};
use super::error::Error;
use super::explain;
use super::lookup::Lookup;
use super::stats::Stats;
use crate::codec::result_codec::{EncodeAll, Storable};
use crate::key::Key;
use crate::key::select::{KeyArguments, KeyProbe, SelectKey};
use crate::secure_execution;
use crate::store;

/// A cache directory: where memoized functions keep their results.
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
    closures: Mutex<BTreeMap<String, Arc<CachedClosure>>>,
}

enum MemoryDir {
    Default,
    Fixed(&'static str),
    Chosen(PathBuf),
}

/// How much a cache may hold; what is `None` is not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes on disk.
    pub bytes: Option<u64>,
    /// Stored results.
    pub items: Option<u64>,
    /// Age of a stored result.
    pub age: Option<Duration>,
}

/// A number alone limits the bytes.
impl From<u64> for Limits {
    fn from(bytes: u64) -> Self {
        Limits {
            bytes: Some(bytes),
            ..Limits::default()
        }
    }
}

/// What a call of [`Memory::reduce_size`] dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reduced {
    /// Results dropped.
    pub items: u64,
    /// Bytes given back to the disk.
    pub bytes: u64,
}

/// What [`Memory::verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Results that are whole.
    pub entries: u64,
    /// What is damaged, each with its file and what is wrong. Calls take
    /// damaged entries as missing and compute.
    pub damaged: Vec<String>,
}

impl Memory {
    /// A cache in the directory `dir`, relative to the working directory at
    /// the first use. Nothing is touched before that.
    pub const fn new(dir: &'static str) -> Memory {
        Memory::with(MemoryDir::Fixed(dir))
    }

    /// A cache in a directory known only at run time. What is open of it is
    /// closed some time after the last `Memory` of the directory is dropped: of
    /// those without one, a few are kept open for the next.
    pub fn at(dir: impl Into<PathBuf>) -> Memory {
        Memory::with(MemoryDir::Chosen(dir.into()))
    }

    /// The cache of functions that name none: in the directory that the
    /// environment variable `JOBLIB_RS_CACHE_DIR` names, else in `joblib-rs`
    /// of the user's cache directory.
    pub const fn user() -> Memory {
        Memory::with(MemoryDir::Default)
    }

    const fn with(place: MemoryDir) -> Memory {
        Memory {
            place,
            setup: CacheConfig::new(),
            cache: OnceLock::new(),
            closures: Mutex::new(BTreeMap::new()),
        }
    }

    /// Keeps the directory below `bytes`: past that, results that are cheap
    /// to compute for their size are dropped first, in the background. A limit
    /// of zero keeps nothing on disk, and a warning says so.
    #[must_use]
    pub const fn limit_bytes(mut self, bytes: u64) -> Memory {
        self.setup.limit_bytes = Some(bytes);
        self
    }

    /// Keeps at most `items` results, dropped as by [`Memory::limit_bytes`].
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

    /// Answers from what is stored and writes nothing, so that the directory
    /// may be another's or on a read-only file system.
    #[must_use]
    pub const fn read_only(mut self) -> Memory {
        self.setup.read_only = true;
        self
    }

    /// Accepts a directory that others may write to, and lets them read and
    /// write what is stored as far as the umask allows. Whoever can write to
    /// it can decide what memoized functions return.
    #[must_use]
    pub const fn shared(mut self) -> Memory {
        self.setup.shared = true;
        self
    }

    /// How much is told on standard error: 0 nothing but faults, 1 why each
    /// result is computed. `JOBLIB_RS_VERBOSE` can raise it.
    #[must_use]
    pub const fn verbose(mut self, level: u8) -> Memory {
        self.setup.verbose = Some(level);
        self
    }

    /// Computes a part of the hits again, from 0.0 none to 1.0 all, and compares
    /// the result with what is stored: a difference shows that something decides
    /// over the result which the fingerprint does not cover, such as a clock, a
    /// file, a `static` or foreign code. `JOBLIB_RS_AUDIT`, as in `1%` or `0.01`,
    /// sets the part for all caches of the process.
    ///
    /// A difference is a warning with the function, the key and both results'
    /// hashes; [`Stats`] count what was audited and what differed. The call
    /// returns what is stored, and that stays stored: `clear` or `recompute`
    /// replaces it. A panic of the second computation is a difference, and so is
    /// a result that would not be stored. The order of hashed maps and sets is
    /// none.
    ///
    /// Each hit is chosen with the same probability. The function runs again with
    /// all that it does, before its call returns, or later on a thread of its own
    /// if the arguments can be kept; see [`finish_audits`]. Memoized functions
    /// that it calls on the same thread compute again too, once for each key and
    /// up to 64 calls deep, and are compared in their turn.
    ///
    /// # Panics
    ///
    /// `fraction` is not from 0.0 to 1.0; in a `static` that is an error of the
    /// compiler.
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
    /// assert_eq!(times(3), 3, "a hit, and a warning");
    /// assert_eq!((memory.stats().audited, memory.stats().differing), (1, 1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// [`finish_audits`]: crate::memo::finish_audits
    #[must_use]
    pub const fn audit(mut self, fraction: f64) -> Memory {
        self.setup.audit = AuditPolicy::of(fraction, false);
        self
    }

    /// As [`Memory::audit`], with a panic of the call for a difference, which is
    /// the only error that every function has; so is one of a function that the
    /// audited one calls. All audits take place before their call returns.
    /// `JOBLIB_RS_AUDIT=1%,strict` does it for all caches.
    ///
    /// # Panics
    ///
    /// As [`Memory::audit`].
    #[must_use]
    pub const fn audit_strict(mut self, fraction: f64) -> Memory {
        self.setup.audit = AuditPolicy::of(fraction, true);
        self
    }

    /// The open cache, opened by the first call.
    pub(crate) fn cache(&self) -> Arc<Cache> {
        let cache = self.cache.get_or_init(|| match &self.place {
            MemoryDir::Default => Cache::open(&default_dir(), &self.setup),
            MemoryDir::Fixed(dir) => Cache::open(dir.as_ref(), &self.setup),
            MemoryDir::Chosen(dir) => Cache::open(dir, &self.setup),
        });
        Arc::clone(cache)
    }

    /// The cache of functions that name none.
    pub(crate) fn default_cache() -> Arc<Cache> {
        static USER: Memory = Memory::user();
        USER.cache()
    }

    /// The directory, absolute where the system can tell.
    pub fn dir(&self) -> PathBuf {
        self.cache().dir.clone()
    }

    /// What `compute` gives for `args`, from the cache if it is there.
    ///
    /// A closure has no fingerprint: `name` stands for its source, so change
    /// it when the closure changes. It tells the closures of a cache apart.
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
        (&&&KeyProbe(args)).feed_argument(&mut arguments);
        let closure = self.closure(name);
        let digest = ArgsDigest::new(&arguments);
        let wanted = Lookup::by(closure.site(), closure.bound(), digest);
        answer(wanted, EncodeAll, compute)
    }

    /// The closure that keeps its results here under `name`.
    fn closure(&self, name: &str) -> Arc<CachedClosure> {
        let mut closures = self.closures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(closure) = closures.get(name) {
            return Arc::clone(closure);
        }
        let closure = CachedClosure::new(name, &self.cache());
        closures.insert(name.to_owned(), Arc::clone(&closure));
        closure
    }

    /// Drops results until the cache keeps `limits`; a number alone is a
    /// limit in bytes.
    ///
    /// # Errors
    ///
    /// The directory cannot be used or written to.
    pub fn reduce_size(&self, limits: impl Into<Limits>) -> Result<Reduced, Error> {
        let limits = limits.into();
        let cache = self.cache();
        let reduced = store(&cache)?.reduce(&store::Limits {
            bytes: limits.bytes,
            items: limits.items,
            age: limits.age,
        })?;
        cache.forget_memory();
        Ok(Reduced {
            items: reduced.items,
            bytes: reduced.bytes,
        })
    }

    /// Drops everything that is stored.
    ///
    /// # Errors
    ///
    /// The directory cannot be used or written to.
    pub fn clear(&self) -> Result<(), Error> {
        let cache = self.cache();
        cache.forget_memory();
        Ok(store(&cache)?.clear()?)
    }

    /// Drops what this process keeps in its memory; what is on disk stays.
    pub fn clear_memory(&self) {
        self.cache().forget_memory();
    }

    /// The stored results, in no particular order.
    ///
    /// # Errors
    ///
    /// The directory cannot be used or read.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        let cache = self.cache();
        let store = store(&cache)?;
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

    /// What happened in this process to the calls of all functions that keep
    /// their results here, since the directory was opened.
    pub fn stats(&self) -> Stats {
        self.cache().stats()
    }

    /// Reads everything that is stored and checks it.
    ///
    /// # Errors
    ///
    /// The directory cannot be used or read.
    pub fn verify(&self) -> Result<Verified, Error> {
        let cache = self.cache();
        let verified = store(&cache)?.verify()?;
        Ok(Verified {
            entries: verified.entries,
            damaged: verified.damaged.iter().map(ToString::to_string).collect(),
        })
    }

    /// Writes what is stored through to the disk, so that it survives a power
    /// cut from here on.
    ///
    /// # Errors
    ///
    /// The directory cannot be used, or the disk reports a fault.
    pub fn sync(&self) -> Result<(), Error> {
        Ok(store(&self.cache())?.sync()?)
    }
}

/// Where it is; asking does not open it.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dir: Cow<'_, Path> = match &self.place {
            MemoryDir::Default => default_dir().into(),
            MemoryDir::Fixed(dir) => Path::new(dir).into(),
            MemoryDir::Chosen(dir) => dir.into(),
        };
        f.debug_tuple("Memory").field(&dir).finish()
    }
}

fn store(cache: &Cache) -> Result<&store::Store, Error> {
    cache.store.as_ref().ok_or_else(|| Error::Unusable {
        dir: cache.dir.clone(),
    })
}

/// Where results go when nobody says.
fn default_dir() -> PathBuf {
    if let Some(dir) = secure_execution::var_os("JOBLIB_RS_CACHE_DIR").filter(|dir| !dir.is_empty())
    {
        return dir.into();
    }
    if secure_execution::is_required() {
        // Whoever started the program chose `HOME` and its kind.
        return PathBuf::from("/var/cache/joblib-rs");
    }
    use etcetera::BaseStrategy;
    match etcetera::choose_base_strategy() {
        Ok(user) => user.cache_dir().join("joblib-rs"),
        Err(_) => PathBuf::from(".joblib-rs-cache"),
    }
}
