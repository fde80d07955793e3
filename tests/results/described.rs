//! Results that no compact encoding can read back are stored self-described.

use std::collections::HashMap;
use std::fmt::Debug;
use std::process::Command;

use indexmap::IndexMap;
use joblib::{Memory, memoize};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AGAIN, MEMORY, json};
use crate::serde_types::{Flat, Skipping, Tagged, Untagged};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Mixed {
    Plain(i64),
    Json(Value),
    Maybe(Option<Untagged>),
}

/// A hash map that serializes itself through a manual impl, so that its type does not
/// show what it contains.
#[derive(Clone, Debug, PartialEq)]
struct ByHand(HashMap<u32, u32>);

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

fn flat(n: u64) -> Flat {
    Flat {
        left_out: n.is_multiple_of(2).then_some(1),
        never: 0,
        name: "flat".to_owned(),
        rest: (0..n).map(|n| (n.to_string(), n.into())).collect(),
    }
}

/// Defines functions that return each kind of result, and calls them. Some functions
/// first return a value that needs a self-describing encoding in the third call.
macro_rules! kept {
    ($($name:ident($n:ident) -> $ty:ty $value:block)*) => {
        $(#[memoize(memory = MEMORY, memory_tier = false)]
        fn $name($n: u64) -> $ty $value)*

        #[test]
        fn results_that_no_compact_encoding_reads_back_are_stored_self_described() {
            $(for n in 0..12 {
                $name::forget(n);
                let computed = $name(n);
                assert!($name::check(n), "{} {n}", stringify!($name));
                for _ in 0..3 {
                    is_the_same(&$name(n), &computed);
                }
                is_the_same(&$name::shelve(n).get().unwrap(), &computed);
            }
            let stats = $name::stats();
            assert_eq!((stats.misses, stats.errors), (12, 0), "{}", stringify!($name));)*
        }
    };
}

fn is_the_same<T: PartialEq + Debug>(one: &T, other: &T) {
    assert_eq!(one, other);
}

kept! {
    value(n) -> Value { json(n) }
    value_sometimes(n) -> Option<Value> { (n > 1).then(|| json(n)) }
    values_sometimes(n) -> Vec<Value> { (0..n / 2).map(json).collect() }
    value_in_an_ok(n) -> Result<Value, String> { Ok(json(n)) }
    untagged(n) -> Untagged {
        match n % 3 {
            0 => Untagged::Number(-0.0),
            1 => Untagged::Words(vec![n.to_string()]),
            _ => Untagged::At { at: [127, 0, 0, n as u8].into() },
        }
    }
    tagged(n) -> Vec<Tagged> { vec![Tagged::Plain { x: n }, Tagged::More(flat(n))] }
    flattened(n) -> Flat { flat(n) }
    skipping(n) -> Skipping {
        match n % 4 {
            2 => Skipping::Second(Some(n as u8)),
            3 => Skipping::Third,
            _ => Skipping::First,
        }
    }
    mixed(n) -> Mixed {
        match n % 7 {
            2 => Mixed::Json(json(n)),
            3 => Mixed::Maybe(None),
            5 => Mixed::Maybe(Some(Untagged::Number(0.1))),
            _ => Mixed::Plain(n as i64),
        }
    }
    by_hand(n) -> ByHand { ByHand((0..n as u32).map(|n| (n, n)).collect()) }
    many_numbers(n) -> Vec<Untagged> { (0..n).map(|n| Untagged::Number(n as f64)).collect() }
    ordered(n) -> IndexMap<u64, Value> { (0..n).rev().map(|n| (n, json(n))).collect() }
}

static QUIET: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/results-quiet"));

#[memoize(memory = QUIET, memory_tier = false)]
fn repeated(n: u64) -> Value {
    json(n)
}

#[test]
fn a_stored_result_is_not_stored_again() {
    QUIET.clear().unwrap();
    let before = repeated::stats().misses;
    (0..500).for_each(|_| drop(repeated(7)));
    assert_eq!(QUIET.entries().unwrap().len(), 1);
    assert_eq!(repeated::stats().misses - before, 1);
}

struct Model<T>(T);

impl<T: joblib::Key> Model<T> {
    #[memoize(memory = MEMORY)]
    fn report(&self, n: u64) -> Value {
        json(n)
    }
}

impl<T: joblib::Key> joblib::Key for Model<T> {
    fn feed_type(hasher: &mut joblib::KeyHasher) {
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut joblib::KeyHasher) {
        self.0.feed(hasher);
    }
}

#[memoize(memory = MEMORY)]
fn parsed<T: DeserializeOwned + Serialize>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

#[memoize(memory = MEMORY)]
async fn later(n: u64) -> Value {
    json(n)
}

#[test]
fn methods_generic_and_async_functions_store_self_described_results() {
    let model = Model(1u8);
    for _ in 0..3 {
        assert_eq!(model.report(2), json(2));
        assert!(Model::<u8>::report_memo().check(&model, 2));
        assert_eq!(parsed::<Value>("[1,2]"), serde_json::json!([1, 2]));
        assert_eq!(parsed::<Vec<u8>>("[1,2]"), [1, 2]);
        assert!(parsed::check::<Value>("[1,2]") && parsed::check::<Vec<u8>>("[1,2]"));
        assert_eq!(block_on(later(3)), json(3));
        assert!(later::check(3));
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

#[memoize(memory = MEMORY)]
fn often(n: u64) -> Value {
    json(n)
}

#[test]
fn a_self_described_result_is_reported_once_with_position_and_advice() {
    if std::env::var_os(AGAIN).is_some() {
        (20..24).for_each(|n| drop(often::recompute(n)));
        return;
    }
    let name = "described::a_self_described_result_is_reported_once_with_position_and_advice";
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(AGAIN, "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    let warnings: Vec<_> = stderr
        .lines()
        .filter(|line| line.contains("warning"))
        .collect();
    assert!(
        matches!(warnings[..], [line] if line.contains("results::described::often (tests/results/described.rs:")
            && line.contains("self-describing encoding")
            && line.contains("derive `joblib::Persist`")),
        "{stderr}"
    );
}

#[test]
fn a_stored_value_of_another_type_is_a_miss() {
    let dir = tempfile::tempdir().unwrap();
    let memory = || Memory::at(dir.path());
    assert_eq!(memory().cached("it", &1, || 700u64), 700);
    memory().clear_memory();
    let text = || memory().cached("it", &1, || "seven".to_owned());
    assert_eq!((text(), text()), ("seven".to_owned(), "seven".to_owned()));
    let value = || memory().cached("it", &1, || json(7));
    assert_eq!((value(), value()), (json(7), json(7)));
    assert_eq!((text(), text()), ("seven".to_owned(), "seven".to_owned()));
    let stats = memory().stats();
    assert_eq!((stats.misses, stats.hits()), (4, 3), "{stats}");
}
