//! Memoizes functions on disk across processes without stale results, runs functions
//! in parallel on threads or in worker processes, and stores values in files that can be
//! loaded or memory-mapped.
//!
//! ```
//! use joblib::{memoize, parallel};
//!
//! #[parallel]
//! #[memoize(dir = "target/doc-cache")]
//! fn simulate(seed: u64, steps: u32) -> f64 {
//!     (0..steps).map(f64::from).sum::<f64>() + seed as f64
//! }
//!
//! assert_eq!(simulate(1, 4), 7.0); // computed once, then read
//! assert!(simulate::check(1, 4));
//!
//! let many: Vec<f64> = simulate::par((0..3).map(|seed| (seed, 4))).collect();
//! assert_eq!(many, [6.0, 7.0, 8.0]); // on all cores
//! ```
//!
//! If you edit `simulate`, or anything that it can reach, it computes again. If you undo
//! the edit, the old results are valid again.
//!
//! # Add it to a project
//!
//! ```toml
//! [dependencies]
//! joblib = { path = "../joblib" } # the directory of the repository
//! ```
//!
//! It needs Rust 1.89 or newer and 64-bit Linux.
//!
//! | feature | provides |
//! |---|---|
//! | `zstd` (default), `lz4`, `zlib`, `bz2`, `xz` | compression of results (`zstd`) and files: [`Compress`] |
//! | `progress` (default) | progress bars: [`Par::progress`](parallel::Par::progress) |
//! | `rand` (default) | random numbers of a task: `joblib::rng()` |
//! | `ndarray` (0.17), `nalgebra` (0.35), `num-complex` | their arrays and numbers as arguments, as results and in files |
//! | `ndarray016`, `nalgebra034` | the same for the versions before |
//! | `faer` (0.24), `arrow` (60), `candle-core` (0.11) | their matrices, arrays, record batches and tensors, likewise |
//! | `polars` (0.55) | its data frames and series, likewise |
//! | `chrono` (0.4), `jiff` (1), `uuid` (1), `rust_decimal` (1), `bytes` (1), `smallvec` (1), `indexmap` (2), `petgraph` (0.8), `image` (0.25) | their types, likewise |
//! | `half`, `sprs` | their numbers and sparse matrices as results and in files |
//! | `log`, `tracing` | log records of tasks reach the caller; events of target `joblib` |
//! | `tokio` | `async` tasks find a tokio runtime |
//! | `futures` | the results of a call as an asynchronous stream: [`Par::stream_async`](parallel::Par) |
//! | `rayon` | calls in a given pool of rayon, and as its parallel iterators |
//! | `ctrlc` | Ctrl-C cancels calls instead of ending the program: [`CancelToken`] |
//!
//! # The book
//!
//! The directory `docs/book/src` of the repository has a book, one chapter for each
//! subject: `first-steps.md`, `memoization.md`, `keys.md` (types of other crates),
//! `fingerprints.md` (what invalidates a result), `parallel-calls.md`, `processes.md`,
//! `files.md`, `performance-guide.md`, `shared-cache.md`, `testing.md`, `notebooks.md`,
//! `troubleshooting.md` (by message) and `from-python.md`. `cargo xtask book` makes web
//! pages of it.
//!
//! # Which part to use
//!
//! * [`memoize`](macro@memoize) for a function whose results are worth storing.
//! * [`Memory`] for several functions that share a directory, or for a directory with
//!   limits; [`Memory::cached`] for a closure that is not worth a function.
//! * [`Key`](derive@Key) for your own types as arguments. Types that implement
//!   `serde::Serialize` need nothing.
//! * [`FileContents`] for a file whose contents determine the result.
//! * [`track`](macro@track) for a plain function in another crate that a memoized
//!   function lists in `depends`.
//! * [`parallel`](macro@parallel) for a function that is called for many inputs;
//!   [`par()`] for a closure, and [`task!`] for a closure in worker processes.
//! * [`Persist`](derive@Persist) for a type whose values are stored in files: [`dump`]
//!   writes them, [`load`] reads them, [`open`] maps large ones, [`inspect`] describes a
//!   file, and [`hash`](hash()) compares contents.
//! * [`config()`] for the defaults of many parallel calls; [`effective_n_jobs`] and
//!   [`cpu_count`] for the number of workers that these give, and [`worker_index`] for a
//!   resource that each worker owns.
//! * [`main`](macro@main) for programs that use worker processes.
//!
//! # What is promised
//!
//! A call returns the value of the function whatever happens to the cache: a full disk,
//! a damaged file or a directory of another user causes one warning on standard error. A
//! hit is a value that this source computed for these arguments, bit for bit. Nothing
//! blocks for ever, and a process that is killed loses no finished result.
//!
//! A parallel call returns what a plain loop returns, for each backend and each number
//! of workers. If a worker is lost, only the task that it was running fails.
//!
//! `JOBLIB_RS_CACHE_DIR` sets the directory for functions that do not set one.
//! `JOBLIB_RS_CACHE` turns all caches, or that of one function, `off`, `read-only` or
//! `strict` (a miss panics), or computes older results again (`refresh`).
//! `JOBLIB_RS_VERBOSE=1` logs why each result is computed. `JOBLIB_RS_AUDIT=1%` computes
//! that share of the hits again and reports results that differ ([`Memory::audit`]).
//! `JOBLIB_RS_N_JOBS`, `JOBLIB_RS_BACKEND` and `JOBLIB_RS_STACK_SIZE` set the defaults of
//! parallel calls.

// docs.rs shows which feature each item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc = include_str!("memoize.md")]
pub use joblib_macros::memoize;

/// Generates a fingerprint for a plain function, for use in `depends(…)` of a memoized
/// function in another crate.
///
/// ```
/// #[joblib::track]
/// pub fn step(x: f64) -> f64 {
///     x * 0.5
/// }
///
/// #[joblib::memoize(dir = "target/doc-cache", depends(step))]
/// fn run(x: f64) -> f64 {
///     step(x)
/// }
///
/// println!("{} {}", step::FINGERPRINT, run::FINGERPRINT);
/// ```
///
/// The type that has the constant `FINGERPRINT` has the name of the function, or
/// `name_memo` if that name is taken (see [`memoize`](macro@memoize#names-that-are-taken)).
///
/// `#[track(crate = path)]` sets the path of joblib, if it has another name.
pub use joblib_macros::track;

/// Implements [`Key`](trait@Key) for a struct or an enum, field by field.
///
/// ```
/// #[derive(joblib::Key)]
/// struct Experiment<'a> {
///     samples: &'a [f64],
///     seed: u64,
///     #[key(skip)]
///     verbose: bool,
/// }
///
/// #[joblib::memoize(dir = "target/doc-cache")]
/// fn mean(experiment: &Experiment<'_>) -> f64 {
///     if experiment.verbose {
///         println!("seed {}", experiment.seed);
///     }
///     experiment.samples.iter().sum::<f64>() / experiment.samples.len() as f64
/// }
///
/// let loud = Experiment { samples: &[1.0, 2.0], seed: 7, verbose: true };
/// assert_eq!(mean(&loud), 1.5);
/// assert!(mean::check(&Experiment { verbose: false, ..loud }));
/// ```
///
/// A field is hashed by its `Key`, or by its `serde::Serialize` if it has no `Key`. Type
/// parameters of the fields get a `Key` bound, except for those that only a `PhantomData`
/// or a hasher names. `#[key(skip)]` excludes a field. On the type,
/// `#[key(bound = "T: Key")]` replaces the bounds of the parameters, and
/// `#[key(crate = path)]` sets the path of joblib.
///
/// Type parameters are part of the key: one with `Key` by its `Key`, any other by its
/// name and by the compiler's number for it, which can differ in another build.
///
/// The type is part of the key too: its package, module and name, its parameters, and
/// the names and the types, as written, of its variants and fields, in order. Renaming or
/// moving the type, or changing any of these, changes its keys, so the results that were
/// cached under them are computed again. Documentation, attributes and visibility can
/// change freely.
///
/// A type inside a function can have the same name as another type there, so its keys
/// also cover the source of that function. Such a type that a macro generates has
/// different keys in each build: move it to a module to keep them.
pub use joblib_macros::Key;
pub use joblib_runtime::codec::{DecodeError, EncodeError};
pub use joblib_runtime::key::{FileContents, Key, KeyError, KeyHasher};
pub use joblib_runtime::memo::{
    Entry, EntryKey, Error, Fingerprint, Limits, Memory, Reduced, Shelved, SourceItem, Stats,
    Verified, finish_audits,
};
pub use joblib_runtime::store::Error as StoreError;

#[doc = include_str!("parallel.md")]
pub use joblib_macros::parallel;

/// Creates a closure that worker processes can run.
///
/// ```
/// let squares: Vec<u64> = joblib::par(0..4).map(joblib::task!(|x: u64| x * x)).collect();
/// assert_eq!(squares, [0, 1, 4, 9]);
///
/// let (scale, data) = (2.0, vec![1.0, 2.0]);
/// let task = joblib::task!([scale: f64, data: &[f64] = &data] |i: usize| scale * data[i]);
/// let scaled: Vec<f64> = joblib::par(0..2).map(task).collect();
/// assert_eq!(scaled, [2.0, 4.0]);
/// ```
///
/// The argument needs a type. The captures of the closure are listed before it, each with
/// its type and, unless it is the variable of that name, its value. All tasks share the
/// captures; one that is taken by value is cloned for each task. Argument, captures and
/// result need [`Persist`](macro@Persist), or serde's `Serialize` and `Deserialize`, like
/// those of a [`parallel`](macro@parallel) function.
///
/// `task!(crate = path, …)` sets the path of joblib, if it has another name.
pub use joblib_macros::task;

/// Starts the worker loop before `main` begins, in a process that is a worker.
///
/// ```
/// #[joblib::main]
/// fn main() -> Result<(), String> {
///     Ok(())
/// }
/// ```
///
/// The generated `main` calls [`init`] first, which you can also call directly.
/// `#[main(crate = path)]` sets the path of joblib, if it has another name.
pub use joblib_macros::main;
pub use joblib_runtime::init;
#[cfg(feature = "rayon")]
pub use joblib_runtime::parallel::par_from;
pub use joblib_runtime::parallel::{
    CancelToken, config, cpu_count, effective_n_jobs, n_workers, par, print_above_bars,
    worker_index,
};
#[cfg(feature = "rand")]
pub use joblib_runtime::parallel::{rng, try_rng};
pub use joblib_runtime::wire::{Pod, Shared};

#[doc = include_str!("persist.md")]
pub use joblib_macros::Persist;
pub use joblib_runtime::persist::{
    Compress, Dump, Load, Persist, dump, hash, inspect, load, open, open_cow,
};
pub use joblib_runtime::persist_as;

/// Where the tasks of a parallel call run: [`Threads`](backend::Threads), the default,
/// [`Processes`](backend::Processes) or [`Sequential`](backend::Sequential).
///
/// ```
/// use joblib::backend::{Processes, Sequential};
/// use joblib::parallel;
///
/// #[parallel]
/// fn square(x: u64) -> u64 {
///     x * x
/// }
///
/// let apart: Vec<u64> = square::par(0..4).backend(Processes).collect();
/// let here: Vec<u64> = square::par(0..4).backend(Sequential).collect();
/// assert_eq!(apart, here);
///
/// // Chosen at run time, as by an option of the program:
/// let named: Vec<u64> = square::par(0..4).backend_named("threads").collect();
/// assert_eq!(named, here);
/// ```
///
/// Each backend is a type of its own, so that a task that a backend cannot run does not
/// compile. A backend that is chosen by name, by [`config()`] or by `JOBLIB_RS_BACKEND` is
/// an error at run time instead.
pub mod backend {
    #[cfg(feature = "rayon")]
    pub use joblib_runtime::backend::RayonPool;
    pub use joblib_runtime::backend::{
        BackendKind, BackendName, DefaultBackend, Processes, Rayon, Sequential, Threads,
        UnknownBackend,
    };
}

/// What a parallel call is built from and what it returns.
///
/// A call begins with [`par()`] or with the `par` of a [`parallel`](macro@crate::parallel)
/// function, which return a [`Par`](parallel::Par). Its methods set how the call runs, and
/// the last one starts it:
///
/// ```
/// use std::time::Duration;
///
/// let call = joblib::par(1..=4_u32)
///     .map(|x| 12 / (x - 1).min(2)) // the first task panics
///     .n_jobs(2)
///     .timeout(Duration::from_secs(60));
/// let outcomes = call.outcomes(); // a `Result` for each input
/// let error = outcomes[0].as_ref().unwrap_err();
/// assert_eq!(error.index(), Some(0));
/// assert_eq!(*outcomes[3].as_ref().unwrap(), 6);
/// ```
///
/// | item | is |
/// |---|---|
/// | [`Par`](parallel::Par) | a call: all settings, and `collect`, `try_collect`, `outcomes`, `stream`, `for_each`, `reduce` |
/// | [`Stream`](parallel::Stream), [`Unordered`](parallel::Unordered) | iterators over results, in the order of the input or of completion |
/// | [`Error`](parallel::Error), [`ErrorKind`](parallel::ErrorKind), [`WorkerExit`](parallel::WorkerExit) | why a task or a call failed |
/// | [`config()`], [`Config`](parallel::Config) | defaults for all calls of a scope |
/// | [`CancelToken`] | cancels a call from another thread |
/// | [`Progress`](parallel::Progress), [`Initializer`](parallel::Initializer), [`Batch`](parallel::Batch) | arguments of settings |
///
/// The traits [`Task`](parallel::Task), [`Execute`](parallel::Execute) and
/// [`ThreadInput`](parallel::ThreadInput) say which tasks a backend can run. Programs use
/// them in the bounds of generic functions that take a call.
pub mod parallel {
    #[cfg(feature = "rayon")]
    #[doc(no_inline)]
    pub use crate::par_from;
    #[doc(no_inline)]
    pub use crate::{
        CancelToken, config, cpu_count, effective_n_jobs, n_workers, par, print_above_bars,
        worker_index,
    };
    #[cfg(feature = "rand")]
    #[doc(no_inline)]
    pub use crate::{rng, try_rng};
    #[cfg(feature = "futures")]
    pub use joblib_runtime::parallel::AsyncStream;
    #[cfg(feature = "ctrlc")]
    pub use joblib_runtime::parallel::CtrlCError;
    #[cfg(feature = "rand")]
    pub use joblib_runtime::parallel::TaskRng;
    pub use joblib_runtime::parallel::{
        Batch, CallFuture, Config, ConfigGuard, Consumer, Error, ErrorKind, Execute, ExecuteStream,
        Initializer, Inputs, Outcome, Panic, Par, PreparedCall, Progress, Stream, Unordered,
        WorkerExit,
    };
    #[cfg(feature = "rayon")]
    pub use joblib_runtime::parallel::{ParIter, RunsInRayon};
    pub use joblib_runtime::task::thread::{ThreadInput, ThreadOutput};
    pub use joblib_runtime::task::{ClosureTask, FunctionTask, StatefulTask, Task};
}

/// Values in files: options for writing and reading, maps, and errors.
///
/// [`dump`], [`load`] and [`open`] are sufficient for most programs. [`Dump`] and [`Load`]
/// have the options, and read and write anything that implements `Read` and `Write`:
///
/// ```
/// use joblib::persist::{Dump, Durability, Load};
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("numbers.joblib");
/// let numbers = vec![0.5; 1000];
/// Dump::new().create_new(true).durability(Durability::Nothing).to(&path, &numbers)?;
/// let same: Vec<f64> = Load::new().limit_bytes(1 << 20).from(&path)?;
/// assert_eq!(same, numbers);
///
/// let error = joblib::load::<String>(&path).unwrap_err();
/// assert!(error.to_string().contains("the file has a different type"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// | item | is |
/// |---|---|
/// | [`Mapped`](persist::Mapped), [`MappedMut`](persist::MappedMut) | open files of [`open`] and [`open_cow`] |
/// | [`Error`](persist::Error), [`ErrorKind`](persist::ErrorKind), [`Mismatch`](persist::Mismatch) | why a file cannot be written or read, with the field |
/// | [`Inspection`](persist::Inspection) | what [`inspect`] finds in a file of any type |
/// | [`ContentHash`](persist::ContentHash) | what [`hash`](hash()) returns |
/// | [`Compress`], [`Durability`](persist::Durability) | options of [`Dump`] |
pub mod persist {
    #[doc(no_inline)]
    pub use crate::{Compress, Dump, Load, Persist, dump, hash, inspect, load, open, open_cow};
    #[cfg(feature = "image")]
    pub use joblib_runtime::persist::DynamicImageView;
    pub use joblib_runtime::persist::{
        ContentHash, CopyOnWrite, Difference, Durability, Element, Error, ErrorKind, InspectedPart,
        Inspection, MapMode, Mapped, MappedMut, Mismatch, Number, NumberKind, PersistAs, ReadOnly,
        Save, try_hash,
    };
}

#[doc(hidden)]
pub use joblib_runtime::__private;

/// Compiles the example in README.md.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
