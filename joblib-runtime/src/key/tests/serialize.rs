//! Tests of the keys of types that only implement `Serialize`.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use indexmap::{IndexMap, IndexSet};

use serde::{Serialize, ser};

use crate::key::{KeyHasher, feed_serde};

fn key<T: Serialize>(value: &T) -> u128 {
    let mut hasher = KeyHasher::new();
    feed_serde(value, &mut hasher).unwrap();
    hasher.finish()
}

#[derive(Serialize)]
struct Settings {
    rates: HashMap<String, f64>,
    depth: Option<u32>,
}

fn settings(names: impl Iterator<Item = u32>) -> Settings {
    let rates = names.map(|n| (n.to_string(), f64::from(n))).collect();
    Settings { rates, depth: None }
}

/// A map that serializes like the one inside it.
#[derive(Serialize)]
#[serde(transparent)]
struct Within<T>(T);

#[derive(Serialize)]
struct Flat<T> {
    name: &'static str,
    #[serde(flatten)]
    rest: T,
}

/// Numbers whose order differs between hashed collections.
fn numbers() -> impl Iterator<Item = u32> {
    0..40
}

#[test]
fn hashed_maps_and_sets_have_one_key_in_any_order() {
    let map = || numbers().map(|n| (n, n)).collect::<HashMap<_, _>>();
    let set = || numbers().collect::<HashSet<_>>();
    let (other_map, other_set) = (map(), set());
    assert!(
        !map().iter().eq(&other_map),
        "both maps have the same order"
    );
    assert_eq!(key(&map()), key(&other_map));
    assert_eq!(key(&set()), key(&other_set));
    assert_eq!(key(&Within(map())), key(&Within(&other_map)));
    assert_eq!(
        key(&Some(vec![Box::new(set())])),
        key(&Some(vec![Box::new(other_set.clone())]))
    );
    assert_eq!(
        key(&HashMap::from([(1, set())])),
        key(&HashMap::from([(1, other_set)]))
    );
    let fixed = |map: &HashMap<u32, u32>| key(&hashbrown(map));
    assert_eq!(fixed(&map()), fixed(&other_map));
    assert_ne!(key(&map()), key(&HashMap::from([(1, 1)])));
    assert_ne!(key(&set()), key(&HashSet::from([1])));
}

fn hashbrown(map: &HashMap<u32, u32>) -> hashbrown::HashMap<u32, u32> {
    map.iter().map(|(key, value)| (*key, *value)).collect()
}

#[test]
fn the_order_of_ordered_maps_counts() {
    let forth: IndexMap<u32, u32> = [(1, 1), (2, 2)].into();
    let back: IndexMap<u32, u32> = [(2, 2), (1, 1)].into();
    assert_eq!(forth, back, "`IndexMap` compares without order");
    assert_ne!(key(&forth), key(&back));
    assert_ne!(key(&Within(&forth)), key(&Within(&back)));
    assert_ne!(key(&vec![Some(&forth)]), key(&vec![Some(&back)]));
    assert_ne!(
        key(&HashMap::from([(1, &forth)])),
        key(&HashMap::from([(1, &back)]))
    );
    let flat = |rest| Flat { name: "flat", rest };
    let named = |map: &IndexMap<u32, u32>| map.iter().map(|(k, v)| (k.to_string(), *v)).collect();
    let (named_forth, named_back): (IndexMap<_, _>, IndexMap<_, _>) = (named(&forth), named(&back));
    assert_ne!(key(&flat(named_forth)), key(&flat(named_back)));
    let (forth, back): (IndexSet<u32>, IndexSet<u32>) = ([1, 2].into(), [2, 1].into());
    assert_ne!(key(&forth), key(&back));
}

#[test]
fn the_order_of_a_map_that_nobody_knows_counts() {
    struct ByHand(Vec<(u8, u8)>);
    impl Serialize for ByHand {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(self.0.len()))?;
            for (key, value) in &self.0 {
                ser::SerializeMap::serialize_entry(&mut map, key, value)?;
            }
            ser::SerializeMap::end(map)
        }
    }
    let (forth, back) = (ByHand(vec![(1, 1), (2, 2)]), ByHand(vec![(2, 2), (1, 1)]));
    assert_ne!(key(&forth), key(&back));
    let json = |text| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (forth, back) = (json(r#"{"a":1,"b":2}"#), json(r#"{"b":2,"a":1}"#));
    assert_eq!(forth, back, "`Value` compares without order");
    assert_ne!(key(&forth), key(&back), "is `preserve_order` enabled?");
}

#[test]
fn where_ordered_maps_end_counts() {
    let nested = |maps: [&[(u8, u8)]; 2]| {
        let maps = maps.map(|map| map.iter().copied().collect::<IndexMap<u8, u8>>());
        key(&maps)
    };
    assert_ne!(
        nested([&[(1, 1), (2, 2)], &[]]),
        nested([&[(1, 1)], &[(2, 2)]])
    );
    assert_ne!(
        key(&IndexMap::from([(1u8, 2u8)])),
        key(&IndexSet::from([1u8, 2]))
    );
}

#[test]
fn sorted_maps_and_sets_have_one_key() {
    let map = |numbers: &[u32]| key(&numbers.iter().map(|n| (n, n)).collect::<BTreeMap<_, _>>());
    assert_eq!(map(&[1, 2, 3]), map(&[3, 2, 1]));
    assert_ne!(map(&[1, 2, 3]), map(&[1, 2]));
    let set = |numbers: &[u32]| key(&numbers.iter().collect::<BTreeSet<_>>());
    assert_eq!(set(&[1, 2, 3]), set(&[3, 2, 1]));
}

#[test]
fn the_order_within_a_heap_counts() {
    let forth = BinaryHeap::from([1, 2, 3]);
    let back: BinaryHeap<i32> = [1, 2, 3]
        .into_iter()
        .fold(BinaryHeap::new(), |mut heap, n| {
            heap.push(n);
            heap
        });
    assert!(
        !forth.iter().eq(back.iter()),
        "both heaps have the same order"
    );
    assert_ne!(key(&forth), key(&back));
    assert_ne!(crate::key::of(&forth), crate::key::of(&back));
    assert_eq!(crate::key::of(&forth), crate::key::of(&forth.clone()));
}

#[test]
fn order_of_a_map_does_not_count() {
    assert_eq!(key(&settings(0..100)), key(&settings((0..100).rev())));
    assert_ne!(key(&settings(0..100)), key(&settings(0..99)));
}

#[test]
fn where_parts_end_counts() {
    assert_ne!(
        key(&(vec![1u8, 2], vec![3u8])),
        key(&(vec![1u8], vec![2u8, 3]))
    );
    assert_ne!(key(&("ab", "c")), key(&("a", "bc")));
    assert_ne!(key(&Some(1u8)), key(&1u8));
    assert_ne!(key(&1u32), key(&1u64));
    assert_ne!(key(&0.0f64), key(&-0.0f64));
}

#[test]
fn what_cannot_be_serialized_names_its_type() {
    #[derive(Debug)]
    struct Broken;
    impl Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(ser::Error::custom("it is broken"))
        }
    }
    let error = feed_serde(&BTreeMap::from([(1, Broken)]), &mut KeyHasher::new()).unwrap_err();
    assert!(error.to_string().contains("Broken"), "{error}");
    assert!(error.to_string().contains("it is broken"), "{error}");
}
