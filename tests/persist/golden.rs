//! Golden files of versions 1 to 5: files of every version are read forever, and the same
//! bytes are written again, except for serde values, maps and sets of numbers and
//! strings, and std types that version 1 has no name for.

mod values;

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};

use joblib::Persist;

use self::values::{Visit, all};

/// The hashes of the values.
const HASHES: &[(&str, &str)] = &[
    ("unit", "c767adf3a5eea7868c996960f9ca9c2a"),
    ("numbers", "544ea5074b7748a318dd705434a68e86"),
    ("texts", "87c27be35888bcc3dcdd42efb4e23ee6"),
    ("collections", "5b9904c891d3d6b12227a1936d06cfc1"),
    ("short_arrays", "f193849a7ed9f66f8696f286e0a48e98"),
    ("long_arrays", "43403f314c9702f76ed43faacd519847"),
    ("paged_array", "e29ad19099ca4483ca53cd4babf3e61e"),
    ("model", "4b1b378b762f01a9e68ac41b806b9304"),
    ("time", "b70ad32f2ba451aea00dfe4451de54e5"),
    ("serde", "7e9502d8e5bfa83e0c94e4f98d97c0f5"),
    ("described", "3e31be0c947185f995968b7e91f8f6bd"),
    ("packed", "ae23598f260bcdc6b4b75171a43c2adb"),
    ("ordered", "db1aa3580900d6182c2f4de17cabaf8c"),
    ("rows", "4c7bdfe8257517027fe7f8463105283c"),
    ("structs", "98f1fe2313c70b217269112ccb2fdf7a"),
    ("apart", "4bc523a1f98f7817f9d2385d630761c4"),
    ("standard", "9c4a1651dd8260cfc5eaf6a53adb5166"),
    ("unnamed", "354b717fe9a07be1f0d7093a822757ba"),
    ("grids", "40fd741475b5f039563facb5efaee40f"),
];

/// The file in which fields of a serde value have no names; this form is only read.
const BY_PLACES: &str = "serde";

/// The file in which maps and sets are sorted by the encoding of their keys.
const BY_ENCODINGS: &str = "collections";

/// The files with times, in which the std types have no name.
const WITHOUT_NAMES: [&str; 2] = ["model", "time"];

fn golden(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/persist/golden");
    directory.join(name).with_extension("joblib")
}

/// Runs a check for each value.
struct Each<F>(F);

/// A check of a value: that it is written, read, mapped, read as another type, or hashed.
trait Check {
    fn check<T: Persist, Other: Persist>(name: &'static str, value: &T);
}

impl<C: Check> Visit for Each<C> {
    type Error = Infallible;

    fn visit<T: Persist, Other: Persist>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Infallible> {
        C::check::<T, Other>(name, value);
        Ok(())
    }
}

fn each<C: Check>(check: C) {
    let mut each = Each(check);
    let Ok(()) = all(&mut each);
    #[cfg(feature = "ndarray")]
    grids(&mut each);
}

/// An array whose number of dimensions is static, and one whose number is dynamic and
/// that is stored in column-major order.
#[cfg(feature = "ndarray")]
fn grids(each: &mut impl Visit<Error = Infallible>) {
    use ndarray::{Array, Array2, ArrayD, IxDyn, ShapeBuilder};
    type Grids = (Array2<f64>, ArrayD<f32>);
    type Wider = (ArrayD<f64>, Array<f64, ndarray::Ix3>);
    let fixed = Array2::from_shape_fn((20, 30), |(row, column)| (row * 30 + column) as f64);
    let shape = IxDyn(&[2, 3, 4]).f();
    let any = ArrayD::from_shape_fn(shape, |at| (at[0] * 12 + at[1] * 4 + at[2]) as f32);
    let Ok(()) = each.visit::<Grids, Wider>("grids", &(fixed, any));
}

#[test]
fn values_are_written_as_their_golden_files() {
    struct Written;
    impl Check for Written {
        fn check<T: Persist, Other: Persist>(name: &'static str, value: &T) {
            let is_older = [BY_PLACES, BY_ENCODINGS].contains(&name);
            if is_older || WITHOUT_NAMES.contains(&name) {
                return;
            }
            let mut bytes = Vec::new();
            joblib::Dump::new().write(&mut bytes, value).unwrap();
            assert!(fs::read(golden(name)).unwrap() == bytes, "{name}");
        }
    }
    each(Written);
}

#[test]
fn golden_files_are_loaded() {
    struct Loaded;
    impl Check for Loaded {
        fn check<T: Persist, Other: Persist>(name: &'static str, value: &T) {
            let back: T = joblib::load(golden(name)).unwrap();
            assert_eq!(joblib::hash(&back), joblib::hash(value), "{name}");
        }
    }
    each(Loaded);
}

#[test]
fn golden_files_are_mapped_and_whole() {
    struct Mapped;
    impl Check for Mapped {
        fn check<T: Persist, Other: Persist>(name: &'static str, _: &T) {
            match joblib::open::<T>(golden(name)) {
                Ok(mapped) => mapped.verify().unwrap(),
                Err(error) => assert_eq!(name, "packed", "{error}"),
            }
        }
    }
    each(Mapped);
}

#[test]
fn golden_files_are_read_as_other_types() {
    struct Other;
    impl Check for Other {
        fn check<T: Persist, U: Persist>(name: &'static str, _: &T) {
            if let Err(error) = joblib::load::<U>(golden(name)) {
                panic!("{name}: {error}");
            }
        }
    }
    each(Other);
}

#[test]
fn golden_files_are_inspected() {
    struct Inspected;
    impl Check for Inspected {
        fn check<T: Persist, Other: Persist>(name: &'static str, _: &T) {
            let inspection = joblib::inspect(golden(name)).unwrap();
            let version = match name {
                "described" => 2,
                "ordered" => 3,
                "structs" => 4,
                "standard" => 5,
                _ => 1,
            };
            assert_eq!(inspection.version, version, "{name}");
        }
    }
    each(Inspected);
}

#[test]
fn hashes_do_not_change() {
    struct Hashed;
    impl Check for Hashed {
        fn check<T: Persist, Other: Persist>(name: &'static str, value: &T) {
            let hash = joblib::hash(value).to_string();
            let was = HASHES.iter().find(|(it, _)| *it == name);
            assert_eq!(was.map(|(_, was)| *was), Some(&*hash), "{name}");
        }
    }
    each(Hashed);
}

/// A type of another name reads the file through `From`.
#[test]
fn serde_values_without_field_names_are_read_only_as_the_type_of_that_name() {
    mod elsewhere {
        #[derive(serde::Serialize, serde::Deserialize)]
        pub(super) struct Foreign {
            pub(super) name: String,
            pub(super) numbers: Vec<u32>,
        }
    }
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Renamed {
        numbers: Vec<u32>,
        name: String,
    }
    #[derive(Persist)]
    struct Moved {
        #[persist(serde)]
        foreign: elsewhere::Foreign,
    }
    #[derive(Persist)]
    #[persist(from = Moved)]
    struct Goes {
        #[persist(serde)]
        foreign: Renamed,
    }
    #[derive(Persist)]
    #[allow(dead_code)]
    struct Stays {
        #[persist(serde)]
        foreign: Renamed,
    }
    impl From<Moved> for Goes {
        fn from(Moved { foreign }: Moved) -> Goes {
            let (name, numbers) = (foreign.name, foreign.numbers);
            let foreign = Renamed { numbers, name };
            Goes { foreign }
        }
    }
    let file = golden(BY_PLACES);
    let moved: Moved = joblib::load(&file).unwrap();
    assert_eq!(moved.foreign.numbers, [1, 1 << 20]);
    let goes: Goes = joblib::load(&file).unwrap();
    assert_eq!(goes.foreign.name, "foreign");
    let message = joblib::load::<Stays>(&file).err().unwrap().to_string();
    for part in [
        "field `foreign`: the file has the serde type `Foreign`",
        "the serde type `Renamed` was expected",
        "`#[persist(from = …)]`",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
}
