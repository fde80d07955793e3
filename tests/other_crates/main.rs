//! Types of other crates, each behind the feature with the name of its crate: as arguments
//! and results of memoized functions, and in files.

#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "rust_decimal")]
mod decimal;
#[cfg(feature = "image")]
mod image;
#[cfg(feature = "indexmap")]
mod indexmap;
#[cfg(feature = "jiff")]
mod jiff;
mod own;
#[cfg(feature = "petgraph")]
mod petgraph;
#[cfg(feature = "smallvec")]
mod smallvec;
#[cfg(feature = "uuid")]
mod uuid;

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Once;

use joblib::{Dump, Key, KeyHasher, Memory, Persist};
use tempfile::TempDir;

thread_local! {
    static COMPUTATIONS: Cell<usize> = const { Cell::new(0) };
}

/// Counts a computation.
fn computed() {
    COMPUTATIONS.set(COMPUTATIONS.get() + 1);
}

/// Returns how often `run` computes.
fn computations(run: impl FnOnce()) -> usize {
    let before = COMPUTATIONS.get();
    run();
    COMPUTATIONS.get() - before
}

static MEMORY: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/other_crates"));

/// Clears the cache once.
fn start() {
    static CLEARED: Once = Once::new();
    CLEARED.call_once(|| MEMORY.clear().unwrap());
}

/// Checks that functions of each value are computed once, and that the second call returns
/// what was stored.
macro_rules! memoized {
    ($($ty:ty: $($value:expr),+;)*) => {$({
        #[joblib::memoize(memory = MEMORY, memory_tier = false)]
        #[allow(clippy::ptr_arg, reason = "the argument has the type of the result")]
        fn same(value: &$ty) -> $ty {
            computed();
            value.clone()
        }
        use $crate::{MEMORY, computed};
        $crate::start();
        for value in [$($value),+] {
            let count = $crate::computations(|| {
                let first = format!("{:?}", same(&value));
                assert_eq!(first, format!("{value:?}"));
                assert_eq!(format!("{:?}", same(&value)), first);
                assert!(same::check(&value));
            });
            assert_eq!(count, 1, "{value:?}");
        }
    })*};
}
use memoized;

/// A temporary directory and the path of a file in it.
struct Place {
    _directory: TempDir,
    path: PathBuf,
}

impl Place {
    fn of(value: &impl joblib::persist::Save) -> Place {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("value.joblib");
        joblib::dump(value, &path).unwrap();
        Place {
            _directory: directory,
            path,
        }
    }
}

/// Writes a value and reads it back. The result is written as the same bytes.
#[track_caller]
fn there_and_back<T: Persist>(value: &T) -> T {
    let place = Place::of(value);
    let back: T = joblib::load(&place.path).unwrap();
    assert!(dumped(&back) == dumped(value), "one encoding");
    joblib::open::<T>(&place.path).unwrap().verify().unwrap();
    back
}

fn dumped(value: &impl joblib::persist::Save) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, value).unwrap();
    bytes
}

/// Writes a value and reads it as another type; mapping succeeds or fails alike.
#[track_caller]
fn as_another<T: Persist>(value: &impl joblib::persist::Save) -> Result<T, String> {
    let place = Place::of(value);
    let loaded = joblib::load(&place.path).map_err(|error| error.to_string());
    let mapped = joblib::open::<T>(&place.path);
    assert_eq!(loaded.is_ok(), mapped.is_ok(), "loaded and mapped alike");
    joblib::inspect(&place.path).unwrap();
    loaded
}

/// Asserts that a file with this value is refused as a `T`, with a message that contains
/// `part`.
#[track_caller]
fn refused<T: Persist>(value: &impl joblib::persist::Save, part: &str) {
    let message = as_another::<T>(value).map(drop).unwrap_err();
    assert!(message.contains(part), "{part:?} is not in {message:?}");
}

/// Returns the type in a file, as `inspect` prints it.
fn inspected(value: &impl joblib::persist::Save) -> String {
    joblib::inspect(Place::of(value).path).unwrap().what
}

fn key<T: Key + ?Sized>(value: &T) -> u128 {
    let mut hasher = KeyHasher::new();
    T::feed_type(&mut hasher);
    value.feed(&mut hasher);
    assert!(hasher.failure().is_none());
    hasher.finish()
}

/// Compares keys, and the contents of files, with golden values. Reports every difference in
/// the form in which the golden values are written.
macro_rules! golden {
    ($($value:expr => $key:literal, $file:literal;)*) => {
        let mut wrong = String::new();
        $({
            let value = $value;
            let file = joblib::hash(&value).to_string();
            if ($crate::key(&value), &*file) != ($key, $file) {
                let key = $crate::key(&value);
                wrong += &format!("        {} => {key:#034x}, {file:?};\n", stringify!($value));
            }
        })*
        assert!(wrong.is_empty(), "these changed:\n{wrong}");
    };
}
use golden;

/// Defines `Forged`, whose files contain any value of the type that the type `$name` is
/// stored as.
macro_rules! forged {
    ($name:literal of $stored:ty) => {
        struct Forged($stored);

        impl joblib::persist::PersistAs for Forged {
            type Stored = $stored;
            const NAME: &'static str = $name;

            fn to_stored(&self) -> $stored {
                self.0.clone()
            }

            fn from_stored(
                stored: $stored,
            ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Forged(stored))
            }
        }

        joblib::persist_as!(Forged);
    };
}
use forged;
