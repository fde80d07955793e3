//! Files of other types: what can be bridged is, and what cannot is an error
//! that names the field.

use joblib::{Persist, persist};

use super::Place;

/// Writes one value and reads it as another type.
fn as_another<T: Persist, U: Persist>(value: &T) -> Result<U, persist::Error> {
    let place = Place::new();
    joblib::dump(value, &place.path).unwrap();
    joblib::load(&place.path)
}

#[derive(Clone, Persist)]
struct First {
    weights: Vec<f32>,
    count: u16,
    gone: Vec<String>,
    name: String,
    big_gone: Vec<u64>,
    last: Vec<f64>,
}

fn first() -> First {
    First {
        weights: vec![1.5; 2000],
        count: 300,
        gone: vec!["g".to_owned()],
        name: "n".to_owned(),
        big_gone: vec![1; 1000],
        last: vec![2.5; 3000],
    }
}

fn seven() -> Vec<u8> {
    vec![7; 5000]
}

#[derive(Debug, PartialEq, Persist)]
struct Second {
    last: Vec<f64>,
    #[persist(alias = "name")]
    title: String,
    #[persist(default)]
    added: Option<u32>,
    weights: Vec<f64>,
    #[persist(default = seven)]
    seven: Vec<u8>,
    count: i64,
}

#[test]
fn fields_are_added_removed_renamed_reordered_and_widened() {
    let second: Second = as_another(&first()).unwrap();
    assert_eq!(
        second,
        Second {
            last: vec![2.5; 3000],
            title: "n".to_owned(),
            added: None,
            weights: vec![1.5; 2000],
            seven: vec![7; 5000],
            count: 300,
        }
    );
}

#[derive(Debug, Persist)]
struct Mappable {
    last: Vec<f64>,
    #[persist(default = seven)]
    seven: Vec<u8>,
    weights: Vec<f32>,
}

#[test]
fn a_file_of_another_type_can_be_mapped_where_arrays_are_the_same() {
    let place = Place::new();
    joblib::dump(&first(), &place.path).unwrap();
    let file = joblib::open::<Mappable>(&place.path).unwrap();
    assert_eq!(file.view().last[2999], 2.5);
    assert_eq!(*file.view().seven, [7; 5000]);
    assert_eq!(file.view().weights[0], 1.5);
    let error = joblib::open::<Second>(&place.path).unwrap_err().to_string();
    assert!(
        error.contains("`weights` cannot be mapped: it has f32, asked for was f64"),
        "{error}"
    );
}

#[derive(Debug, Persist)]
#[allow(dead_code)]
struct Wrong {
    weights: Vec<u32>,
    count: u8,
    missing: String,
    name: Inner,
}

#[derive(Debug, Persist)]
#[allow(dead_code)]
struct Inner {
    x: f64,
}

#[test]
fn every_difference_is_told_with_its_field() {
    let error = as_another::<_, Wrong>(&first()).unwrap_err();
    let persist::ErrorKind::Schema(mismatch) = error.kind() else {
        panic!("{error}");
    };
    let fields: Vec<_> = mismatch.differences().iter().map(|it| &*it.field).collect();
    assert_eq!(fields, ["weights", "count", "missing", "name"]);
    let text = error.to_string();
    for part in [
        "in `weights` it has an array of f32, asked for was an array of u32",
        "in `count` it has u16, asked for was u8 (numbers are made wider and never narrower)",
        "in `missing` it has no such field",
        "in `name` it has text, asked for was the struct `Inner`",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[derive(Persist)]
struct Old {
    celsius: f64,
    tags: Vec<String>,
}

#[derive(Debug, PartialEq, Persist)]
#[persist(from = Older, from = Old)]
struct New {
    kelvin: f64,
    #[persist(default)]
    note: String,
}

#[derive(Persist)]
struct Older(f64);

impl From<Old> for New {
    fn from(old: Old) -> New {
        New {
            kelvin: old.celsius + 273.15,
            note: old.tags.concat(),
        }
    }
}

impl From<Older> for New {
    fn from(old: Older) -> New {
        New {
            kelvin: old.0,
            note: "older".to_owned(),
        }
    }
}

#[test]
fn older_types_become_newer_ones_wherever_they_stand() {
    let old = || Old {
        celsius: 0.0,
        tags: vec!["a".to_owned(), "b".to_owned()],
    };
    let new = New {
        kelvin: 273.15,
        note: "ab".to_owned(),
    };
    assert_eq!(as_another::<_, New>(&old()).unwrap(), new);
    let many: Vec<(u32, New)> = as_another(&vec![(1_u16, old()), (2, old())]).unwrap();
    assert_eq!(many[1].0, 2);
    assert_eq!(many[1].1, new);
    assert_eq!(as_another::<_, New>(&Older(5.0)).unwrap().note, "older");
    assert_eq!(as_another::<_, New>(&new).unwrap(), new);
}

#[derive(Persist)]
enum Shape {
    Circle(f32),
    Square { side: f32 },
    Gone,
}

#[derive(Debug, PartialEq, Persist)]
enum Wider {
    Extra,
    #[persist(alias = "Square")]
    Rectangle {
        side: f64,
        #[persist(default)]
        other: f64,
    },
    Circle(f64),
}

#[test]
fn variants_are_known_by_their_names() {
    let circle: Wider = as_another(&Shape::Circle(1.5)).unwrap();
    assert_eq!(circle, Wider::Circle(1.5));
    let square: Wider = as_another(&Shape::Square { side: 2.0 }).unwrap();
    assert_eq!(
        square,
        Wider::Rectangle {
            side: 2.0,
            other: 0.0
        }
    );
    let error = as_another::<_, Wider>(&Shape::Gone)
        .unwrap_err()
        .to_string();
    assert!(error.contains("variant `Gone`"), "{error}");
    let _ = Wider::Extra;
}

#[test]
fn the_name_of_a_type_does_not_count() {
    mod elsewhere {
        #[derive(joblib::Persist)]
        pub(super) struct Second {
            pub(super) x: f64,
        }
    }
    let inner: Inner = as_another(&elsewhere::Second { x: 2.0 }).unwrap();
    assert_eq!(inner.x, 2.0);
}

#[test]
fn collections_of_one_form_are_one_another() {
    let deque: std::collections::VecDeque<f64> = as_another(&vec![1.0; 400]).unwrap();
    assert_eq!(deque.len(), 400);
    let tree: std::collections::BTreeMap<u64, String> =
        as_another(&std::collections::HashMap::from([
            (1_u8, "a".to_owned()),
            (200, "b".to_owned()),
        ]))
        .unwrap();
    assert_eq!(tree[&200], "b");
}
