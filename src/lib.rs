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
//! * [`config()`] for the defaults of many parallel calls.
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
//! `JOBLIB_RS_CACHE_DIR` sets the directory for functions that do not set one, and
//! `JOBLIB_RS_VERBOSE=1` logs why each result is computed. `JOBLIB_RS_AUDIT=1%` computes
//! that share of the hits again and reports results that differ ([`Memory::audit`]).
//! `JOBLIB_RS_N_JOBS`, `JOBLIB_RS_BACKEND` and `JOBLIB_RS_STACK_SIZE` set the defaults of
//! parallel calls.

/// Stores the results of a function, on disk and in memory.
///
/// The function is called as before. The macro also generates a companion type with the
/// name of the function, which has the other operations. `use` imports both:
///
/// ```
/// use joblib::memoize;
///
/// #[memoize(dir = "target/doc-cache", ignore(verbose))]
/// fn slow(x: f64, data: &[f64], verbose: bool) -> f64 {
///     if verbose {
///         println!("computing");
///     }
///     x + data.iter().sum::<f64>()
/// }
///
/// let data = [1.0, 2.0];
/// assert_eq!(slow(1.0, &data, true), 4.0);
/// assert!(slow::check(1.0, &data, false)); // is it stored?
/// let later = slow::shelve(1.0, &data, true); // stored, loaded only by `get`
/// assert_eq!(later.get()?, 4.0);
/// assert_eq!(slow::recompute(1.0, &data, true), 4.0); // computed and replaced
/// assert_eq!(slow::uncached(1.0, &data, true), 4.0); // the body
/// assert!(slow::forget(1.0, &data, true)); // this entry dropped
/// slow::clear(); // all entries of this function
/// println!("{} {}", slow::FINGERPRINT, slow::stats());
/// for item in slow::reaches() {
///     println!("{item}"); // what the fingerprint covers
/// }
/// # Ok::<(), joblib::Error>(())
/// ```
///
/// A method `slow` of an `impl` has the same operations in `Self::slow_memo()`, whose
/// methods take the receiver first. For an `async` method, those that compute return a
/// future. A method of a trait is memoized, but has no companion.
///
/// # Names that are taken
///
/// A function can have the name of a crate, a module, an import or a type. If the sources
/// of its crate show that the companion type would conflict with such a name, in its own
/// module or in another module that imports it, the companion is called `slow_memo`. Use
/// that name in `depends` and in imports:
///
/// ```
/// use joblib::memoize;
///
/// mod slow {
///     pub const STEPS: u64 = 3;
/// }
///
/// #[memoize(dir = "target/doc-cache")]
/// fn slow(x: u64) -> u64 {
///     x * slow::STEPS
/// }
///
/// # fn main() {
/// assert_eq!(slow(2), 6);
/// assert!(slow_memo::check(2));
/// # }
/// ```
///
/// A crate that only the body of the function names is not a conflict: inside the body
/// the name refers to the crate, and elsewhere `slow::check` refers to the companion. If
/// another crate imports the function and uses a crate of that name, it writes
/// `::slow::go`, or `use that::slow as other`. Names that a macro defines in a module may
/// not be visible to the annotation: if the compiler reports that the name is defined
/// twice, rename the function.
///
/// A function that a procedural macro generates, without `self` and without `Self`, is
/// treated as a free function, unless the item below the macro shows otherwise or the
/// package calls it only through a type, as in `Type::slow(…)`. If the compiler reports
/// that a struct is not supported in an `impl`, make the macro write `Self` somewhere in
/// the function.
///
/// # Options
///
/// * `dir = "…"`: the directory, relative to the working directory at the first
///   call; or `memory = PATH`: a `static` of type [`Memory`]. The default is the
///   directory of the user ([`Memory::user`]).
/// * `ignore(a, b)`: arguments that are not part of the key.
/// * `key(a = expr)`: the expression that replaces an argument in the key. Numbers and
///   references are available in it by value, other arguments by reference.
/// * `version = n`: a number that is part of the key of this function and of the
///   fingerprints of its callers.
/// * `scope = "reach"`, `"function"`, `"crate"` or `"binary"`: how much source the
///   fingerprint covers. `"binary"` covers what `"reach"` covers, and the running
///   executable with the libraries that are loaded at the first call, so each build
///   computes again. `FINGERPRINT` remains that of the source. Functions that call this
///   one or list it in `depends` do not inherit the scope; they set their own.
/// * `depends(path, …)`: further memoized or tracked functions whose fingerprints are
///   covered, also in other crates.
/// * `pin = "hex"`: a compile error if the fingerprint differs.
/// * `name = "…"`: a fixed name, so that results survive moving or renaming the
///   function.
/// * `expires = "7d"`, `validate = path`: which stored results are valid. `validate` is
///   a `fn(&Entry) -> bool`.
/// * `cache_if = path`: a `fn(&R) -> bool` that decides which results are stored. By
///   default, only an `Ok` of a `Result` is stored.
/// * `compress = "zstd:3"`: compresses stored results, at a level from 1 to 22.
/// * `mmap`: reads large results through a memory map of their file. Arrays in a
///   [`Shared`] stay in the map: a hit takes as long as verifying them.
/// * `memory_tier = "64MiB"` or `false`: how much memory of this process holds results
///   of this function. By default it shares 256 MiB with the other functions of its
///   directory.
/// * `crate = path`: the path of joblib, if it has another name.
///
/// # Types in the key
///
/// Types that a caller chooses are part of the key, even if they occur in no argument,
/// and so are the generic parameters of the `impl` or trait around a method. A type with
/// a `Key` bound is identified by its `Key`. Any other type is identified by the
/// compiler's name for it. That name does not change while the source is edited, but
/// differs for another compiler, profile or version of the package, which costs hits.
///
/// A closure or a function that is passed as an argument is identified by its type and
/// by the running executable, since only the executable determines what it does: its
/// results are valid until the program is rebuilt. What a closure captures is not part
/// of the key, as with `ignore`. `key(f = "…")` sets a replacement, and then neither is
/// part of the key:
///
/// ```
/// use joblib::memoize;
///
/// #[memoize(dir = "target/doc-cache", key(f = name))]
/// fn integral<F: Fn(f64) -> f64>(name: &str, f: F, steps: u32) -> f64 {
///     (0..steps).map(|i| f(f64::from(i) / f64::from(steps))).sum::<f64>() / f64::from(steps)
/// }
///
/// assert_eq!(integral("identity", |x| x, 2), 0.25);
/// ```
///
/// The same applies to a function that a macro generates inside another function, where
/// only the executable distinguishes it from others. A macro may generate methods of an
/// `impl` or a trait. If the annotation cannot determine which `impl` or trait contains
/// them, they have no companion.
///
/// # What the function must uphold
///
/// Its result must depend only on its arguments and its source. Files, clocks, random
/// numbers and the environment that it reads while it runs are not detected. Common
/// calls of that kind cause a warning, which `#[allow(deprecated)]` on the function
/// silences. The code behind a trait object or a type parameter that a crate further up
/// the dependency graph provides is not detected either. Arguments need
/// [`Key`](trait@Key) or `serde::Serialize`; what serde skips is not part of the key. The
/// result needs `Persist`, or serde's `Serialize` and `Deserialize`. [`Memory::audit`]
/// computes a share of the hits again and so finds undetected inputs.
///
/// # What a hit returns
///
/// The value that was computed, bit for bit. To ensure this, a result is read back when
/// it is stored: the first result of its type, the first with a given variant, with a
/// value in an option or with an element in a collection where earlier results had none,
/// and further results now and then.
///
/// * A result that cannot be read back in compact form, such as a
///   `serde_json::Value`, an untagged or internally tagged enum, or a type with
///   `flatten` or `skip_serializing_if`, is stored with a description of itself,
///   which takes more space and time.
/// * A result that is read back as a different value is not stored: every call computes
///   it. The comparison covers what its `Serialize` or `Persist` writes, and also what
///   they skip if the type implements `PartialEq`. A field that is skipped and not
///   compared has its default value in a hit.
///
/// Both cause one warning, with the function and what to do about it.
///
/// The order of a `HashMap` or `HashSet` is not part of a result, for any hasher: return
/// another collection if it matters. The order of any other map, and of a `BinaryHeap`,
/// is. What has a meaning only within one process is not part of a result either:
/// addresses, numbers of an interner, whether two `Rc`s are the same.
///
/// # Panics
///
/// Panics if the function panics. Nothing is stored then.
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
pub use joblib_runtime::key::{FileContents, Key, KeyHasher};
pub use joblib_runtime::memo::{
    Entry, EntryKey, Error, Fingerprint, Limits, Memory, Reduced, Shelved, SourceItem, Stats,
    Verified, finish_audits,
};

/// Implements [`Persist`](trait@Persist) for a type, so that its values can be written to
/// files, loaded and mapped.
///
/// ```
/// use joblib::Persist;
///
/// #[derive(Persist)]
/// struct Model {
///     weights: Vec<f64>,
///     labels: Vec<String>,
/// }
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("model.joblib");
/// let model = Model { weights: vec![0.5; 1000], labels: vec!["a".to_owned()] };
/// joblib::dump(&model, &path)?; // atomically
/// let same: Model = joblib::load(&path)?; // every byte verified
/// assert_eq!(same.weights, model.weights);
///
/// let file = joblib::open::<Model>(&path)?; // mapped: as fast for any size
/// let view = file.view(); // a ModelView
/// assert_eq!(view.weights[999], 0.5);
/// assert_eq!(view.labels, ["a"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Arrays of numbers, and of rows of numbers as in `Vec<[f32; 3]>`, have the same layout
/// in the file as in memory. An array of structs that contain only numbers, rows and such
/// structs is one array too, whatever layout the compiler chooses for them, and is read
/// by field name. Everything else is small and encoded. The file also contains the type
/// of the value, so loading it as another type is an error that names the field.
///
/// For a struct or an enum `Model` the macro also generates a `ModelView` with the same
/// fields as they are in a map: arrays and strings are borrowed, the rest is decoded. It
/// implements `Debug`, which prints the type name of a field that has no `Debug`. The view
/// of a generic type implements it if the mapped forms of its parameters do. For a type
/// that borrows nothing from a map, `ModelView` is an alias of the type itself.
///
/// If several `Rc`s or `Arc`s share a value, the file contains a copy for each of them. A
/// `Weak` is stored as nothing, and points to nothing when it is read.
///
/// `ModelView` is an ordinary item. If the module already has an item of that name, or
/// if it would shadow an item from a glob import, set another name with
/// `#[persist(view = Name)]`.
///
/// # Attributes
///
/// On a field:
///
/// * `default`, `default = path`: the value of the field for files that lack it;
///   `path` is a function, which can be `<T as Trait>::make` too.
/// * `rename = "…"`, `alias = "…"`: the name of the field in files, and a former
///   name of it.
/// * `skip`: is not written; is read as its `Default`, or `default = path`.
/// * `serde`: is written by its `serde::Serialize`, arrays too, with the names of
///   its fields and variants: see [below](#what-serde-describes).
/// * `with = module`: the same with `module::serialize`, and read with
///   `module::deserialize`, like serde's attribute.
/// * `compress = "zstd:3"`: compresses the arrays of the field, independently of the
///   rest of the file; with `zstd`, `lz4`, `zlib`, `gzip`, `bz2` or `xz`, if the feature
///   is enabled, at the level after the colon or the default level, or with `none`.
///
/// On a variant: `rename`, `alias`, and `skip`, for a variant that no file contains. Its
/// fields do not need `Persist`, and writing it is an error. On the type:
///
/// * `from = Old`: files of the type `Old` are accepted too, and converted with
///   `From<Old>`.
/// * `default`, `default = path`: fields that a file lacks, and those with `skip`,
///   are taken from the type's `Default`, or from the result of the function.
/// * `transparent`: a struct with one written field is stored as that field, and
///   an array of such structs as an array of the field: a `Vec<Meters>` as an array of
///   `f64`.
/// * `bound = "T: Trait, …"`: replaces the bounds that the fields put on the
///   parameters; `bound = ""` sets none. On a field it replaces the bounds from that
///   field.
/// * `view = Name`: the name of the view type.
/// * `write_only`: for a type that borrows, and can only be written.
/// * `crate = path`: the path of joblib, if it has another name.
///
/// Fields can be reordered, removed, and widened: `f32` is read as `f64`, and an integer
/// as a type that holds all of its values. A value is read as an `Option` of it, and as
/// the only field of a struct with unnamed fields, and such a struct is read as its
/// field. A `Vec<Vec<f32>>` whose rows have the same length is read as a `Vec<[f32; 3]>`
/// and the other way round. A mismatch is an error that names the field, the type in the
/// file, and the expected type.
///
/// One type of std is read as another type of std if the value is the same, alone and in
/// arrays, and in no other case:
///
/// | types | read as one another |
/// | --- | --- |
/// | `T`, `Box<T>`, `Arc<T>`, `Rc<T>`, `Cow<T>`, `Cell<T>`, `RefCell<T>`, `Mutex<T>`, `RwLock<T>` | yes |
/// | a number, its `NonZero`, its atomic, `Wrapping`, `Saturating` and `Reverse` of it | yes; a 0 as a `NonZero` is an error |
/// | `Vec<T>`, `Box<[T]>`, `VecDeque<T>`, `LinkedList<T>`, `BinaryHeap<T>`, `[T; N]` of that length | yes |
/// | `HashMap` and `BTreeMap`; `HashSet` and `BTreeSet` | yes |
/// | `String`, `Box<str>`, `Arc<str>`, `Rc<str>`; `PathBuf` and `OsString`; `CString` and `Vec<u8>` without a 0 | yes |
/// | `Range`, `RangeInclusive`, `RangeFrom`, `RangeTo`, `RangeToInclusive`, `RangeFull`, `Bound` | no, as themselves only |
/// | `Duration`, `SystemTime` | no, as themselves only |
/// | `Ipv4Addr`, `Ipv6Addr`, `IpAddr`, `SocketAddrV4`, `SocketAddrV6`, `SocketAddr` | no, as themselves only |
///
/// The types of the last three rows are stored with their names, and are not read as a
/// tuple or a number either. Files of version 4 and earlier do not contain these names:
/// there, these types are read as the tuple or number that they were written as, and the
/// other way round.
///
/// # Parameters
///
/// A generic type implements `Persist` if its fields do. For a field whose type consists
/// of parameters and types of std, the bound is on the whole field type, so that a
/// hasher, a `PhantomData<T>` or a `Box<T>` of a `T: ?Sized` require no more than they
/// need. For a field of any other type, such as one that contains this type recursively,
/// the parameters get a `Persist` bound. Fields with `serde` require serde's traits,
/// fields that can be missing require `Default`, and a parameter that only fields with
/// `skip` name has no bound. Use `bound = "…"` if these bounds are too strict or too
/// weak. A field that is literally written `[T; 0]` requires nothing of `T` and takes no
/// space in files.
///
/// A field is matched with the field of the same name in the file, or else with one that
/// an alias names. If the aliases of a field match two fields, that is an error that
/// names both.
///
/// # What serde describes
///
/// A field with `serde` or `with` is stored with the names of its fields and variants,
/// and with the type of each number. So its type can change as it can with JSON, whatever
/// its name is: fields can be reordered, can be missing if serde has a default for them
/// and unknown if serde ignores them, variants can be inserted and have aliases, numbers
/// can become wider, and a value can become an option. Everything is read back that JSON
/// reads back, including `tag`, `untagged`, `flatten`, `skip_serializing_if` and
/// `serde_json::Value`, and more: bytes, every number bit for bit, map keys that are not
/// strings, an option in an option. An integer or `bool` key is read as its text, and the
/// text as the key. A `Some(None)` is read only as an option in an option: as an
/// `Option<u8>` it is an error, not a `None`. Types that have a human-readable and a
/// binary form (`is_human_readable`) are stored in the binary form, which is exact. The
/// human-readable form is used only if the binary form cannot be read back: serde assumes
/// it for what it buffers, as for `flatten`, `untagged` and `tag`.
///
/// ```
/// use joblib::Persist;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Config { lr: f32, decay: f32 }
///
/// #[derive(Serialize, Deserialize)]
/// struct Later { decay: f64, lr: f64, #[serde(default)] warmup: u32 }
///
/// #[derive(Persist)]
/// struct Model { weights: Vec<f64>, #[persist(serde)] config: Config }
///
/// #[derive(Persist)]
/// struct LaterModel { weights: Vec<f64>, #[persist(serde)] config: Later }
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("model.joblib");
/// let config = Config { lr: 0.5, decay: 0.25 };
/// joblib::dump(&Model { weights: vec![1.0], config }, &path)?;
/// let later: LaterModel = joblib::load(&path)?;
/// assert_eq!((later.config.lr, later.config.warmup), (0.5, 0));
/// # assert_eq!((later.config.decay, later.weights.len()), (0.25, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Such a field is read back before the file is renamed to its final name: if it cannot
/// be read, [`dump`] fails with an error that names the field, and the old file remains.
/// [`Dump::read_back`] disables the check. Such a field can be nested at most 128 levels
/// deep.
///
/// # Types of other crates
///
/// Each is behind the feature with the name of the crate:
///
/// * `ndarray`: `Array`, `ArcArray` and `CowArray` of numbers, of any dimension.
///   The order of rows and columns is preserved. In a map they are `ArrayView`s, or
///   `ArrayViewMut`s with [`open_cow`]. Views are written directly from their memory; a
///   view with strides is written in the order of its indices, chunk by chunk.
/// * `nalgebra`: matrices and vectors of numbers, of static and dynamic size. In a
///   map they are matrix views. They and two-dimensional arrays are read as one
///   another; a row-major array can be mapped only as an array.
/// * `sprs`: `CsMat` as three arrays, and `CsVec` as two. Their structure is
///   verified, also in a map, which takes one pass over their indices.
/// * `half`: `f16` and `bf16`; `num-complex`: `Complex<f32>` and `Complex<f64>`.
///   Both are numbers, alone and in arrays.
pub use joblib_macros::Persist;

/// Calls a function for each of many inputs, on threads or in worker processes.
///
/// The function is called as before. `par` under its name takes the inputs and the
/// arguments that all tasks share, and returns a call that has not started:
///
/// ```
/// use joblib::parallel;
///
/// #[parallel]
/// fn square(x: u64) -> u64 {
///     x * x
/// }
///
/// #[parallel(shared(data))]
/// fn score(fold: usize, weight: f64, data: &[f64]) -> f64 {
///     weight * data[fold]
/// }
///
/// let squares: Vec<u64> = square::par(0..4).n_jobs(2).collect();
/// assert_eq!(squares, [0, 1, 4, 9]);
/// let scores: Vec<f64> = score::par([(0, 0.5), (1, 2.0)], &[1.0, 2.0]).collect();
/// assert_eq!(scores, [0.5, 4.0]);
/// assert_eq!(square(3), 9);
/// ```
///
/// The inputs are the argument of a function with one argument, tuples for several
/// arguments, and `()` for none. Shared arguments follow the inputs; one that is taken by
/// value is cloned for each task. For a method `area` of an `impl` the macro generates
/// `area_par`, whose receiver all tasks share. [`memoize`](macro@memoize) can annotate the
/// same function, before or after: the tasks are then answered from the cache, and both
/// add to the same companion. If `square` already names another type (see
/// [`memoize`](macro@memoize#names-that-are-taken)), `square::par` is `square_par`.
///
/// # `async` functions
///
/// A task of an `async` function blocks until its future completes, in joblib's threads
/// or in worker processes. It never blocks the calling thread, which the future may
/// depend on, except with `Sequential`. These threads have no async runtime, so code that
/// requires the runtime of the caller panics. With the feature `tokio`, each of these
/// threads has its own tokio runtime: timers and sockets that the task opens work,
/// whatever the runtime of the caller is. Tasks of the caller's runtime make progress only
/// if it has other threads, since the calling thread waits for the parallel tasks.
///
/// # In worker processes
///
/// A task sees the statics of a program that has just started: it does not see what
/// `main` has initialized, the arguments of the program, its logger or its panic hook.
/// [`Processes`](backend::Processes) lists what a worker inherits from its parent.
///
/// A function with any types runs on threads. For `.backend(Processes)`, arguments and
/// result need [`Persist`](macro@Persist), or serde's `Serialize` and `Deserialize`, and
/// must not borrow, except for arguments like `&str`, `&[T]` and `&T`, which the worker
/// owns and lends to the function. A violation is a compile error at the place that names
/// the backend. A value that has both is sent by its derived `Persist`, unless that skips
/// a field. A value with serde's traits is sent in compact form, and with a description
/// of itself if its type needs one: `serde_json::Value`, `untagged`, `tag`, `flatten` and
/// skipped fields. A value can be nested 65,536 levels deep. A generic function lists the
/// types that it runs with:
///
/// ```
/// use joblib::parallel;
///
/// #[parallel(instantiate(f32, f64))]
/// fn double<T: std::ops::Add<Output = T> + Copy>(x: T) -> T {
///     x + x
/// }
///
/// assert_eq!(double::par([1.5]).collect::<Vec<_>>(), [3.0]);
///
/// let other = double::par([1_u8]).backend_named("processes").try_collect::<Vec<_>>();
/// assert!(other.unwrap_err().to_string().contains("`#[parallel(instantiate(u8))]`"));
/// ```
///
/// If the backend is chosen at run time, by name, by [`config()`] or by the environment,
/// a violation is an error at run time, which names the type that cannot be sent and the
/// fix. Instances are then found by their types, so the type parameters of a function
/// with `instantiate` are `'static` for its `par`.
///
/// A method with type parameters, or of a type with type parameters, lists its instances
/// too. The parameters of the `impl` precede its own:
///
/// ```
/// use joblib::parallel;
///
/// struct Scale<T>(T);
///
/// impl<T: Copy + Into<f64>> Scale<T> {
///     #[parallel(instantiate((f32, u8), (f64, u8)))]
///     fn scaled<U: Into<f64>>(&self, x: U) -> f64 {
///         self.0.into() * x.into()
///     }
/// }
///
/// assert_eq!(Scale(2.0).scaled_par([3_u8]).collect::<Vec<_>>(), [6.0]);
/// ```
///
/// A method of a type that borrows runs on threads only. So does a method that a macro
/// generates, if no source shows which type it belongs to.
///
/// # Options
///
/// * `shared(a, b)`: arguments that are passed once for all tasks.
/// * `instantiate(f32, f64)`: the types that a generic function runs with in
///   worker processes; for several parameters, tuples: `instantiate((f32, 3))`.
/// * `name = "…"`: the name of the function in messages about worker processes, instead
///   of its location. Names need not be unique.
/// * `crate = path`: the path of joblib, if it has another name.
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
pub use joblib_runtime::backend;
pub use joblib_runtime::init;
pub use joblib_runtime::parallel;
pub use joblib_runtime::parallel::{config, par};
#[cfg(feature = "rand")]
pub use joblib_runtime::parallel::{rng, try_rng};
pub use joblib_runtime::persist;
pub use joblib_runtime::persist::{
    Compress, Dump, Load, Persist, dump, hash, inspect, load, open, open_cow,
};
pub use joblib_runtime::wire::Shared;

#[doc(hidden)]
pub mod __private {
    pub use joblib_runtime::__private::*;
}

/// Compiles the example in README.md.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
