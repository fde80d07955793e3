//! Every file that `dump` writes can be read: `dump` reads serde values back before it
//! returns.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use joblib::persist::ErrorKind;
use joblib::{Dump, Persist};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::Place;
use super::serde_fields::{beside, comes_back};

/// Serializes a form that it cannot deserialize.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Deaf(u8);

impl Serialize for Deaf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_string())
    }
}

impl<'de> Deserialize<'de> for Deaf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer).map(Deaf)
    }
}

/// Deserializes even numbers only.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Even(u8);

impl<'de> Deserialize<'de> for Even {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer)? {
            255 => panic!("not that one"),
            it if it.is_multiple_of(2) => Ok(Even(it)),
            _ => Err(serde::de::Error::custom("it is odd")),
        }
    }
}

mod disagreeing {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{value:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        u32::deserialize(deserializer)
    }
}

#[derive(Persist)]
struct With {
    #[persist(with = disagreeing)]
    color: u32,
}

#[derive(Persist)]
enum Within {
    Nothing,
    Of(u8, #[persist(serde)] Deaf),
}

/// Asserts that writing the second value fails and leaves the file of the first in place.
#[track_caller]
fn is_kept<T: Persist>(good: &T, bad: &T, reason: &str) {
    let place = Place::new();
    joblib::dump(good, &place.path).unwrap();
    let before = std::fs::read(&place.path).unwrap();
    let error = joblib::dump(bad, &place.path).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Unreadable { .. }),
        "{error}"
    );
    assert!(error.to_string().contains(reason), "{error}");
    assert_eq!(std::fs::read(&place.path).unwrap(), before);
    assert_eq!(place.files(), 1, "no other file is left");
    Dump::new()
        .read_back(false)
        .to(&place.path, bad)
        .expect("written if reading back is disabled");
    assert_ne!(std::fs::read(&place.path).unwrap(), before);
}

#[test]
fn an_unreadable_value_is_an_error_and_the_old_file_stays() {
    is_kept(
        &beside(Vec::new()),
        &beside(vec![Deaf(1)]),
        "field `Beside.meta` cannot be deserialized after",
    );
    is_kept(&beside(Even(2)), &beside(Even(3)), "it is odd");
    is_kept(&beside(Even(2)), &beside(Even(255)), "panicked");
    is_kept(
        &vec![Within::Nothing],
        &vec![Within::Nothing, Within::Of(1, Deaf(1))],
        "`Within::Of.1`",
    );
    let none: Vec<With> = Vec::new();
    is_kept(&none, &vec![With { color: 7 }], "`With.color`");
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Wide {
        Small(u8),
        Wide(u128),
    }
    is_kept(
        &beside(Wide::Small(1)),
        &beside(Wide::Wide(u128::MAX)),
        "`Beside.meta`",
    );
}

/// One field is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Persist)]
struct Half {
    there: u32,
    #[persist(skip)]
    gone: u32,
}

#[test]
fn keys_that_would_collide_are_an_error_and_the_old_file_stays() {
    fn is_refused<T: Persist>(good: &T, bad: &T) {
        let place = Place::new();
        joblib::dump(good, &place.path).unwrap();
        let before = std::fs::read(&place.path).unwrap();
        let error = joblib::dump(bad, &place.path).unwrap_err();
        assert!(
            error.to_string().contains("would be equal when read"),
            "{error}"
        );
        assert_eq!(std::fs::read(&place.path).unwrap(), before);
        // Values that are only hashed are not read back.
        assert_ne!(joblib::hash(good), joblib::hash(bad));
        joblib::load::<T>(&place.path).unwrap();
    }
    let half = |there, gone| Half { there, gone };
    let (one, other, alike) = (half(1, 1), half(2, 1), half(1, 2));
    is_refused(
        &HashSet::from([one, other]),
        &HashSet::from([one, other, alike]),
    );
    is_refused(
        &BTreeSet::from([other, alike]),
        &BTreeSet::from([one, alike]),
    );
    is_refused(
        &HashMap::from([(one, 1), (other, 2)]),
        &HashMap::from([(one, 1), (alike, 2)]),
    );
    let many = |gone| (0..100_000).map(move |it| (half(it, gone), it));
    is_refused(
        &many(1).collect::<BTreeMap<Half, u32>>(),
        &many(1).chain(many(2).skip(70_000)).collect(),
    );
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Chain {
    next: Option<Box<Chain>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Tree {
    Leaf,
    Node(Vec<Tree>),
}

fn chain(links: usize) -> Chain {
    (0..links).fold(Chain { next: None }, |next, _| Chain {
        next: Some(Box::new(next)),
    })
}

fn tree(levels: usize) -> Tree {
    (0..levels).fold(Tree::Leaf, |within, _| Tree::Node(vec![within]))
}

fn array(levels: usize) -> Value {
    (0..levels).fold(json!(1), |within, _| Value::Array(vec![within]))
}

#[test]
fn a_value_nested_too_deeply_is_an_error_that_names_the_field() {
    comes_back(chain(60));
    comes_back(tree(60));
    comes_back(array(120));
    #[track_caller]
    fn is_refused<T: Serialize + DeserializeOwned + 'static>(meta: T) {
        let written = Dump::new().write(Vec::new(), &beside(meta));
        let message = written.unwrap_err().to_string();
        assert!(message.contains("`Beside.meta`"), "{message}");
        assert!(message.contains("deeper than 128 levels"), "{message}");
    }
    is_refused(chain(10_000));
    is_refused(tree(10_000));
    is_refused(array(10_000));
}
