//! serde values of a type whose options or map keys have changed: they are converted as
//! JSON would where nothing is lost, and otherwise the error names what was found.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::serde_fields::{as_another, comes_back};

/// Asserts that the value is not read as a `U`, and that the error contains `reason`.
#[track_caller]
fn is_refused<T, U>(value: T, reason: &str)
where
    T: Serialize + DeserializeOwned + 'static,
    U: Serialize + DeserializeOwned + Debug + 'static,
{
    let message = as_another::<T, U>(value).unwrap_err().to_string();
    assert!(message.contains("`Beside.meta`"), "{message}");
    assert!(message.contains(reason), "{message}");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Dot,
}

#[test]
fn some_of_none_is_not_none() {
    const WAY_OUT: &str = "found `Some(None)`, which only an `Option<Option<_>>` accepts";
    is_refused::<_, Option<u8>>(
        Some(None::<u8>),
        "expected u8 or `None`, found `Some(None)`",
    );
    is_refused::<_, Option<()>>(Some(None::<()>), WAY_OUT);
    is_refused::<_, Option<Point>>(Some(None::<Point>), WAY_OUT);
    is_refused::<_, Option<Shape>>(Some(None::<Shape>), WAY_OUT);
    is_refused::<_, Option<Vec<u8>>>(Some(None::<Vec<u8>>), WAY_OUT);
    is_refused::<_, Vec<Option<String>>>(vec![None, Some(None::<String>)], WAY_OUT);
    is_refused::<_, Point>(
        BTreeMap::from([("x", Some(None::<u8>))].map(|(name, value)| (name.to_owned(), value))),
        WAY_OUT,
    );
}

#[test]
fn nested_options_are_flattened_where_nothing_is_lost() {
    comes_back(vec![None, Some(None), Some(Some(7_u8))]);
    assert_eq!(
        as_another::<_, Option<u16>>(Some(Some(7_u8))).unwrap(),
        Some(7)
    );
    assert_eq!(
        as_another::<_, Option<u16>>(None::<Option<u8>>).unwrap(),
        None
    );
    let wider: Option<Option<u16>> = as_another(Some(None::<u8>)).unwrap();
    assert_eq!(wider, Some(None));
    let json: Value = as_another(vec![None, Some(None), Some(Some(7_u8))]).unwrap();
    assert_eq!(json, json!([null, null, 7]));
}

#[test]
fn none_is_refused_as_a_value() {
    is_refused::<_, u8>(None::<u8>, "expected u8, found `None`");
    is_refused::<_, String>(None::<String>, "expected a string, found `None`");
    is_refused::<_, Vec<u8>>(None::<Vec<u8>>, "expected a sequence, found `None`");
    is_refused::<_, Shape>(None::<Shape>, "expected enum Shape, found `None`");
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Id(u32);

/// A map with keys of another type.
#[track_caller]
fn keys<K, L>(keys: impl IntoIterator<Item = K>) -> Vec<L>
where
    K: Ord + Serialize + DeserializeOwned + 'static,
    L: Ord + Serialize + DeserializeOwned + 'static,
{
    let map: BTreeMap<K, Option<u8>> = keys.into_iter().map(|key| (key, Some(1))).collect();
    let read: BTreeMap<L, Option<u8>> = as_another(map).unwrap();
    assert!(read.values().all(|value| *value == Some(1)));
    read.into_keys().collect()
}

#[test]
fn keys_are_numbers_or_their_decimal_strings_as_in_json() {
    assert_eq!(keys::<u8, String>([1, 255]), ["1", "255"]);
    assert_eq!(keys::<i128, String>([i128::MIN]), [i128::MIN.to_string()]);
    assert_eq!(
        keys::<bool, Box<str>>([true, false]),
        ["false".into(), "true".into()]
    );
    assert_eq!(keys::<Id, String>([Id(7)]), ["7"]);
    assert_eq!(keys::<char, String>(['ß']), ["ß"]);
    let texts = ["-5".to_owned(), "300".to_owned()];
    assert_eq!(keys::<_, i16>(texts), [-5, 300]);
    assert_eq!(keys::<_, u128>([u128::MAX.to_string()]), [u128::MAX]);
    assert_eq!(keys::<_, bool>(["true".to_owned()]), [true]);
    assert_eq!(keys::<_, Id>(["7".to_owned()]), [Id(7)]);
    assert_eq!(keys::<u8, u64>([7]), [7]);
}

#[test]
fn keys_in_json_are_read_as_numbers_and_numbers_as_json() {
    let json: Value = as_another(HashMap::from([(7_u16, "seven".to_owned())])).unwrap();
    assert_eq!(json, json!({"7": "seven"}));
    let map: HashMap<u16, String> = as_another(json).unwrap();
    assert_eq!(map[&7], "seven");
    let nested: BTreeMap<String, BTreeMap<String, u8>> =
        as_another(BTreeMap::from([(1_u8, BTreeMap::from([(2_u8, 3_u8)]))])).unwrap();
    assert_eq!(nested["1"]["2"], 3);
}

#[test]
fn a_key_that_is_not_a_decimal_number_is_refused() {
    let map = |key: &str| BTreeMap::from([(key.to_owned(), 1_u8)]);
    for key in ["", "x", "01", "+1", "-1", "256", "1.0", " 1"] {
        is_refused::<_, BTreeMap<u8, u8>>(map(key), &format!("string {key:?}, expected u8"));
    }
    is_refused::<_, BTreeMap<bool, u8>>(map("True"), "expected a boolean");
    // Only keys are converted, values are not.
    is_refused::<_, Vec<String>>(vec![1_u8], "expected a string");
    is_refused::<_, Vec<u8>>(vec!["1".to_owned()], "expected u8");
    is_refused::<_, BTreeMap<u8, String>>(BTreeMap::from([(1_u8, 1_u8)]), "expected a string");
}

#[test]
fn number_keys_are_not_field_indices() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Rates {
        lr: f64,
        decay: f64,
    }
    let map = BTreeMap::from([(0_u8, 0.5), (1, 0.25)]);
    is_refused::<_, Rates>(map, "missing field `lr`");
    let _ = |it: Rates| (it.lr, it.decay);
}
