//! Views of mapped values are shown by `Debug`.

use std::collections::BTreeMap;

use joblib::Persist;
use serde::{Deserialize, Serialize};

use super::Place;

/// How a value is shown in a map, read-only and writable alike.
macro_rules! shown {
    ($ty:ty, $value:expr) => {{
        let place = Place::new();
        joblib::dump(&$value, &place.path).unwrap();
        let read_only = joblib::open::<$ty>(&place.path).unwrap();
        let read_only = format!("{:?}", read_only.view());
        let mut writable = joblib::open_cow::<$ty>(&place.path).unwrap();
        assert_eq!(format!("{:?}", writable.view_mut().unwrap()), read_only);
        read_only
    }};
}

#[derive(Persist)]
struct Inner {
    many: Vec<f32>,
}

#[derive(Persist)]
enum Kind {
    Dense(Vec<u64>, u8),
    Sparse { at: Vec<u32>, r#type: String },
    Empty,
}

#[derive(Persist)]
struct Outer {
    weights: Vec<f64>,
    inner: Vec<Inner>,
    by_name: BTreeMap<String, Vec<u8>>,
    kinds: Vec<Kind>,
    next: Option<Box<Outer>>,
    #[persist(skip)]
    _cache: u8,
}

fn outer(next: Option<Box<Outer>>) -> Outer {
    Outer {
        weights: vec![0.5, 1.5],
        inner: vec![Inner { many: vec![2.0] }],
        by_name: BTreeMap::from([("a".to_owned(), vec![7])]),
        kinds: vec![
            Kind::Dense(vec![1], 2),
            Kind::Sparse {
                at: vec![3],
                r#type: "t".to_owned(),
            },
            Kind::Empty,
        ],
        next,
        _cache: 1,
    }
}

#[test]
fn every_field_is_shown_as_derived_debug_shows_it() {
    let own = "weights: [0.5, 1.5], inner: [InnerView { many: [2.0] }], by_name: {\"a\": [7]}, \
               kinds: [Dense([1], 2), Sparse { at: [3], type: \"t\" }, Empty]";
    assert_eq!(
        shown!(Outer, outer(Some(Box::new(outer(None))))),
        format!("OuterView {{ {own}, next: Some(OuterView {{ {own}, next: None }}) }}")
    );
}

#[derive(Persist)]
struct Pair(Vec<u16>, i8);

#[test]
fn a_tuple_struct_is_shown_as_one() {
    assert_eq!(shown!(Pair, Pair(vec![1, 2], -3)), "PairView([1, 2], -3)");
}

#[derive(Serialize, Deserialize)]
struct Silent(u8);

#[derive(Persist)]
struct Holder<T> {
    values: Vec<f64>,
    held: T,
    #[persist(serde)]
    silent: Silent,
}

#[test]
fn a_field_that_is_not_known_to_have_debug_is_shown_by_its_type() {
    let holder = Holder {
        values: vec![1.0],
        held: 7_u8,
        silent: Silent(1),
    };
    assert_eq!(
        shown!(Holder<u8>, holder),
        "HolderView { values: [1.0], held: <u8>, silent: <persist::shown::Silent> }"
    );
}
