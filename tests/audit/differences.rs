//! Which results an audit reports as different, and which it treats as equal.

use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::sync::atomic::Ordering::SeqCst;

use indexmap::IndexMap;
use joblib::{Memory, finish_audits, memoize};
use serde::{Deserialize, Serialize};

use super::{UNSEEN, again, audit_warnings, is_again, unseen};

memory!(SAME, "same");

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Hashed {
    #[serde(flatten)]
    flat: HashMap<String, u64>,
    inner: Vec<HashSet<u64>>,
}

/// A hash map that serializes itself through a manual impl, so that its type does not
/// show that its order is arbitrary.
#[derive(Clone, Debug)]
struct ByHand(HashMap<u64, u64>);

impl Serialize for ByHand {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serde::Serializer::serialize_map(serializer, Some(self.0.len()))?;
        for (key, value) in &self.0 {
            serde::ser::SerializeMap::serialize_entry(&mut map, key, value)?;
        }
        serde::ser::SerializeMap::end(map)
    }
}

impl<'de> Deserialize<'de> for ByHand {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Deserialize::deserialize(deserializer).map(ByHand)
    }
}

fn numbers(n: u64) -> HashMap<u64, u64> {
    (0..n).map(|n| (n, n)).collect()
}

macro_rules! results {
    ($($name:ident($n:ident) -> $ty:ty $value:block)*) => {
        $(#[memoize(memory = SAME)]
        fn $name($n: u64) -> $ty $value)*

        /// Returns the audit counters of each function after it was called.
        fn counted(n: u64) -> BTreeMap<&'static str, (u64, u64)> {
            SAME.clear().unwrap();
            $(drop($name(n)); drop($name(n)); drop($name(n));)*
            finish_audits();
            [$((stringify!($name), $name::stats())),*]
                .map(|(name, stats)| (name, (stats.audited, stats.differing)))
                .into()
        }
    };
}

results! {
    map(n) -> HashMap<u64, u64> { numbers(n) }
    flattened(n) -> Hashed {
        Hashed {
            flat: (0..n).map(|n| (n.to_string(), n)).collect(),
            inner: vec![(0..n).collect()],
        }
    }
    by_hand(n) -> ByHand { ByHand(numbers(n)) }
    heap(n) -> BinaryHeap<u64> { (0..n).map(|it| it * 7 % n).collect() }
    not_a_number(n) -> Vec<f64> { vec![f64::NAN, -0.0, n as f64] }
    json(n) -> serde_json::Value { serde_json::json!({"b": n, "a": [n, null, 0.1]}) }
}

#[test]
fn hash_order_and_equal_number_bits_are_not_differences() {
    for (name, counts) in counted(30) {
        assert_eq!(counts, (2, 0), "{name}");
    }
}

memory!(OTHER, "other");

#[memoize(memory = OTHER)]
fn in_some_order(_n: u64) -> IndexMap<u64, u64> {
    let back = unseen() % 2 == 1;
    let entries = [(1, 1), (2, 2)];
    match back {
        false => entries.into(),
        true => entries.into_iter().rev().collect(),
    }
}

#[memoize(memory = OTHER, cache_if = is_even)]
fn sometimes(x: &u64) -> u64 {
    x + unseen()
}

fn is_even(x: &u64) -> bool {
    x.is_multiple_of(2)
}

#[memoize(memory = OTHER)]
fn fails(x: &u64) -> Result<u64, String> {
    match unseen() {
        0 => Ok(*x),
        _ => Err("none".to_owned()),
    }
}

#[memoize(memory = OTHER)]
fn panics(x: u64) -> u64 {
    match unseen() {
        0 => x,
        _ => panic!("there is none today"),
    }
}

#[test]
fn an_order_an_error_and_a_panic_are_differences() {
    if is_again() {
        OTHER.clear().unwrap();
        UNSEEN.store(0, SeqCst);
        let call = || {
            let order: Vec<_> = in_some_order(1).into_keys().collect();
            (order, sometimes(&4), fails(&1), panics(3))
        };
        let first = call();
        UNSEEN.store(1, SeqCst);
        assert_eq!(call(), first);
        finish_audits();
        let differing = [
            in_some_order::stats(),
            sometimes::stats(),
            fails::stats(),
            panics::stats(),
        ];
        assert_eq!(differing.map(|stats| stats.differing), [1; 4]);
        return;
    }
    let output = again(
        "differences::an_order_an_error_and_a_panic_are_differences",
        &[],
    );
    assert!(output.status.success(), "{output:?}");
    let lines = audit_warnings(&output).join("\n");
    for part in [
        "the recomputation panicked: there is none today",
        "that is not to be stored",
        "recomputed ",
    ] {
        assert!(lines.contains(part), "{part}: {lines}");
    }
}
