//! Results keep their order where it matters, and numbers keep their bits.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};

use indexmap::IndexMap;
use joblib::{Persist, memoize};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{MEMORY, json};

/// Returns the number of results in the directory, without records that describe
/// functions.
fn entries() -> usize {
    MEMORY.entries().unwrap().len()
}

/// A value that is compared by its priority only.
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

/// Returns everything observable of a heap: its iteration order and the order in which it
/// pops.
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
    fn heaps_keep_their_order_and_ties(
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

#[test]
fn maps_keep_their_order() {
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
fn hashed_results_and_nans_are_stored() {
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
