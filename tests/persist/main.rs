//! `#[derive(Persist)]`, from the attribute to the file and back.

#[cfg(feature = "ndarray")]
mod arrays;
mod boxes;
mod compressed;
mod element_conversion;
mod golden;
mod key_order;
mod keys_and_options;
#[cfg(any(feature = "nalgebra034", feature = "ndarray016"))]
mod lines;
mod map;
#[cfg(feature = "nalgebra")]
mod matrices;
mod mismatches;
#[cfg(any(feature = "half", feature = "num-complex"))]
mod numbers;
mod read_back;
mod records;
mod remote;
mod rows;
mod serde_fields;
#[cfg(feature = "sprs")]
mod sparse;
mod std_types;
mod system_tools;
mod type_changes;
mod types;
mod view_debug;

use std::path::PathBuf;

use joblib::Persist;
use tempfile::TempDir;

/// A temporary directory and the path of a file in it.
struct Place {
    directory: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Place {
        Place::called("value.joblib")
    }

    fn called(name: &str) -> Place {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        Place { directory, path }
    }

    /// Returns the number of files in the directory.
    fn files(&self) -> usize {
        std::fs::read_dir(self.directory.path()).unwrap().count()
    }
}

#[track_caller]
fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in {text:?}");
}

/// Writes one value and reads it as another type; mapping must succeed or fail alike.
#[track_caller]
fn as_another<T: Persist, U: Persist>(value: &T) -> Result<U, String> {
    let place = Place::new();
    joblib::dump(value, &place.path).unwrap();
    let loaded = joblib::load(&place.path).map_err(|error| error.to_string());
    let mapped = joblib::open::<U>(&place.path);
    assert_eq!(loaded.is_ok(), mapped.is_ok(), "loaded and mapped alike");
    loaded
}

/// Writes a value, reads it back, and asserts that the result is written as the same
/// bytes.
#[track_caller]
fn there_and_back<T: Persist>(value: &T) -> T {
    let place = Place::new();
    joblib::dump(value, &place.path).unwrap();
    let back: T = joblib::load(&place.path).unwrap();
    let again = Place::new();
    joblib::dump(&back, &again.path).unwrap();
    let bytes = |path| std::fs::read(path).unwrap();
    assert_eq!(bytes(&place.path), bytes(&again.path), "one encoding");
    assert_eq!(joblib::hash(value), joblib::hash(&back));
    joblib::inspect(&place.path).unwrap();
    back
}
