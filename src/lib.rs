//! Memoization that survives the process and is never stale, the same
//! functions over threads and worker processes, and values in files that are
//! read back or mapped.
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
//! Edit `simulate`, or anything it can reach, and it computes again; undo the
//! edit, and the old results answer.
//!
//! # Which part to use
//!
//! * [`memoize`](macro@memoize) for a function whose results are worth keeping.
//! * [`Memory`] where several functions share a directory, or it has limits;
//!   [`Memory::cached`] for a closure that is not worth a function.
//! * [`Key`](derive@Key) for your own types as arguments; types that have
//!   `serde::Serialize` need nothing.
//! * [`FileContents`] for a file whose contents decide the result.
//! * [`track`](macro@track) for a plain function in another crate that a
//!   memoized function is to `depend` on.
//! * [`parallel`](macro@parallel) for a function that is called for many inputs;
//!   [`par()`] for a closure, and [`task!`] for one in worker processes.
//! * [`Persist`](derive@Persist) for a type whose values go to files: [`dump`]
//!   writes, [`load`] reads, [`open`] maps what is large, [`inspect`] tells what
//!   is there, and [`hash`](hash()) compares contents.
//! * [`config()`] for defaults of many parallel calls.
//! * [`main`](macro@main) where worker processes are used.
//!
//! # What is promised
//!
//! A call returns the function's value whatever happens to the cache: a full
//! disk, a damaged file or a directory of somebody else's costs one warning on
//! standard error. A hit is a value that was computed for these arguments by
//! this source, bit for bit. Nothing waits for ever, and a process that is
//! killed loses no finished result.
//!
//! What a parallel call gives equals what a plain loop gives, whatever the
//! backend and the number of workers. A worker that is lost costs the task it
//! held and no other.
//!
//! `JOBLIB_RS_CACHE_DIR` names the directory of functions that name none, and
//! `JOBLIB_RS_VERBOSE=1` tells why each result is computed.
//! `JOBLIB_RS_AUDIT=1%` computes that share of the hits again and tells where
//! the result is another ([`Memory::audit`]). `JOBLIB_RS_N_JOBS`,
//! `JOBLIB_RS_BACKEND` and `JOBLIB_RS_STACK_SIZE` are for parallel calls that do not
//! say.

/// Keeps the results of a function, on disk and in memory.
///
/// The function is called as before. Beside it stands a type of its name with the
/// rest, which `use` brings along:
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
/// A method `slow` of an `impl` has the same through `Self::slow_memo()`, whose
/// methods take the receiver first; of an `async` one, those that compute give a
/// future. A method of a trait is memoized without more.
///
/// # Names that are taken
///
/// A function may have the name of a crate, a module, an import or a type. Where the
/// sources of its crate show that the type beside it would be in the way of such, in
/// its module or in another one that imports it, that type is called `slow_memo`, and
/// so it is named in `depends` and imported:
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
/// A crate that only the body of its function names is no reason for that: the name
/// means the crate there, and `slow::check` is what it is elsewhere. Where another
/// crate imports the function and means a crate by its name, it writes `::slow::go`, or
/// `use that::slow as other`. What a macro brings into a module may not be seen: if the
/// compiler then says that the name is defined twice, give the function another.
///
/// A function that a procedural macro writes, without `self` and without `Self`, counts
/// as free unless the item below the macro shows otherwise or the package only calls it
/// by a type, as in `Type::slow(…)`. If the compiler says that a struct is not supported
/// in an `impl`, have the macro write `Self` somewhere in the function.
///
/// # Options
///
/// * `dir = "…"`: the directory, relative to the working directory at the first
///   call; or `memory = PATH`: a `static` of type [`Memory`]. Without either, the
///   user's ([`Memory::user`]).
/// * `ignore(a, b)`: arguments left out of the key.
/// * `key(a = expr)`: what stands for an argument in the key. Numbers and
///   references are there by value, other arguments by reference.
/// * `version = n`: a number of yours that is part of the key of this function
///   and of the fingerprints of those that call it.
/// * `scope = "reach"`, `"function"`, `"crate"` or `"binary"`: how much source
///   counts; with `"binary"`, what `"reach"` has and the running executable with
///   the libraries loaded at the first call, so that each build computes anew.
///   `FINGERPRINT` stays that of the source, and functions that call this one or
///   name it in `depends` say so themselves.
/// * `depends(path, …)`: further memoized or tracked functions whose fingerprints
///   count, in other crates too.
/// * `pin = "hex"`: a compile error where the fingerprint is another.
/// * `name = "…"`: a name of its own, so that a move or a new name keeps results.
/// * `expires = "7d"`, `validate = path`: which stored results still answer;
///   `validate` is a `fn(&Entry) -> bool`.
/// * `cache_if = path`: a `fn(&R) -> bool` that says which results to store. Of a
///   `Result`, only an `Ok` is stored unless this is given.
/// * `compress = "zstd:3"`: results stored compressed, from level 1 to 22.
/// * `mmap`: large results read through a map of their file. Arrays that are a
///   [`Shared`] stay in it: a hit takes as long as verifying them.
/// * `memory_tier = "64MiB"` or `false`: how much memory of this process keeps
///   results of this function. By default it shares 256 MiB with the others of
///   its directory.
/// * `crate = path`: where joblib is, if under another name.
///
/// # Types that count
///
/// What a caller chooses of types counts, also where no argument shows it, and so
/// does what the `impl` or trait around a method is generic over. A type that is
/// bound by `Key` counts by that. Any other counts by what the compiler calls it,
/// which stays as it is while the source is edited, but is something else for
/// another compiler, profile or version of the package: that costs hits.
///
/// A closure or a function that is handed over counts by its type and by the
/// running executable, which alone says what it does: its results answer until
/// the program is built anew. What a closure captures is left out, as `ignore`
/// says. `key(f = "…")` names what stands for it, and then neither counts:
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
/// The same holds for a function that a macro makes inside another function, in
/// which only the executable tells it from others. A macro may make methods of an
/// `impl` or a trait; where the annotation cannot tell what they stand in, they
/// have no handle.
///
/// # What the function must uphold
///
/// Its result must follow from its arguments and its source. Files, clocks,
/// random numbers and the environment read while it runs are not seen; usual
/// calls of that kind give a warning, which `#[allow(deprecated)]` on the function
/// silences. Nor is the code behind a trait object or a type parameter that a
/// crate further up provides. Arguments need [`Key`](trait@Key) or
/// `serde::Serialize`, and what serde leaves out does not count; the result needs
/// `Persist`, or serde's `Serialize` and `Deserialize`. [`Memory::audit`] computes a
/// share of the hits again and finds what decides over results unseen.
///
/// # What a hit gives
///
/// The value that was computed, bit for bit. To be sure of it, a result is read
/// back when it is stored: the first of its type, the first that has a variant,
/// a value in an option or an element in a collection where none had one before,
/// and now and then.
///
/// * A result that cannot be read back in compact form, such as a
///   `serde_json::Value`, an untagged or internally tagged enum, or a type with
///   `flatten` or `skip_serializing_if`, is stored with a description of itself,
///   which takes more room and time.
/// * One that comes back as another value is not stored: every call computes it.
///   That is seen in what its `Serialize` or `Persist` writes, and where the type
///   has `PartialEq`, in what they leave out too. A field that is skipped and not
///   compared is its default in a hit.
///
/// Either is one warning, with the function and what to do about it.
///
/// The order of a `HashMap` or `HashSet` is no part of a result, whatever its hasher:
/// return another collection where it counts. That of any other map, and of a
/// `BinaryHeap`, is. What means something in one process alone is no part of one
/// either: addresses, numbers of an interner, whether two `Rc`s are one.
///
/// # Panics
///
/// Where the function panics; nothing is stored then.
pub use joblib_macros::memoize;

/// Gives a plain function a fingerprint, for `depends(…)` of a memoized function
/// in another crate.
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
/// The type that carries `FINGERPRINT` has the name of the function, or where that is
/// taken (see [`memoize`](macro@memoize#names-that-are-taken)), `name_memo`.
///
/// `#[track(crate = path)]` says where joblib is, if under another name.
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
/// A field counts by its `Key`, or by its `serde::Serialize` where it has no
/// `Key`; type parameters of the fields are bound by `Key`, but for those that only a
/// `PhantomData` or a hasher names. `#[key(skip)]` leaves a field out. On the type,
/// `#[key(bound = "T: Key")]` says what is asked of the parameters instead, and
/// `#[key(crate = path)]` where joblib is.
///
/// Parameters count: one with `Key` as that says, and any other by its name and by the
/// compiler's number for it, which another build may have another of.
///
/// The type counts too: its package, module and name, its parameters, and the names
/// and written types of its variants and fields, in order. Renaming or moving it, or
/// changing them, changes its keys, so what was cached under them is computed
/// again; documentation, attributes and visibility can change freely.
///
/// A type inside a function may have a name that others there have too, so the
/// source of that function counts as well. One that a macro makes there has other
/// keys in each build: move it to a module to keep them.
pub use joblib_macros::Key;
pub use joblib_runtime::key::{FileContents, Key, KeyHasher};
pub use joblib_runtime::memo::{
    Entry, EntryKey, Error, Fingerprint, Limits, Memory, Reduced, Shelved, SourceItem, Stats,
    Verified, finish_audits,
};

/// Has values of a type written to files, read back and mapped.
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
/// joblib::dump(&model, &path)?; // in one piece, or not at all
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
/// Arrays of numbers, and of rows of numbers as in `Vec<[f32; 3]>`, lie in the file
/// as they lie in memory. Arrays of structs of nothing but numbers, rows and such
/// structs are one array too, whatever the compiler does with their layout, and are
/// read by the names of their fields. Everything else is small and encoded. The type of
/// the value is in the file too, so that loading it as another type is an error that
/// names the field.
///
/// Beside a struct or an enum `Model` stands a `ModelView` with the same fields as
/// they are in a map: arrays and texts are borrowed, the rest is read. It has
/// `Debug`, where a field without shows the name of its type; that of a generic type
/// has it if what stands for the parameters has it in a map. A type that borrows
/// nothing from a map shows itself, and `ModelView` is another name of it.
///
/// Of what several `Rc`s or `Arc`s share, a file has a copy for each of them. A `Weak` is in
/// it as nothing, and points to nothing when it is read.
///
/// `ModelView` is an item like any other: where the module has one of that name
/// already, and where one comes by a glob import, which it goes before,
/// `#[persist(view = Name)]` gives it another.
///
/// # Attributes
///
/// On a field:
///
/// * `default`, `default = path`: what stands for the field in files that lack it;
///   the path of a function, `<T as Trait>::make` too.
/// * `rename = "…"`, `alias = "…"`: what the field is called in files, and what
///   else it was called.
/// * `skip`: not written; read as its `Default`, or `default = path`.
/// * `serde`: written as its `serde::Serialize` says, arrays too, with the names of
///   its fields and variants: see [below](#what-serde-describes).
/// * `with = module`: the same by `module::serialize`, and read by
///   `module::deserialize`, as serde's attribute has it.
/// * `compress = "zstd:3"`: arrays of the field compressed, whatever the file is;
///   with `zstd`, `lz4`, `zlib`, `gzip`, `bz2` or `xz`, if the feature is on, at the
///   level after the colon or the usual one, or with `none`.
///
/// On a variant `rename`, `alias`, and `skip`: no file has it, none of its fields
/// needs `Persist`, and to write it is an error. On the type:
///
/// * `from = Old`: files of the type `Old` are read too and become this type by
///   its `From<Old>`.
/// * `default`, `default = path`: fields that a file lacks, and those with `skip`,
///   are those of the type's `Default`, or of what the function gives.
/// * `transparent`: a struct with one field that is written is in files as that
///   field, and many of it are as many of that: a `Vec<Meters>` an array of `f64`.
/// * `bound = "T: Trait, …"`: what is asked of the parameters, in place of what the
///   fields ask; `bound = ""` asks nothing. On a field it stands for what that asks.
/// * `view = Name`: what the type of the view is called.
/// * `write_only`: for a type that borrows, and can only be written.
/// * `crate = path`: where joblib is, if under another name.
///
/// Fields may change their order, be removed, and become wider numbers: `f32` is
/// read as `f64`, and an integer as one that all of its values fit. A value is read
/// as an `Option` of it, and as the only field of a struct without names, and such a
/// struct as its field. A `Vec<Vec<f32>>` whose parts are all as long is read as a
/// `Vec<[f32; 3]>` and the other way round. What does not fit is an error that names
/// the field, what the file has, and what was asked for.
///
/// Of the types of std, one is read as another where the value is the same, by itself
/// and in arrays, and nowhere else:
///
/// | | read as one another |
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
/// The last three have their names in files, and are read as no tuple or number
/// either. In files of version 4 and before they have none: there they are read as
/// the tuple or number that they were written as, and that as them.
///
/// # Parameters
///
/// A generic type has `Persist` where its fields have it. A field whose type consists
/// of parameters and types of std is asked as a whole, so that a hasher, a
/// `PhantomData<T>` or a `Box<T>` of a `T: ?Sized` ask no more than they need. Of any
/// other type, as of one that contains this type in turn, the parameters are asked for
/// `Persist`. Fields with `serde` are asked for serde's traits, those that are filled in
/// for `Default`, and a parameter that only fields with `skip` name for nothing.
/// `bound = "…"` says it where that is too much or too little. A field `[T; 0]`, in
/// so many words, asks nothing of `T` and is in files as nothing.
///
/// A field is the one of its own name in the file, or else the one that an alias
/// names; where aliases of one field name two, that is an error that names both.
///
/// # What serde describes
///
/// A field with `serde` or `with` is in the file with the names of its fields and
/// variants, and with the kind of each number. So its type may change as it may with
/// JSON, whatever it is called: fields change their order, are missing where serde
/// has a default for them and unknown where it ignores them, variants are inserted
/// and have aliases, numbers become wider, a value becomes an option. Everything
/// comes back that JSON gives back, as of `tag`, `untagged`, `flatten`,
/// `skip_serializing_if` and `serde_json::Value`, and more: bytes, every number by its
/// bits, keys of maps that are no text, an option in an option. A key that is an integer
/// or a `bool` is read as its text, and that as the key. A `Some(None)` is read as an
/// option in an option only: as an `Option<u8>` it is an error, and no `None`. Types
/// that have one form for people and another for machines (`is_human_readable`) are in
/// the latter, which is exact, and in the former only where the latter cannot be read
/// back: serde supposes it of what it buffers, as for `flatten`, `untagged` and `tag`.
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
/// Such a field is read back before the file takes its name: what could not be read
/// is an error of [`dump`] that names the field, and the old file stays.
/// [`Dump::read_back`] turns that off. It is nested 128 levels deep at most.
///
/// # Types of other crates
///
/// Each behind the feature that is called as the crate:
///
/// * `ndarray`: `Array`, `ArcArray` and `CowArray` of numbers, of any dimension.
///   The order of rows and columns is kept. In a map they are `ArrayView`s, or
///   `ArrayViewMut`s of [`open_cow`]. Views are written, from where they lie; one
///   with steps in the order of its indices, piece by piece.
/// * `nalgebra`: matrices and vectors of numbers, of static and dynamic size. In a
///   map they are matrix views. They and arrays of two dimensions are read as one
///   another; an array whose rows lie one after another is mapped as an array only.
/// * `sprs`: `CsMat` and `CsVec`, as three arrays and two. Their structure is
///   verified, also in a map, which is one look at their indices.
/// * `half`: `f16` and `bf16`; `num-complex`: `Complex<f32>` and `Complex<f64>`.
///   Both are numbers, alone and in arrays.
pub use joblib_macros::Persist;

/// Calls a function for each of many inputs, on threads or in worker processes.
///
/// The function is called as before. `par` under its name takes the inputs and
/// what all tasks share, and gives a call that has not begun:
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
/// The inputs are the argument of a function that has one, tuples for several,
/// and `()` for none. An argument that all tasks share follows the inputs; one
/// taken by value is cloned for each task. A method `area` of an `impl` becomes
/// `area_par`, whose receiver all tasks share. [`memoize`](macro@memoize) may stand
/// on the same function, before or after: the tasks are answered from the cache, and
/// both add to the same name. Where `square` means something else as a type (see
/// [`memoize`](macro@memoize#names-that-are-taken)), `square::par` is `square_par`.
///
/// # `async` functions
///
/// A task of an `async` function waits for its future: in threads of joblib's or in
/// worker processes, and never in the thread that calls, which the future may depend
/// on, but on `Sequential`. There is no runtime there, so what asks for that of the
/// caller panics. With the feature `tokio`, each of these threads has a runtime of
/// tokio of its own: timers and sockets that the task opens work, whatever runtime
/// the caller is in. What belongs to the caller's goes on only if that has other
/// threads, since the calling one waits for the tasks.
///
/// # In worker processes
///
/// A task sees the statics of a program that has just begun: what `main` set up is
/// not there, nor are its arguments, its logger and its panic hook.
/// [`Processes`](backend::Processes) says what a worker has of its parent.
///
/// A function of any types runs on threads. For `.backend(Processes)`, arguments
/// and result need [`Persist`](macro@Persist), or serde's `Serialize` and
/// `Deserialize`, and may not borrow, but for arguments like `&str`, `&[T]` and
/// `&T`, which the worker lends; what does not hold is an error where the backend
/// is named. What has both travels by its derived `Persist`, unless that leaves
/// out a field. What serde takes travels in compact form, and with a description of
/// itself where its type needs one: `serde_json::Value`, `untagged`, `tag`, `flatten`
/// and fields that are left out. A value may be nested 65,536 levels deep. A generic function lists what it is to run with:
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
/// Where the backend is chosen at run time, by name, by [`config()`] or by the
/// environment, what does not hold is an error at run time, which names what
/// stays and what to write. So that instances can be found by their types then,
/// the type parameters of a function with `instantiate` are `'static` for its
/// `par`.
///
/// A method with type parameters, or of a type with some, lists its instances
/// too, what the parameters of the `impl` are before its own:
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
/// A method of a type that borrows runs on threads only; so does one that a
/// macro made, where no source shows what it belongs to.
///
/// # Options
///
/// * `shared(a, b)`: arguments given once for all tasks.
/// * `instantiate(f32, f64)`: the types that a generic function runs with in
///   worker processes; of several parameters, tuples: `instantiate((f32, 3))`.
/// * `name = "…"`: the function's name in messages about worker processes, in place
///   of where it stands. Several may have the same.
/// * `crate = path`: where joblib is, if under another name.
pub use joblib_macros::parallel;

/// A closure that worker processes can run.
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
/// The argument has a type. What the closure takes from the function around it is
/// named before it, with its type and, if it is not the variable of that name, its
/// value. Captures are for all tasks; one taken by value is cloned for each.
/// Argument, captures and result need [`Persist`](macro@Persist), or serde's
/// `Serialize` and `Deserialize`, as those of a [`parallel`](macro@parallel)
/// function.
///
/// `task!(crate = path, …)` says where joblib is, if under another name.
pub use joblib_macros::task;

/// Lets worker processes take over before `main` begins.
///
/// ```
/// #[joblib::main]
/// fn main() -> Result<(), String> {
///     Ok(())
/// }
/// ```
///
/// It calls [`init`] first, which can stand there as well. `#[main(crate = path)]`
/// says where joblib is, if under another name.
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
