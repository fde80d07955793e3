//! Fields that serde serializes in files: they come back with all serde attributes, their
//! fields are known by name, and every file that was written can be read.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::net::IpAddr;

use joblib::persist::ErrorKind;
use joblib::{Dump, Persist};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::{Place, assert_contains, there_and_back};

/// An array and a field that serde serializes.
#[derive(Debug, PartialEq, Persist)]
pub(super) struct Beside<T: Serialize + DeserializeOwned + 'static> {
    weights: Vec<f64>,
    #[persist(serde)]
    pub(super) meta: T,
}

pub(super) fn beside<T: Serialize + DeserializeOwned>(meta: T) -> Beside<T> {
    let weights = vec![0.5; 300];
    Beside { weights, meta }
}

#[track_caller]
pub(super) fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug + 'static>(meta: T) {
    let value = beside(meta);
    assert_eq!(there_and_back(&value), value);
}

/// Writes one value and reads it as another type.
pub(super) fn as_another<T, U>(value: T) -> Result<U, joblib::persist::Error>
where
    T: Serialize + DeserializeOwned + 'static,
    U: Serialize + DeserializeOwned + 'static,
{
    let place = Place::new();
    joblib::dump(&beside(value), &place.path).unwrap();
    let read: Beside<U> = joblib::load(&place.path)?;
    let mapped = joblib::open::<Beside<U>>(&place.path);
    assert!(mapped.is_ok(), "what is loaded can be mapped");
    Ok(read.meta)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Nothing,
    Small(u8),
    Number(f64),
    Text(String),
    Tagged(Tagged),
    Many(Vec<Untagged>),
    Named { x: Option<i64>, shape: Shape },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Tagged {
    TheAddress { at: IpAddr },
    More(Flat),
    Unit,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Newtype(Flat),
    Tuple(u8, char),
    Struct { x: f32 },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Flat {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    left_out: Option<u8>,
    name: String,
    #[serde(skip_serializing, default)]
    never: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    First,
    #[serde(skip)]
    #[allow(dead_code, reason = "only the position of the variant matters")]
    Skipped,
    Newtype(u8),
    Tuple(u128, i128),
    Struct {
        bytes: Vec<u8>,
        deep: Option<Option<()>>,
    },
}

fn flat() -> Flat {
    let rest = [
        (
            "a".to_owned(),
            json!({"z": [1, -2, 2.5, null], "y": u64::MAX}),
        ),
        ("b".to_owned(), json!("text")),
    ];
    Flat {
        left_out: None,
        name: "flat".to_owned(),
        never: 0,
        rest: rest.into(),
    }
}

#[test]
fn types_that_use_deserialize_any_come_back() {
    comes_back(Some(json!(1)));
    comes_back(json!({"a": [1, 2.5, null, {"b": "c"}]}));
    comes_back(flat());
    let named = |shape| Untagged::Named { x: Some(-1), shape };
    comes_back(vec![
        Untagged::Nothing,
        Untagged::Small(1),
        Untagged::Number(0.1),
        Untagged::Text("ß".to_owned()),
        Untagged::Tagged(Tagged::More(flat())),
        Untagged::Many(vec![named(Shape::First), named(Shape::Newtype(1))]),
    ]);
    let at: IpAddr = "::1".parse().unwrap();
    comes_back(vec![
        Tagged::TheAddress { at },
        Tagged::More(flat()),
        Tagged::Unit,
    ]);
    comes_back(vec![
        Adjacent::Unit,
        Adjacent::Newtype(flat()),
        Adjacent::Tuple(1, 'x'),
        Adjacent::Struct { x: -0.0 },
    ]);
}

/// Its human-readable form is rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rounded(u64);

impl Serialize for Rounded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.serialize_str(&format!("{}k", self.0 / 1000)),
            false => serializer.serialize_u64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Rounded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return u64::deserialize(deserializer).map(Rounded);
        }
        let text = String::deserialize(deserializer)?;
        let thousands = text.strip_suffix('k').and_then(|it| it.parse::<u64>().ok());
        let thousands = thousands.ok_or_else(|| serde::de::Error::custom("no thousands"))?;
        Ok(Rounded(1000 * thousands))
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Addressed {
    name: String,
    #[serde(flatten)]
    rest: Option<Address>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Address {
    at: IpAddr,
    size: Rounded,
}

#[test]
fn the_compact_form_is_used_where_it_can_be_read() {
    comes_back(vec![Rounded(1234)]);
    comes_back((json!([1]), Rounded(1_000_001)));
    // serde reads buffered content as human-readable.
    let addressed = |size| Addressed {
        name: "a".to_owned(),
        rest: Some(Address {
            at: "10.0.0.1".parse().unwrap(),
            size: Rounded(size),
        }),
    };
    comes_back(addressed(3000));
    // Without the human-readable form, serde would silently read `rest` as `None`.
    let back = there_and_back(&beside(addressed(3000))).meta;
    assert_eq!(back, addressed(3000));
    // Only reading back reveals that the human-readable form is needed.
    let mut unread = Vec::new();
    let dump = Dump::new().read_back(false);
    dump.write(&mut unread, &beside(addressed(3000))).unwrap();
    let read: Beside<Addressed> = joblib::Load::new().read(&unread[..]).unwrap();
    assert_eq!(read.meta.rest, None);
}

#[test]
fn every_kind_of_value_comes_back() {
    comes_back(vec![
        Shape::First,
        Shape::Newtype(1),
        Shape::Tuple(u128::MAX, i128::MIN),
        Shape::Struct {
            bytes: vec![1; 3],
            deep: Some(None),
        },
        Shape::Struct {
            bytes: vec![],
            deep: Some(Some(())),
        },
    ]);
    comes_back(vec![None, Some(None), Some(Some(7_u8))]);
    comes_back(("".to_owned(), '\u{10ffff}', (), true, [1_i8, -1]));
    comes_back(BTreeMap::from([
        ((1_u8, 'a'), vec![()]),
        ((2, 'b'), vec![]),
    ]));
    comes_back(HashMap::from([(-5_i64, Some(Shape::First)), (7, None)]));
    let bits = [f64::NAN.to_bits(), 0x7ff0_0000_dead_beef, 1 << 63];
    let floats = bits.map(f64::from_bits).to_vec();
    let back = there_and_back(&beside((floats, f32::from_bits(0x7f80_0001))));
    let back_bits: Vec<u64> = back.meta.0.iter().map(|it| it.to_bits()).collect();
    assert_eq!(
        (back_bits.as_slice(), back.meta.1.to_bits()),
        (&bits[..], 0x7f80_0001)
    );
    comes_back((0..200_000).map(f64::from).collect::<Vec<f64>>());
}

mod old {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    pub(super) struct Config {
        pub(super) lr: f32,
        pub(super) decay: f32,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    pub(super) enum Optimizer {
        Adam,
        Sgd { momentum: u8 },
        Gone(u8),
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Renamed {
    decay: f32,
    lr: f64,
    #[serde(default)]
    warmup: u32,
    note: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Optimizer {
    Adagrad,
    Sgd {
        #[serde(default)]
        nesterov: bool,
        momentum: u64,
    },
    #[serde(alias = "Adam")]
    AdamW,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    lr: f32,
}

fn config() -> old::Config {
    old::Config {
        lr: 0.1,
        decay: 0.9,
    }
}

#[test]
fn fields_are_known_by_name_independent_of_the_type_name() {
    let renamed: Renamed = as_another(config()).unwrap();
    let expected = Renamed {
        decay: 0.9,
        lr: f64::from(0.1_f32),
        warmup: 0,
        note: None,
    };
    assert_eq!(renamed, expected);
    let map: HashMap<String, f32> = as_another(config()).unwrap();
    assert_eq!((map["lr"], map["decay"]), (0.1, 0.9));
    let json: Value = as_another(vec![old::Optimizer::Sgd { momentum: 3 }]).unwrap();
    assert_eq!(json, json!([{"Sgd": {"momentum": 3}}]));
    let back: Vec<Optimizer> = as_another(json).unwrap();
    assert_eq!(
        back,
        [Optimizer::Sgd {
            nesterov: false,
            momentum: 3
        }]
    );
}

#[test]
fn variants_are_known_by_name() {
    let adam: Optimizer = as_another(old::Optimizer::Adam).unwrap();
    assert_eq!(adam, Optimizer::AdamW);
    let sgd: Optimizer = as_another(old::Optimizer::Sgd { momentum: 7 }).unwrap();
    assert!(matches!(sgd, Optimizer::Sgd { momentum: 7, .. }));
    let gone = as_another::<_, Optimizer>(old::Optimizer::Gone(1));
    let message = gone.unwrap_err().to_string();
    assert!(message.contains("`Beside.meta`"), "{message}");
    assert!(message.contains("unknown variant `Gone`"), "{message}");
    let _ = Optimizer::Adagrad;
}

#[test]
fn a_value_may_become_optional_and_an_option_required() {
    assert_eq!(as_another::<u8, Option<u16>>(7).unwrap(), Some(7));
    assert_eq!(as_another::<Option<u8>, u64>(Some(7)).unwrap(), 7);
    assert_eq!(as_another::<(), Option<u8>>(()).unwrap(), None);
    assert!(as_another::<Option<u8>, u64>(None).is_err());
    let some: Option<Vec<Shape>> = as_another(vec![Shape::Newtype(1)]).unwrap();
    assert_eq!(some, Some(vec![Shape::Newtype(1)]));
}

#[test]
fn a_value_that_the_type_rejects_is_an_error_that_names_the_field() {
    let lacking = as_another::<_, Renamed>(json!({"lr": 1.0}));
    let message = lacking.unwrap_err().to_string();
    assert_contains(
        &message,
        "field `Beside.meta` cannot be deserialized with serde",
    );
    assert!(message.contains("missing field `decay`"), "{message}");
    let unknown = as_another::<_, Strict>(config()).unwrap_err().to_string();
    assert!(unknown.contains("unknown field `decay`"), "{unknown}");
    let wrong = as_another::<_, Renamed>(json!({"lr": "a", "decay": 1}));
    let message = wrong.unwrap_err().to_string();
    assert!(message.contains("in `lr`: "), "{message}");
    let longer = as_another::<(u8, u8, u8), (u8, u8)>((1, 2, 3)).unwrap_err();
    assert!(
        matches!(longer.kind(), ErrorKind::Unread { .. }),
        "{longer}"
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_flat() -> impl Strategy<Value = Flat> {
    let rest = proptest::collection::btree_map("[a-f]{1,3}", any_json(), 0..4);
    (any::<Option<u8>>(), any::<String>(), rest).prop_map(|(left_out, name, rest)| Flat {
        left_out,
        name,
        never: 0,
        rest,
    })
}

fn any_tagged() -> impl Strategy<Value = Tagged> {
    prop_oneof![
        any::<IpAddr>().prop_map(|at| Tagged::TheAddress { at }),
        any_flat().prop_map(Tagged::More),
        Just(Tagged::Unit),
    ]
}

fn any_adjacent() -> impl Strategy<Value = Adjacent> {
    prop_oneof![
        Just(Adjacent::Unit),
        any_flat().prop_map(Adjacent::Newtype),
        any::<(u8, char)>().prop_map(|(byte, char)| Adjacent::Tuple(byte, char)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_json_comes_back(value in any_json()) {
        let back = there_and_back(&beside(value.clone()));
        prop_assert_eq!(back.meta.to_string(), value.to_string());
    }

    #[test]
    fn values_of_every_attribute_come_back(
        flat in any_flat(),
        tagged in proptest::collection::vec(any_tagged(), 0..4),
        adjacent in any_adjacent(),
        numbers in any::<(u128, i128, Option<Option<i8>>, Result<char, ()>)>(),
    ) {
        let value = beside((flat, tagged, adjacent, numbers));
        prop_assert_eq!(there_and_back(&value), value);
    }
}
