//! Values of every kind of type come back unchanged.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use joblib::Persist;

use super::{Place, there_and_back};

#[derive(Clone, Debug, PartialEq, Persist)]
struct Model {
    weights: Vec<f64>,
    labels: Vec<String>,
    bias: f32,
    kind: Kind,
    inner: Option<Box<Model>>,
}

#[derive(Clone, Debug, PartialEq, Persist)]
enum Kind {
    Plain,
    Pair(u8, i64),
    Named { depth: usize, name: String },
}

#[derive(Debug, PartialEq, Persist)]
struct Unit;

#[derive(Debug, PartialEq, Persist)]
struct Meters(f64);

#[derive(Debug, PartialEq, Persist)]
struct Generic<T, const N: usize> {
    items: Vec<T>,
    fixed: [u16; N],
}

fn model(inner: Option<Model>) -> Model {
    Model {
        weights: (0..5000).map(f64::from).collect(),
        labels: vec!["a".to_owned(), String::new(), "ü".repeat(2000)],
        bias: -0.0,
        kind: Kind::Named {
            depth: 3,
            name: "n".to_owned(),
        },
        inner: inner.map(Box::new),
    }
}

#[test]
fn structs_enums_and_recursion_come_back() {
    let value = model(Some(model(None)));
    assert_eq!(there_and_back(&value), value);
    for kind in [Kind::Plain, Kind::Pair(255, -1)] {
        assert_eq!(there_and_back(&kind), kind);
    }
    assert_eq!(there_and_back(&Unit), Unit);
    assert_eq!(there_and_back(&Meters(1.5)), Meters(1.5));
}

#[test]
fn generics_come_back() {
    let value = Generic {
        items: vec![Meters(1.0), Meters(2.0)],
        fixed: [1, 2, 3],
    };
    assert_eq!(there_and_back(&value), value);
    let value = Generic {
        items: vec![1_u8; 3000],
        fixed: [],
    };
    assert_eq!(there_and_back(&value), value);
}

#[test]
fn numbers_come_back_bit_for_bit() {
    let floats = [
        f64::NAN,
        -0.0,
        f64::INFINITY,
        f64::MIN_POSITIVE,
        f64::from_bits(0x7ff0_0000_0000_0001),
    ];
    let many: Vec<f64> = floats.iter().copied().cycle().take(1000).collect();
    let bits = |it: &[f64]| it.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&there_and_back(&floats)), bits(&floats));
    assert_eq!(bits(&there_and_back(&many)), bits(&many));
    macro_rules! extremes {
        ($($ty:ty)*) => {$(
            for value in [<$ty>::MIN, <$ty>::MAX, 0 as $ty, 1 as $ty] {
                assert_eq!(there_and_back(&value), value);
                let many = vec![value; 700];
                assert_eq!(there_and_back(&many), many);
            }
        )*};
    }
    extremes!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);
    let bools: Vec<bool> = (0..3000).map(|it| it % 3 == 0).collect();
    assert_eq!(there_and_back(&bools), bools);
    assert_eq!(there_and_back(&NonZeroU32::MAX), NonZeroU32::MAX);
}

#[test]
fn sizes_around_every_limit_come_back() {
    for len in [
        0,
        1,
        1023,
        1024,
        1025,
        65535,
        65536,
        (1 << 20) - 1,
        1 << 20,
        (1 << 20) + 1,
        5 << 20,
    ] {
        let bytes: Vec<u8> = (0..len).map(|it| (it % 251) as u8).collect();
        assert!(there_and_back(&bytes) == bytes, "{len}");
    }
    let long = "x".repeat(3 << 20);
    assert!(there_and_back(&(1_u8, long.clone())).1 == long);
    let texts: Vec<String> = (0..300_000).map(|it| it.to_string()).collect();
    assert!(there_and_back(&texts) == texts);
}

#[test]
fn collections_of_std_come_back() {
    let map: HashMap<String, Vec<f32>> = (0..100)
        .map(|it| (it.to_string(), vec![it as f32; it * 10]))
        .collect();
    assert_eq!(there_and_back(&map), map);
    let tree: BTreeMap<i64, Option<char>> = (-50..50)
        .map(|it| (it, char::from_u32(it as u32)))
        .collect();
    assert_eq!(there_and_back(&tree), tree);
    let set: HashSet<(u8, String)> = (0..200).map(|it| (it, "s".repeat(it.into()))).collect();
    assert_eq!(there_and_back(&set), set);
    let ordered: BTreeSet<Vec<u8>> = (0..50).map(|it| vec![it; 100 * usize::from(it)]).collect();
    assert_eq!(there_and_back(&ordered), ordered);
    let mut deque: VecDeque<u64> = (0..3000).collect();
    deque.rotate_left(7);
    deque.push_front(1);
    assert_eq!(there_and_back(&deque), deque);
    let nothing: Vec<()> = vec![(); 9];
    assert_eq!(there_and_back(&nothing), nothing);
    assert_eq!(there_and_back(&[[1.5_f32; 3]; 400]), [[1.5; 3]; 400]);
}

#[test]
fn smart_pointers_of_std_come_back() {
    let value = (
        Arc::new(vec![1_u8; 2000]),
        Rc::new("r".to_owned()),
        Cow::<'static, [f64]>::Owned(vec![1.0]),
        Cow::<'static, str>::Borrowed("c"),
        Box::<[u16]>::from([1, 2]),
        Arc::<str>::from("a"),
    );
    assert_eq!(there_and_back(&value), value);
    let times = (
        Duration::new(5, 999_999_999),
        SystemTime::UNIX_EPOCH - Duration::new(1, 1),
        SystemTime::UNIX_EPOCH + Duration::new(1 << 40, 7),
        PathBuf::from("/a/b"),
        1..5_u8,
        Ok::<u8, String>(1),
        Err::<u8, String>("e".to_owned()),
    );
    assert_eq!(there_and_back(&times), times);
}

#[test]
fn the_first_and_the_last_times_of_the_system_come_back() {
    let before = |seconds, nanos| SystemTime::UNIX_EPOCH.checked_sub(Duration::new(seconds, nanos));
    let after = |seconds, nanos| SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos));
    const MOST: u64 = i64::MAX as u64;
    let times = [
        before(MOST + 1, 0),
        before(MOST, 999_999_999),
        before(MOST, 0),
        before(0, 1),
        after(MOST, 0),
        after(MOST, 999_999_999),
    ];
    // The times that this system can represent.
    for time in times.into_iter().flatten() {
        assert_eq!(there_and_back(&time), time);
    }
    assert!(before(0, 1).is_some());
}

#[test]
fn maps_of_equal_content_have_equal_hashes() {
    let one: HashMap<u32, String> = (0..500).map(|it| (it, it.to_string())).collect();
    let other: HashMap<u32, String> = (0..500).rev().map(|it| (it, it.to_string())).collect();
    let tree: BTreeMap<u32, String> = (0..500).map(|it| (it, it.to_string())).collect();
    assert_eq!(joblib::hash(&one), joblib::hash(&other));
    assert_eq!(joblib::hash(&one), joblib::hash(&tree));
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{value:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Foreign {
    name: String,
    numbers: Vec<u32>,
}

fn nine() -> u32 {
    9
}

#[derive(Debug, PartialEq, Persist)]
struct Attributes {
    #[persist(serde)]
    foreign: Foreign,
    #[persist(with = hex)]
    color: u32,
    #[persist(skip)]
    scratch: Vec<u8>,
    #[persist(skip, default = nine)]
    nine: u32,
    #[persist(compress = "zstd:3")]
    zeros: Vec<u64>,
}

#[test]
fn attributes_work_as_documented() {
    let value = Attributes {
        foreign: Foreign {
            name: "f".to_owned(),
            numbers: vec![1, 2],
        },
        color: 0xbeef,
        scratch: vec![1, 2, 3],
        nine: 1,
        zeros: vec![0; 100_000],
    };
    let back = there_and_back(&value);
    assert_eq!(back.foreign, value.foreign);
    assert_eq!(back.color, value.color);
    assert_eq!(back.zeros, value.zeros);
    assert_eq!((back.scratch, back.nine), (Vec::new(), 9));
    let mut bytes = Vec::new();
    joblib::Dump::new().write(&mut bytes, &value).unwrap();
    assert!(bytes.len() < 10_000, "{}", bytes.len());
}

#[derive(Persist)]
#[persist(write_only)]
struct Borrowing<'a> {
    numbers: &'a [f64],
    text: &'a str,
}

#[derive(Debug, PartialEq, Persist)]
struct Owning<'a> {
    numbers: Cow<'a, [f64]>,
    text: Cow<'a, str>,
}

#[test]
fn borrowing_types_are_written_and_read_as_owning_types() {
    let numbers = vec![1.0; 500];
    let borrowing = Borrowing {
        numbers: &numbers,
        text: "t",
    };
    let mut bytes = Vec::new();
    joblib::Dump::new().write(&mut bytes, &borrowing).unwrap();
    let owning: Owning<'_> = joblib::Load::new().read(&bytes[..]).unwrap();
    assert_eq!((&*owning.numbers, &*owning.text), (&*numbers, "t"));
}

/// A range that has reached its end has the same bounds as one that has an item left.
#[test]
fn a_range_that_was_iterated_to_its_end_is_not_written() {
    fn is_refused(value: &impl joblib::persist::Save) {
        let place = Place::new();
        joblib::dump(&7_u8, &place.path).unwrap();
        let error = joblib::dump(value, &place.path).unwrap_err().to_string();
        assert!(error.contains("iterated to its end"), "{error}");
        assert_eq!(joblib::load::<u8>(&place.path).unwrap(), 7);
    }
    let mut forwards = 1..=3_u8;
    assert_eq!(forwards.by_ref().count(), 3);
    is_refused(&forwards);
    let mut backwards = 'a'..='b';
    assert_eq!(backwards.by_ref().rev().count(), 2);
    is_refused(&Some((1, backwards)));
    let mut one = 5..=5_i64;
    one.next();
    is_refused(&vec![0..=1, one]);
    // The bounds of these ranges describe them completely.
    let mut begun = 1..=3_u8;
    begun.next();
    #[allow(clippy::reversed_empty_ranges)]
    let others = (begun, 9..=1_u8, 4..=4_u8);
    assert!(there_and_back(&others) == others);
}
