//! Files of other types: compatible types are converted, and all others are an error that
//! names the field.

use joblib::{Persist, persist};

use super::{Place, assert_contains};

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
    assert_contains(
        &error,
        "`weights` cannot be mapped: the file has f32, f64 was expected",
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
fn every_difference_is_reported_with_its_field() {
    let error = as_another::<_, Wrong>(&first()).unwrap_err();
    let persist::ErrorKind::Schema(mismatch) = error.kind() else {
        panic!("{error}");
    };
    let fields: Vec<_> = mismatch.differences().iter().map(|it| &*it.field).collect();
    assert_eq!(fields, ["weights", "count", "missing", "name"]);
    let text = error.to_string();
    for part in [
        "field `weights`: the file has an array of f32, an array of u32 was expected",
        "field `count`: the file has u16, u8 was expected (numbers can be widened but not narrowed)",
        "field `missing`: the file has no such field",
        "field `name`: the file has text, the struct `Inner` was expected",
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
fn older_types_become_newer_ones_at_every_position() {
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
fn variants_are_known_by_name() {
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
fn collections_with_one_encoding_are_interchangeable() {
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

#[derive(Persist)]
struct Both {
    lr: f64,
    rate: f64,
}

#[derive(Persist)]
struct BothTurned {
    rate: f64,
    lr: f64,
}

#[derive(Debug, PartialEq, Persist)]
struct OnlyRate {
    #[persist(alias = "lr", alias = "step")]
    rate: f64,
}

#[test]
fn the_own_name_precedes_an_alias_in_any_order() {
    let (lr, rate) = (1.0, 2.0);
    let expected = OnlyRate { rate };
    assert_eq!(
        as_another::<_, OnlyRate>(&Both { lr, rate }).unwrap(),
        expected
    );
    let turned = BothTurned { rate, lr };
    assert_eq!(as_another::<_, OnlyRate>(&turned).unwrap(), expected);
    let place = Place::new();
    joblib::dump(&turned, &place.path).unwrap();
    let mapped = joblib::open::<OnlyRate>(&place.path).unwrap();
    assert_eq!(mapped.view().rate, 2.0);
}

#[test]
fn two_names_that_fit_one_field_are_an_error_that_names_both() {
    #[derive(Persist)]
    struct Steps {
        step: f64,
        lr: f64,
    }
    #[derive(Persist)]
    enum Kind {
        Learning { lr: f64, step: f64 },
    }
    #[derive(Debug, Persist)]
    #[allow(dead_code)]
    enum LaterKind {
        Learning {
            #[persist(alias = "lr", alias = "step", default)]
            rate: f64,
        },
    }
    let refused = as_another::<_, OnlyRate>(&Steps { step: 1.0, lr: 2.0 });
    let message = refused.unwrap_err().to_string();
    assert_contains(&message, "field `rate`: the file has both `step` and `lr`");
    assert!(message.contains("remove one alias"), "{message}");
    let learning = vec![Kind::Learning { lr: 1.0, step: 2.0 }];
    let message = as_another::<_, Vec<LaterKind>>(&learning)
        .unwrap_err()
        .to_string();
    let expected = "field `[]::Learning.rate`: the file has both `lr` and `step`";
    assert!(message.contains(expected), "{message}");
}

#[test]
fn a_variant_with_the_name_precedes_one_with_the_alias() {
    #[derive(Persist)]
    enum Before {
        Adam,
        Sgd,
    }
    #[derive(Debug, PartialEq, Persist)]
    enum Later {
        #[persist(alias = "Adam")]
        Sgd,
        Other,
    }
    // Both old variants become `Sgd`; the own name of a variant precedes an alias.
    for before in [Before::Adam, Before::Sgd] {
        assert_eq!(as_another::<_, Later>(&before).unwrap(), Later::Sgd);
    }
    let _ = Later::Other;
}

#[test]
fn a_missing_variant_is_reported_with_its_field_and_enum() {
    #[derive(Persist)]
    struct Layers {
        shapes: Vec<Shape>,
    }
    #[derive(Debug, Persist)]
    #[allow(dead_code)]
    struct LaterLayers {
        shapes: Vec<Wider>,
    }
    let shapes = vec![Shape::Circle(1.0), Shape::Gone];
    let message = as_another::<_, LaterLayers>(&Layers { shapes })
        .unwrap_err()
        .to_string();
    for part in [
        "field `shapes[]`: the file has the variant `Gone` of the enum `Shape`",
        "`#[persist(alias = \"Gone\")]`",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[cfg(feature = "ndarray")]
#[test]
fn different_dimensions_are_reported_with_their_field() {
    use ndarray::{Array1, Array2, ArrayD, IxDyn};
    #[derive(Persist)]
    struct Any {
        grid: ArrayD<f64>,
    }
    #[derive(Debug, Persist)]
    #[allow(dead_code)]
    struct Two {
        grid: Array2<f64>,
    }
    #[derive(Debug, Persist)]
    #[allow(dead_code)]
    struct One {
        grid: Array1<f64>,
    }
    let any = |shape: &[usize]| Any {
        grid: ArrayD::zeros(IxDyn(shape)),
    };
    assert!(as_another::<_, Two>(&any(&[2, 2])).is_ok());
    for (message, expected) in [
        (as_another::<_, Two>(&any(&[2])).unwrap_err().to_string(), 2),
        (as_another::<_, One>(&any(&[])).unwrap_err().to_string(), 1),
        (
            as_another::<_, One>(&any(&[2, 3, 4]))
                .unwrap_err()
                .to_string(),
            1,
        ),
    ] {
        assert_contains(&message, "field `grid`: the file has an array");
        assert_contains(&message, &format!("{expected} were expected"));
    }
}

/// Like `as_another`, but must succeed.
#[track_caller]
fn read<T: Persist, U: Persist>(value: &T) -> U {
    as_another(value).unwrap()
}

#[derive(Debug, PartialEq, Persist)]
struct Meters(f64);

#[derive(Debug, PartialEq, Persist)]
struct Track(Vec<Meters>);

#[test]
fn a_value_becomes_an_option() {
    #[derive(Persist)]
    struct Old {
        a: u8,
        b: Vec<String>,
        c: Option<u8>,
    }
    #[derive(Debug, PartialEq, Persist)]
    struct New {
        a: Option<u32>,
        b: Option<Vec<Option<String>>>,
        c: Option<Option<u8>>,
    }
    let old = Old {
        a: 1,
        b: vec!["b".to_owned()],
        c: None,
    };
    let new: New = read(&old);
    assert_eq!((new.a, new.c), (Some(1), None));
    assert_eq!(new.b, Some(vec![Some("b".to_owned())]));
    assert_eq!(
        read::<_, Option<Vec<f64>>>(&vec![1.5_f64; 3000]),
        Some(vec![1.5; 3000])
    );
    assert_eq!(read::<_, Vec<Option<()>>>(&vec![(); 3]), vec![Some(()); 3]);
    assert_eq!(read::<_, Option<Option<u8>>>(&1_u8), Some(Some(1)));
}

#[test]
fn a_newtype_and_its_value_are_interchangeable() {
    assert_eq!(read::<_, Meters>(&1.5_f64), Meters(1.5));
    assert_eq!(read::<_, Meters>(&1.5_f32), Meters(1.5));
    assert_eq!(read::<_, f64>(&Meters(1.5)), 1.5);
    assert_eq!(read::<_, Option<Meters>>(&1.5_f64), Some(Meters(1.5)));
    assert_eq!(read::<_, Option<f64>>(&Meters(1.5)), Some(1.5));
    let track = || Track(vec![Meters(1.0), Meters(2.0)]);
    assert_eq!(read::<_, Vec<Meters>>(&track()), track().0);
    assert_eq!(read::<_, Track>(&track().0), track());
    #[derive(Debug, PartialEq, Persist)]
    struct Named {
        a: u8,
    }
    #[derive(Debug, PartialEq, Persist)]
    struct Around(Named);
    assert_eq!(read::<_, Around>(&Named { a: 1 }), Around(Named { a: 1 }));
    assert_eq!(read::<_, Named>(&Around(Named { a: 1 })), Named { a: 1 });
}

#[test]
fn a_value_is_mapped_as_its_newtype() {
    #[derive(Persist)]
    struct Around(Vec<f64>);
    let place = Place::new();
    joblib::dump(&vec![1.5_f64; 3000], &place.path).unwrap();
    let file = joblib::open::<Around>(&place.path).unwrap();
    assert_eq!(file.view().0[2999], 1.5);
    let file = joblib::open::<Option<Around>>(&place.path).unwrap();
    assert_eq!(file.view().as_ref().unwrap().0[2999], 1.5);
}

#[test]
fn a_mismatch_inside_an_option_or_newtype_is_reported_as_a_whole() {
    let value = (1_u8, vec![1_u8]);
    let error = as_another::<_, (Option<String>, Vec<u8>)>(&value).map(drop);
    let text = error.unwrap_err().to_string();
    assert!(
        text.contains("Option<text>") && text.contains("u8"),
        "{text}"
    );
    let error = as_another::<_, (Meters, Vec<u8>)>(&value).map(drop);
    let text = error.unwrap_err().to_string();
    assert!(text.contains("Meters"), "{text}");
}

#[test]
fn an_array_of_nothing_is_read_where_it_was_written_as_one() {
    // Older files of derived types, and all files of other types, store such a field as
    // an array.
    #[derive(Debug, PartialEq, Persist)]
    struct Field {
        none: [f64; 0],
        some: u8,
        texts: [String; 0],
    }
    #[derive(Persist)]
    struct Before {
        none: Vec<f64>,
        some: u8,
        texts: Vec<String>,
    }
    let before = |none, texts| Before {
        none,
        some: 7,
        texts,
    };
    let field: Field = read(&before(vec![], vec![]));
    assert_eq!((field.none, field.some), ([], 7));
    for value in [
        before(vec![1.0], vec![]),
        before(vec![1.0; 500], vec![]),
        before(vec![], vec!["a".to_owned()]),
    ] {
        let error = as_another::<_, Field>(&value).map(drop);
        let text = error.unwrap_err().to_string();
        assert!(text.contains("one of 0 was expected"), "{text}");
    }
}

#[test]
fn an_older_type_precedes_the_conversion_of_newtypes() {
    #[derive(Debug, PartialEq, Persist)]
    #[persist(from = f64)]
    struct Doubled(f64);
    impl From<f64> for Doubled {
        fn from(old: f64) -> Self {
            Doubled(2.0 * old)
        }
    }
    assert_eq!(read::<_, Doubled>(&1.5_f64), Doubled(3.0));
}
