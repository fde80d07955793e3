//! Options of `#[persist(..)]` together with the serde options of the same meaning.

use std::collections::HashMap;

use joblib::{Key, Persist};
use serde::{Deserialize, Serialize};

use crate::{check, persisted};

/// Implements none of the traits.
#[derive(Default)]
struct Nothing;

#[derive(Persist, Key, Serialize, Deserialize)]
struct SkipsOne<T> {
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    a: Option<T>,
    b: u8,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct SkipsReference<'a> {
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    a: Option<&'a str>,
    b: Vec<f64>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct SkipsAll<'a, T> {
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    a: Option<&'a T>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct SkipsUnnamed<T>(
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    Vec<T>,
    Vec<u8>,
);

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "")]
enum SkipsInVariants<'a, T, U: Default> {
    A {
        #[persist(skip)]
        #[key(skip)]
        #[serde(skip)]
        a: Option<&'a T>,
        b: Vec<u8>,
    },
    B(
        #[persist(skip)]
        #[key(skip)]
        #[serde(skip)]
        U,
        u8,
    ),
    C,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct SkipsParameter<T> {
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    a: T,
    b: Vec<u8>,
}

fn seven() -> u8 {
    7
}

trait Made {
    fn made() -> Self;
}

impl Made for u8 {
    fn made() -> u8 {
        8
    }
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Made + Deserialize<'de>"))]
struct Defaults<T: Made> {
    #[persist(default)]
    #[serde(default)]
    a: Vec<u8>,
    #[persist(default = seven)]
    #[serde(default = "seven")]
    b: u8,
    #[persist(default = "seven")]
    #[serde(default = "seven")]
    c: u8,
    #[persist(default = <T as Made>::made)]
    #[serde(default = "<T as Made>::made")]
    d: T,
    #[persist(default = Vec::<T>::new)]
    #[serde(default = "Vec::<T>::new")]
    e: Vec<T>,
    #[persist(default = T::made)]
    #[serde(default = "T::made")]
    f: T,
    #[persist(skip, default = Self::nine)]
    #[key(skip)]
    #[serde(skip, default = "Defaults::<T>::nine")]
    g: u8,
}

impl<T: Made> Defaults<T> {
    fn nine() -> u8 {
        9
    }
}

#[derive(Default, Persist, Key, Serialize, Deserialize)]
struct DefaultsOfParameters<T> {
    #[persist(default)]
    #[serde(default)]
    a: T,
    #[persist(default)]
    #[serde(default)]
    b: HashMap<String, T>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(default)]
#[serde(default)]
struct DefaultAsAWhole {
    a: u8,
    b: Vec<u8>,
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    c: u8,
}

impl Default for DefaultAsAWhole {
    fn default() -> Self {
        DefaultAsAWhole {
            a: 1,
            b: vec![2],
            c: 3,
        }
    }
}

#[derive(Default, Persist, Key, Serialize, Deserialize)]
#[persist(default)]
#[serde(default, bound(deserialize = "T: Default + Deserialize<'de>"))]
struct GenericDefault<T> {
    a: T,
    b: Vec<T>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(default = whole)]
#[serde(default = "whole")]
struct DefaultByFunction(u8, Vec<u8>);

fn whole() -> DefaultByFunction {
    DefaultByFunction(1, vec![2])
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Renamed {
    #[persist(rename = "other")]
    #[serde(rename = "other")]
    a: u8,
    #[persist(rename = "with spaces", alias = "old")]
    #[serde(rename = "with spaces", alias = "old")]
    b: Vec<u8>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum RenamedVariants {
    #[persist(rename = "b")]
    #[serde(rename = "b")]
    A(Vec<u8>),
    #[persist(rename = "a", alias = "c", alias = "d")]
    #[serde(rename = "a", alias = "c", alias = "d")]
    B,
}

#[derive(Persist, Serialize, Deserialize)]
enum SkippedVariants {
    A(Vec<u8>),
    #[persist(skip)]
    #[serde(skip)]
    B(Nothing, fn() -> u8),
    C {
        a: u8,
    },
    #[persist(skip)]
    #[serde(skip)]
    D,
}

#[derive(Persist, Serialize, Deserialize)]
#[serde(bound = "")]
enum SkippedGeneric<T> {
    A(Vec<u8>),
    #[persist(skip)]
    #[serde(skip)]
    B(T),
}

#[derive(Persist, Serialize)]
enum AllSkipped {
    #[persist(skip)]
    #[serde(skip)]
    #[allow(dead_code)]
    A,
    #[persist(skip)]
    #[serde(skip)]
    B(Nothing),
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(transparent)]
#[serde(transparent)]
struct Meters(f64);

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(transparent)]
#[serde(transparent)]
struct Texts {
    texts: Vec<String>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(transparent)]
#[serde(transparent, bound = "")]
struct Tagged<T> {
    a: Vec<u8>,
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    b: std::marker::PhantomData<T>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(transparent)]
#[serde(transparent)]
struct Through<T>(T);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Described<T> {
    #[persist(serde)]
    a: Vec<T>,
    #[persist(serde)]
    b: HashMap<String, Option<T>>,
    #[persist(serde, default)]
    #[serde(default)]
    c: String,
    d: u8,
}

mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{number:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        let text = String::deserialize(from)?;
        u64::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct With {
    #[persist(with = hexadecimal)]
    #[serde(with = "hexadecimal")]
    a: u64,
    #[persist(with = "hexadecimal")]
    #[serde(with = "self::hexadecimal")]
    b: u64,
    c: Vec<u8>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Compressed {
    #[persist(compress = "none")]
    a: Vec<u8>,
    #[persist(compress = "none", default, rename = "b2")]
    #[serde(default, rename = "b2")]
    b: Vec<u8>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(from = Renamed, from = Compressed)]
struct Newest {
    all: Vec<u8>,
}

impl From<Renamed> for Newest {
    fn from(old: Renamed) -> Self {
        Newest { all: old.b }
    }
}

impl From<Compressed> for Newest {
    fn from(old: Compressed) -> Self {
        Newest { all: old.a }
    }
}

#[derive(Persist, Serialize)]
#[persist(write_only)]
struct Written<'a, T> {
    a: &'a [T],
    b: &'a str,
    c: Option<&'a T>,
    d: (&'a u8, Vec<&'a str>),
    #[persist(serde)]
    e: &'a str,
}

#[derive(Persist, Serialize)]
#[persist(write_only)]
enum WrittenEnum<'a, T: ?Sized> {
    A(&'a T),
    B { a: &'a [u8] },
}

#[derive(Persist, Serialize)]
#[persist(write_only)]
struct Tail<T: ?Sized> {
    a: u8,
    b: T,
}

type Text = str;

#[derive(Persist, Serialize)]
#[persist(write_only)]
struct TailOfText {
    a: u8,
    b: Text,
}

#[derive(Persist, Serialize)]
#[persist(write_only)]
struct WrittenNumbers<T> {
    a: u8,
    b: [T; 3],
}

#[derive(Persist, Serialize)]
#[persist(write_only, transparent)]
struct WrittenNumber<'a, T> {
    a: f64,
    #[persist(skip)]
    b: std::marker::PhantomData<&'a T>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(view = Seen)]
struct Viewed {
    a: Vec<u8>,
}

#[test]
fn skipped_parameters_need_no_bounds() {
    persisted(&SkipsOne {
        a: Some(Nothing),
        b: 1,
    });
    let text = "a".to_owned();
    persisted(&SkipsReference {
        a: Some(&text),
        b: vec![1.0],
    });
    persisted(&SkipsAll { a: Some(&Nothing) });
    persisted(&SkipsUnnamed(vec![Nothing], vec![1]));
    persisted(&[
        SkipsInVariants::A {
            a: Some(&Nothing),
            b: vec![1],
        },
        SkipsInVariants::B(Nothing, 1),
        SkipsInVariants::C,
    ]);
    persisted(&SkipsParameter {
        a: Nothing,
        b: vec![1],
    });
}

#[test]
fn defaults_of_every_kind_are_used() {
    let defaults = Defaults::<u8> {
        a: vec![1],
        b: 2,
        c: 3,
        d: 4,
        e: vec![5],
        f: 6,
        g: 0,
    };
    assert_eq!(persisted(&defaults).g, 9);
    let whole = DefaultAsAWhole {
        a: 4,
        b: vec![5],
        c: 6,
    };
    let back = persisted(&whole);
    assert_eq!((back.a, back.b, back.c), (4, vec![5], 3));
    check((
        DefaultsOfParameters {
            a: 1,
            b: HashMap::new(),
        },
        GenericDefault { a: 1, b: vec![2] },
        DefaultByFunction(3, vec![4]),
    ));
}

#[test]
fn missing_fields_come_from_a_default() {
    #[derive(Persist)]
    struct Older {
        b: u8,
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("older");
    joblib::dump(&Older { b: 3 }, &path).unwrap();
    #[derive(Persist)]
    #[persist(default)]
    struct Newer {
        a: Vec<u8>,
        b: u8,
        #[persist(default = seven)]
        c: u8,
        #[persist(skip)]
        d: u8,
    }
    impl Default for Newer {
        fn default() -> Self {
            Newer {
                a: vec![9; 2000],
                b: 1,
                c: 1,
                d: 5,
            }
        }
    }
    let newer: Newer = joblib::load(&path).unwrap();
    assert_eq!(
        (newer.a, newer.b, newer.c, newer.d),
        (vec![9; 2000], 3, 7, 5)
    );
    let file = joblib::open::<Newer>(&path).unwrap();
    assert_eq!((file.view().a[1999], file.view().b), (9, 3));
}

#[test]
fn names_in_files_come_back() {
    check((
        Renamed { a: 1, b: vec![2] },
        [RenamedVariants::A(vec![1]), RenamedVariants::B],
        Described {
            a: vec![1],
            b: [("b".to_owned(), None)].into(),
            c: "c".to_owned(),
            d: 4,
        },
        With {
            a: 1,
            b: 2,
            c: vec![3],
        },
        Compressed {
            a: vec![1],
            b: vec![2],
        },
        Newest { all: vec![1] },
        Viewed { a: vec![1] },
    ));
    let _: Option<Seen<'_>> = None;
}

#[test]
fn writing_a_skipped_variant_is_an_error() {
    persisted(&[SkippedVariants::A(vec![1]), SkippedVariants::C { a: 1 }]);
    persisted(&SkippedGeneric::<Nothing>::A(vec![1]));
    persisted(&None::<AllSkipped>);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("value");
    joblib::dump(&1_u8, &path).unwrap();
    let skipped = [
        joblib::dump(&SkippedVariants::B(Nothing, seven), &path),
        joblib::dump(&SkippedVariants::D, &path),
        joblib::dump(&SkippedGeneric::B(Nothing), &path),
        joblib::dump(&AllSkipped::B(Nothing), &path),
    ];
    for (error, name) in skipped.into_iter().zip(["B", "D", "B", "B"]) {
        let message = error.unwrap_err().to_string();
        assert!(message.contains(&format!("::{name}`")), "{message}");
    }
    assert_eq!(joblib::load::<u8>(&path).unwrap(), 1);
}

#[test]
fn variants_after_skipped_ones_are_known_by_name() {
    #[derive(Debug, PartialEq, Persist)]
    enum All {
        C { a: u8 },
        A(Vec<u8>),
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("value");
    joblib::dump(&SkippedVariants::C { a: 4 }, &path).unwrap();
    assert_eq!(joblib::load::<All>(&path).unwrap(), All::C { a: 4 });
    joblib::dump(&All::A(vec![1]), &path).unwrap();
    let back = joblib::load::<SkippedVariants>(&path).unwrap();
    assert!(matches!(back, SkippedVariants::A(items) if items == [1]));
}

#[test]
fn transparent_types_are_written_as_their_field() {
    check((
        Meters(1.5),
        Texts {
            texts: vec!["t".to_owned()],
        },
        Tagged::<u8> {
            a: vec![1],
            b: std::marker::PhantomData,
        },
        Through(Through(vec![Meters(1.0)])),
        vec![Meters(1.0), Meters(2.0)],
        [Through(Meters(1.0)), Through(Meters(2.0))],
    ));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("value");
    let many: Vec<Meters> = (0..1000).map(|it| Meters(f64::from(it))).collect();
    joblib::dump(&many, &path).unwrap();
    let numbers: Vec<f64> = joblib::load(&path).unwrap();
    assert!(
        numbers
            .iter()
            .zip(&many)
            .all(|(number, meters)| *number == meters.0)
    );
    let mapped = joblib::open::<Vec<Meters>>(&path).unwrap();
    let seen: &[f64] = mapped.view();
    assert_eq!(seen[999], 999.0);
    joblib::dump(&numbers, &path).unwrap();
    let back: Vec<Through<Meters>> = joblib::load(&path).unwrap();
    assert_eq!((back.len(), back[999].0.0), (1000, 999.0));
}

#[test]
fn a_write_only_type_is_read_as_the_owning_type() {
    let written = Written {
        a: &[1_u8, 2],
        b: "b",
        c: Some(&3),
        d: (&4, vec!["d"]),
        e: "e",
    };
    #[derive(Persist)]
    struct Read {
        a: Vec<u8>,
        b: String,
        c: Option<u8>,
        d: (u8, Vec<String>),
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("value");
    joblib::dump(&written, &path).unwrap();
    let read: Read = joblib::load(&path).unwrap();
    assert_eq!(
        (read.a, read.b, read.c),
        (vec![1, 2], "b".to_owned(), Some(3))
    );
    assert_eq!(read.d, (4, vec!["d".to_owned()]));
    joblib::dump(&WrittenEnum::A("a"), &path).unwrap();
    let written: WrittenEnum<'_, str> = WrittenEnum::B { a: &[1] };
    joblib::dump(&written, &path).unwrap();
    let tail: &Tail<[u8]> = &Tail { a: 1, b: [1, 2] };
    joblib::dump(tail, &path).unwrap();
}
