//! A hit equals the computed value, or it is not a hit: results whose order
//! matters, results that no compact encoding can read back, and results that
//! cannot be kept at all.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::Debug;
use std::net::IpAddr;
use std::process::Command;

use indexmap::IndexMap;
use joblib::{Memory, Persist, memoize};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

static MEMORY: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/results"));

/// Results in the directory, descriptions of functions aside.
fn entries() -> usize {
    MEMORY.entries().unwrap().len()
}

/// A value of which only the priority is compared.
#[derive(Clone, Debug, Serialize, Deserialize, Persist)]
struct Job {
    priority: u8,
    name: String,
}

impl PartialEq for Job {
    fn eq(&self, other: &Job) -> bool {
        self.priority == other.priority
    }
}

impl Eq for Job {}

impl PartialOrd for Job {
    fn partial_cmp(&self, other: &Job) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Job {
    fn cmp(&self, other: &Job) -> Ordering {
        self.priority.cmp(&other.priority)
    }
}

fn jobs(numbers: &[u8]) -> BinaryHeap<Job> {
    let mut heap = BinaryHeap::new();
    for (place, number) in numbers.iter().enumerate() {
        heap.push(Job {
            priority: number % 4,
            name: place.to_string(),
        });
        if number % 5 == 0 {
            heap.pop();
        }
    }
    heap
}

#[memoize(memory = MEMORY, memory_tier = false)]
fn numbers_in_a_heap(numbers: &[u8]) -> BinaryHeap<u8> {
    let mut heap = BinaryHeap::from(numbers.to_vec());
    heap.extend(numbers.iter().rev());
    heap
}

#[memoize(memory = MEMORY, memory_tier = false)]
fn jobs_in_a_heap(numbers: &[u8]) -> BinaryHeap<Job> {
    jobs(numbers)
}

#[derive(Serialize, Deserialize)]
struct Queues {
    all: Vec<Option<BinaryHeap<Job>>>,
    lists: (VecDeque<u8>, LinkedList<u8>),
}

#[memoize(memory = MEMORY, memory_tier = false)]
fn heaps_within(numbers: &[u8]) -> Result<Queues, String> {
    let mut deque = VecDeque::from(numbers.to_vec());
    deque.rotate_left(numbers.len() / 2);
    Ok(Queues {
        all: vec![None, Some(jobs(numbers)), Some(jobs(&numbers[1..]))],
        lists: (deque.clone(), deque.into_iter().collect()),
    })
}

#[derive(Persist)]
struct Piles(Vec<Option<BinaryHeap<Job>>>);

#[memoize(memory = MEMORY, memory_tier = false)]
fn piles_within(numbers: &[u8]) -> Piles {
    Piles(vec![None, Some(jobs(numbers)), Some(jobs(&numbers[1..]))])
}

/// All that can be seen of a heap: how it iterates, and what it gives.
fn seen(heap: &BinaryHeap<Job>) -> [Vec<String>; 2] {
    let mut rest = heap.clone();
    let given = std::iter::from_fn(|| rest.pop().map(|job| job.name));
    [
        heap.iter().map(|job| job.name.clone()).collect(),
        given.collect(),
    ]
}

proptest! {
    #[test]
    fn heaps_come_back_with_their_order_and_ties(
        numbers in proptest::collection::vec(any::<u8>(), 1..40)
    ) {
        let heap = numbers_in_a_heap(&numbers);
        prop_assert!(numbers_in_a_heap::check(&numbers));
        prop_assert!(heap.iter().eq(numbers_in_a_heap(&numbers).iter()));
        let heap = jobs_in_a_heap(&numbers);
        prop_assert!(jobs_in_a_heap::check(&numbers));
        prop_assert_eq!(seen(&heap), seen(&jobs_in_a_heap(&numbers)));
        let queues = heaps_within(&numbers).unwrap();
        prop_assert!(heaps_within::check(&numbers));
        let again = heaps_within(&numbers).unwrap();
        let of = |queues: &Queues| queues.all.iter().flatten().map(seen).collect::<Vec<_>>();
        prop_assert_eq!((of(&queues), queues.lists), (of(&again), again.lists));
        let piles = piles_within(&numbers);
        prop_assert!(piles_within::check(&numbers));
        let of = |piles: &Piles| piles.0.iter().flatten().map(seen).collect::<Vec<_>>();
        prop_assert_eq!(of(&piles), of(&piles_within(&numbers)));
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(f64),
    Words(Vec<String>),
    At { at: IpAddr },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Plain { x: u64 },
    More(Flat),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    left_out: Option<u8>,
    name: String,
    #[serde(flatten)]
    rest: HashMap<String, u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Skipping {
    First,
    #[serde(skip)]
    #[allow(dead_code, reason = "its place is what counts")]
    Never,
    Second,
    Third,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Mixed {
    Plain(i64),
    Json(Value),
    Maybe(Option<Untagged>),
}

/// A hashed map that takes itself apart, so that no type shows what it is.
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

fn json(n: u64) -> Value {
    serde_json::json!({"z": [n, -1, 0.1, null], "a": {"text": "ß", "many": u64::MAX}})
}

fn flat(n: u64) -> Flat {
    Flat {
        left_out: n.is_multiple_of(2).then_some(1),
        name: "flat".to_owned(),
        rest: (0..n as u32).map(|n| (n.to_string(), n)).collect(),
    }
}

/// The functions that keep a result of some kind, and calls of each. The third
/// result of some is the first that needs a description.
macro_rules! kept {
    ($($name:ident($n:ident) -> $ty:ty $value:block)*) => {
        $(#[memoize(memory = MEMORY, memory_tier = false)]
        fn $name($n: u64) -> $ty $value)*

        #[test]
        fn what_no_compact_encoding_reads_back_is_kept_with_a_description() {
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
    skipping(n) -> Skipping { [Skipping::First, Skipping::First, Skipping::Second, Skipping::Third][n as usize % 4].clone() }
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

#[test]
fn the_order_of_a_map_comes_back() {
    let numbers = |map: IndexMap<u64, Value>| map.into_keys().collect::<Vec<_>>();
    reversed::forget(4);
    reversed(4);
    assert_eq!(numbers(reversed(4)), [3, 2, 1, 0]);
    reversed_json::forget(5);
    reversed_json(5);
    assert_eq!(reversed_json(5).to_string(), json(5).to_string());
}

#[memoize(memory = MEMORY, memory_tier = false)]
fn reversed(n: u64) -> IndexMap<u64, Value> {
    (0..n).rev().map(|n| (n, json(n))).collect()
}

#[memoize(memory = MEMORY, memory_tier = false)]
fn reversed_json(n: u64) -> Value {
    json(n)
}

static QUIET: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/results-quiet"));

#[memoize(memory = QUIET, memory_tier = false)]
fn repeated(n: u64) -> Value {
    json(n)
}

#[test]
fn what_is_kept_is_not_stored_again() {
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
fn methods_generic_and_async_functions_keep_them_too() {
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

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Lossy {
    x: u64,
    #[serde(skip)]
    y: u64,
}

#[derive(Clone, Debug, PartialEq, Persist)]
struct LossyFile {
    x: Vec<u64>,
    #[persist(skip)]
    y: u64,
}

/// Serializes as something that it does not read.
#[derive(Clone, Debug)]
struct Wordy(u64);

impl Serialize for Wordy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_string())
    }
}

impl<'de> Deserialize<'de> for Wordy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Wordy)
    }
}

/// Reads itself as something else.
#[derive(Clone, Debug, Serialize)]
struct Shifty(u64);

impl<'de> Deserialize<'de> for Shifty {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(|x| Shifty(x + 1))
    }
}

#[derive(Persist)]
struct Veiled {
    #[persist(serde)]
    value: Option<Value>,
}

static LOST: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/results-lost"));

#[memoize(memory = LOST)]
fn lossy(x: u64) -> Lossy {
    Lossy { x, y: x + 1 }
}

#[memoize(memory = LOST)]
fn lossy_in_a_file(x: u64) -> Result<LossyFile, String> {
    Ok(LossyFile {
        x: vec![x],
        y: x + 1,
    })
}

#[memoize(memory = LOST)]
fn wordy(x: u64) -> Wordy {
    Wordy(x)
}

#[memoize(memory = LOST)]
fn shifty(x: u64) -> Shifty {
    Shifty(x)
}

#[memoize(memory = LOST)]
fn veiled(x: u64) -> Veiled {
    Veiled {
        value: (x > 3).then(|| json(x)),
    }
}

const AGAIN: &str = "JOBLIB_TEST_RESULTS";

#[test]
fn what_would_come_back_as_something_else_is_not_stored_and_told_once() {
    if std::env::var_os(AGAIN).is_some() {
        LOST.clear().unwrap();
        for x in [5, 5, 5, 6] {
            assert_eq!(lossy(x), Lossy { x, y: x + 1 });
            assert_eq!(lossy_in_a_file(x).unwrap().y, x + 1);
            assert_eq!(wordy(x).0, x);
            assert_eq!(shifty(x).0, x);
            assert_eq!(veiled(x).value, Some(json(x)));
            let checks = [lossy::check(x), lossy_in_a_file::check(x), wordy::check(x)];
            assert_eq!(checks, [false; 3]);
            assert!(!shifty::check(x) && !veiled::check(x));
            assert_eq!(lossy::shelve(x).get().unwrap().y, x + 1);
        }
        assert_eq!(LOST.entries().unwrap(), []);
        // One that can be kept is, also after others that cannot.
        assert_eq!(veiled(1).value, None);
        assert!(veiled::check(1));
        assert!(lossy::stats().errors > 0 && lossy::stats().misses > 0);
        return;
    }
    let name = "what_would_come_back_as_something_else_is_not_stored_and_told_once";
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(AGAIN, "1")
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    let functions = ["lossy", "lossy_in_a_file", "wordy", "shifty", "veiled"];
    for function in functions {
        let place = format!("results::{function} (tests/results.rs:");
        let lines: Vec<_> = told.lines().filter(|line| line.contains(&place)).collect();
        assert!(
            matches!(lines[..], [line] if line.contains("is not stored") && line.contains("return another type")),
            "{function}: {told}"
        );
    }
}

#[test]
fn a_description_is_told_once_with_the_place_and_the_way_out() {
    if std::env::var_os(AGAIN).is_some() {
        (20..24).for_each(|n| drop(reversed_json::recompute(n)));
        return;
    }
    let name = "a_description_is_told_once_with_the_place_and_the_way_out";
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(AGAIN, "1")
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    let warnings: Vec<_> = told
        .lines()
        .filter(|line| line.contains("warning"))
        .collect();
    assert!(
        matches!(warnings[..], [line] if line.contains("results::reversed_json (tests/results.rs:")
            && line.contains("description of itself")
            && line.contains("derive `joblib::Persist`")),
        "{told}"
    );
}

#[test]
fn what_is_stored_of_another_type_is_no_hit() {
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

#[memoize(memory = MEMORY, memory_tier = false)]
fn hashed(n: u32) -> (HashMap<u32, HashSet<u32>>, Vec<HashSet<String>>) {
    let set: HashSet<u32> = (0..n).collect();
    let words = set.iter().map(u32::to_string).collect();
    ((0..n).map(|n| (n, set.clone())).collect(), vec![words])
}

#[memoize(memory = MEMORY, memory_tier = false)]
fn not_numbers(n: u32) -> Vec<Option<f64>> {
    vec![
        Some(f64::NAN),
        None,
        Some(f64::from_bits(0x7ff8_0000_dead_beef)),
        Some(n.into()),
    ]
}

#[test]
fn hashed_results_and_numbers_that_are_none_are_kept() {
    for n in 0..20 {
        hashed::forget(n);
        not_numbers::forget(n);
        assert_eq!(hashed(n), hashed(n));
        let bits = |numbers: Vec<Option<f64>>| {
            numbers
                .into_iter()
                .map(|it| it.map(f64::to_bits))
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(not_numbers(n)), bits(not_numbers(n)));
        assert!(hashed::check(n) && not_numbers::check(n));
    }
    assert_eq!((hashed::stats().misses, hashed::stats().errors), (20, 0));
    assert_eq!(
        (not_numbers::stats().misses, not_numbers::stats().errors),
        (20, 0)
    );
    assert!(entries() > 0);
}
