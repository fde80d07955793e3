//! The promises of `#[derive(Key)]`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Debug;
use std::marker::PhantomData;

use joblib::__private::key::{KeyError, of};
use joblib::{Key, KeyHasher};

#[derive(Key)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Key)]
struct Pair(u8, u8);

#[derive(Key)]
struct Unit;

#[derive(Key)]
enum Shape {
    Empty,
    Dot(Point),
    Line { from: Point, to: Point },
}

#[test]
fn every_field_counts() {
    let key = |x, y| of(&Point { x, y });
    assert_eq!(key(1.0, 2.0), key(1.0, 2.0));
    assert_ne!(key(1.0, 2.0), key(2.0, 1.0));
    assert_ne!(of(&Pair(1, 2)), of(&Pair(2, 1)));
}

#[test]
fn every_variant_counts() {
    let dot = |x, y| Point { x, y };
    let shapes = [
        Shape::Empty,
        Shape::Dot(dot(0.0, 0.0)),
        Shape::Dot(dot(0.0, 1.0)),
        Shape::Line {
            from: dot(0.0, 0.0),
            to: dot(0.0, 1.0),
        },
        Shape::Line {
            from: dot(0.0, 1.0),
            to: dot(0.0, 0.0),
        },
    ];
    let keys: HashSet<u128> = shapes.iter().map(of).collect();
    assert_eq!(keys.len(), shapes.len());
}

#[test]
fn types_of_equal_content_differ() {
    #[derive(Key)]
    struct Couple(u8, u8);
    mod elsewhere {
        #[derive(joblib::Key)]
        pub(super) struct Unit;
    }
    assert_ne!(of(&Pair(1, 2)), of(&Couple(1, 2)));
    assert_ne!(of(&Pair(1, 2)), of(&(1u8, 2u8)));
    assert_ne!(of(&Unit), of(&elsewhere::Unit));
    assert_ne!(of(&Unit), of(&()));
    assert_ne!(of::<[Point]>(&[]), of::<[Pair]>(&[]));
}

#[test]
fn a_skipped_field_does_not_count() {
    #[derive(Key)]
    struct Job<F> {
        seed: u64,
        #[key(skip)]
        report: F,
    }
    let job = |seed, report: fn()| of(&Job { seed, report });
    assert_eq!(job(1, || {}), job(1, || println!()));
    assert_ne!(job(1, || {}), job(2, || {}));
    let call = |job: &Job<fn()>| (job.report)();
    call(&Job {
        seed: 1,
        report: || {},
    });
}

trait Source {
    type Item;
}

struct Numbers;

impl Source for Numbers {
    type Item = u32;
}

#[derive(Key)]
struct Everything<'a, T: Copy + Debug, S: Source + ?Sized, U: ?Sized, const N: usize>
where
    T: PartialEq,
{
    borrowed: &'a [T],
    array: [T; N],
    item: S::Item,
    other: Option<<S as Source>::Item>,
    mark: PhantomData<T>,
    r#type: HashMap<String, T>,
    tail: U,
}

#[test]
fn parameters_of_every_kind_are_supported() {
    let key = |item| {
        of(&Everything::<i8, Numbers, u8, 2> {
            borrowed: &[1],
            array: [1, 2],
            item,
            other: None,
            mark: PhantomData,
            r#type: HashMap::from([("a".to_owned(), 3)]),
            tail: 0,
        })
    };
    assert_eq!(key(1), key(1));
    assert_ne!(key(1), key(2));
}

#[test]
fn parameters_count_where_no_value_shows_them() {
    #[derive(Key)]
    struct List<T, const N: usize> {
        items: Vec<T>,
    }
    #[derive(Key)]
    struct Skipped<T> {
        #[key(skip)]
        _item: Option<T>,
    }
    let small = List::<u8, 1> { items: Vec::new() };
    let large = List::<u16, 1> { items: Vec::new() };
    let other = List::<u8, 2> { items: Vec::new() };
    assert_ne!(of(&small), of(&large));
    assert_ne!(of(&small), of(&other));
    let cell = Skipped::<std::cell::Cell<u8>> { _item: None };
    assert_ne!(of(&cell), of(&Skipped::<u8> { _item: None }));
}

#[test]
fn an_unsized_tail_is_supported() {
    #[derive(Key)]
    struct Tailed<T: ?Sized> {
        head: u8,
        tail: T,
    }
    let sized = Tailed {
        head: 1,
        tail: [1u16, 2],
    };
    let tailed: &Tailed<[u16]> = &sized;
    assert_eq!(of(tailed), of(tailed));
    assert_ne!(of(tailed), of(&sized));
}

#[test]
fn recursive_types_terminate() {
    #[derive(Key)]
    struct Node<T> {
        value: T,
        next: Option<Box<Node<T>>>,
        children: BTreeMap<u8, Node<T>>,
    }
    let leaf = |value: u8| Node {
        value,
        next: None,
        children: BTreeMap::new(),
    };
    let beside = Node {
        next: Some(Box::new(leaf(2))),
        ..leaf(1)
    };
    let below = Node {
        children: BTreeMap::from([(0, leaf(2))]),
        ..leaf(1)
    };
    assert_ne!(of(&beside), of(&below));
    assert_ne!(of(&beside), of(&leaf(1)));
}

#[test]
fn a_type_without_values_is_supported() {
    #[derive(Key)]
    enum Never {}
    assert_ne!(of::<Option<Never>>(&None), of::<Option<Unit>>(&None));
}

#[derive(serde::Serialize)]
struct Described {
    level: u8,
}

struct Broken;

impl serde::Serialize for Broken {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it is broken"))
    }
}

#[test]
fn a_field_with_only_serialize_counts_by_its_serialization() {
    #[derive(Key)]
    struct Mixed<T> {
        described: Described,
        plain: T,
    }
    let key = |level| {
        of(&Mixed {
            described: Described { level },
            plain: 0,
        })
    };
    assert_eq!(key(1), key(1));
    assert_ne!(key(1), key(2));
}

#[test]
fn a_failing_serialize_yields_no_key() {
    #[derive(Key)]
    struct Holder {
        broken: Broken,
    }
    fn failure<T: Key>(value: T) -> Option<KeyError> {
        let mut hasher = KeyHasher::new();
        value.feed(&mut hasher);
        hasher.failure().cloned()
    }
    let reported = failure(Holder { broken: Broken }).unwrap();
    assert_eq!(reported.reason, "its `Serialize` failed: it is broken");
    assert!(reported.type_name.ends_with("Broken"));
    let within = HashMap::from([(1, vec![Holder { broken: Broken }])]);
    assert!(failure(within).is_some());
    assert!(failure(1u8).is_none());
}

mod bare {
    #![no_implicit_prelude]

    pub(super) mod renamed {
        pub(crate) use ::joblib as cache;
    }

    // Names that generated code must not resolve to.
    mod core {}
    mod std {}
    mod joblib {}
    struct Key;
    struct KeyHasher;
    struct Option;
    struct Argument;
    trait ByKey {
        fn feed(&self) {}
    }
    impl<T> ByKey for T {}

    /// Uses the names.
    pub(super) fn names() {
        (Key, KeyHasher, Option, Argument).feed();
    }

    #[derive(::joblib::Key)]
    #[key(crate = renamed::cache)]
    pub(super) struct Renamed<Argument> {
        pub(super) hasher: Argument,
        pub(super) __joblib_hasher: u8,
        pub(super) __joblib_0: u8,
    }

    #[derive(::joblib::Key)]
    pub(super) enum r#Raw {
        r#Type { r#fn: u8 },
        Key(u8),
    }
}

#[test]
fn names_in_scope_and_of_fields_do_not_clash() {
    bare::names();
    let key = |a, b| {
        of(&bare::Renamed {
            hasher: 0u8,
            __joblib_hasher: a,
            __joblib_0: b,
        })
    };
    assert_ne!(key(1, 2), key(2, 1));
    assert_ne!(of(&bare::Raw::Type { r#fn: 1 }), of(&bare::Raw::Key(1)));
}

#[test]
fn a_type_generated_by_a_macro_is_supported() {
    macro_rules! wrapper {
        ($name:ident, $field:ident: $type:ty, $length:ident) => {
            #[derive(Key)]
            struct $name<const $length: usize> {
                $field: $type,
                array: [u8; $length],
                fixed: Option<Box<u8>>,
            }
        };
    }
    wrapper!(Wrapped, inner: u32, N);
    let key = |inner, fixed| {
        of(&Wrapped {
            inner,
            array: [0; 2],
            fixed: Some(Box::new(fixed)),
        })
    };
    assert_ne!(key(1, 1), key(2, 1));
    assert_ne!(key(1, 1), key(1, 2));
}

#[test]
fn keys_never_change() {
    let from = || Point { x: 1.0, y: 2.0 };
    let line = Shape::Line {
        from: from(),
        to: from(),
    };
    let keys = [
        of(&from()),
        of(&Pair(1, 2)),
        of(&Unit),
        of(&Shape::Empty),
        of(&Shape::Dot(from())),
        of(&line),
    ];
    let written = [
        "939b75cd2ae6ccc72b9d6ce01084e326",
        "164ef82874a66a28dfa038412f07abb8",
        "ab60686120dfeb21808e9b16e7c1e428",
        "9fe6f3f0de292386e025c004e29fa19a",
        "b18d1a4a89be02939a1550d25b3d88e1",
        "e16951d8d8234f7d2574f65fff847229",
    ];
    assert_eq!(keys.map(|key| format!("{key:032x}")), written);
}
