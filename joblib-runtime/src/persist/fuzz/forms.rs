//! Fuzzing of types with two encodings: rows of numbers as one array or one by one,
//! maps and sets in key order or in the order of their encoded keys, and structs of
//! numbers as records or one by one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList};
use std::num::Wrapping;

use super::{
    COUNTS, assert_invalid_or_canonical, assert_round_trip, encoded, read_as, with_schema,
};
use crate::persist::embedded;
use crate::persist::record::sample::Sample;
use crate::persist::schema::Schema;

/// Rows as one array, and ordered keys.
pub(super) type Together = (
    Vec<[f32; 3]>,
    Vec<[[u16; 2]; 2]>,
    BTreeMap<u64, i32>,
    BTreeMap<String, [u8; 4]>,
    BTreeSet<i64>,
    Vec<[bool; 2]>,
);

/// The same values one by one, and in the order of their encodings.
pub(super) type Apart = (
    LinkedList<[f64; 3]>,
    Vec<Vec<Vec<u32>>>,
    HashMap<Wrapping<u128>, i64>,
    HashMap<String, Vec<u16>>,
    HashSet<Wrapping<i64>>,
    Vec<Vec<bool>>,
);

/// Maps and sets with ordered keys.
type Ordered = (
    BTreeMap<u16, u64>,
    BTreeMap<i128, String>,
    HashSet<i8>,
    BTreeMap<bool, ()>,
    HashMap<Box<str>, Vec<f64>>,
);

pub(super) fn together(count: usize) -> Together {
    let entries = || (0..count as u64).map(|n| n.wrapping_mul(n) << (n % 50));
    (
        vec![[0.5, -0.0, 2.0]; count],
        vec![[[1, 2], [3, 4]]; count],
        entries().map(|n| (n, n as i32)).collect(),
        entries().map(|n| (n.to_string(), [7; 4])).collect(),
        entries().map(|n| n as i64 - 300).collect(),
        vec![[true, false]; count],
    )
}

/// Structs of numbers as records.
pub(super) type Records = (
    Vec<Sample>,
    Vec<[Sample; 2]>,
    Option<Box<[Sample]>>,
    BTreeMap<String, Vec<Sample>>,
);

/// The same values one by one.
pub(super) type OneByOne = (
    LinkedList<Sample>,
    Vec<LinkedList<Sample>>,
    Option<Vec<Sample>>,
    HashMap<String, LinkedList<Sample>>,
);

pub(super) fn records(count: usize) -> Records {
    let samples = |count| (0..count).map(Sample::new).collect::<Vec<_>>();
    (
        samples(count),
        samples(count).into_iter().map(|it| [it; 2]).collect(),
        (count > 3).then(|| samples(count).into()),
        [("a".to_owned(), samples(2)), ("b".to_owned(), vec![])].into(),
    )
}

fn one_by_one(count: usize) -> OneByOne {
    let (first, pairs, some, map) = records(count);
    (
        first.into_iter().collect(),
        pairs
            .into_iter()
            .map(|it| it.into_iter().collect())
            .collect(),
        some.map(Into::into),
        map.into_iter()
            .map(|(key, it)| (key, it.into_iter().collect()))
            .collect(),
    )
}

fn apart(count: usize) -> Apart {
    let entries = || (0..count as u64).map(|n| n * 77);
    (
        vec![[0.5, -0.0, 2.0]; count].into_iter().collect(),
        vec![vec![vec![1, 2], vec![3, 4]]; count],
        entries()
            .map(|n| (Wrapping(n.into()), -(n as i64)))
            .collect(),
        entries().map(|n| (n.to_string(), vec![7; 4])).collect(),
        entries().map(|n| Wrapping(n as i64 - 300)).collect(),
        vec![vec![true, false]; count],
    )
}

fn ordered(count: usize) -> Ordered {
    let numbers = || (0..count as u16).map(|n| n.wrapping_mul(771));
    (
        numbers().map(|n| (n, u64::from(n) << 20)).collect(),
        numbers()
            .map(|n| (i128::from(n) - 9, n.to_string()))
            .collect(),
        numbers().map(|n| n as i8).collect(),
        numbers().map(|n| (n % 2 == 0, ())).collect(),
        numbers()
            .map(|n| (n.to_string().into(), vec![0.5]))
            .collect(),
    )
}

pub(super) fn small(bytes: &[u8]) {
    assert_invalid_or_canonical::<Ordered>(bytes);
    assert_invalid_or_canonical::<Records>(bytes);
    assert_invalid_or_canonical::<OneByOne>(bytes);
    // An array in column-major order is written in row-major order, so the bytes may
    // differ.
    if let Ok(value) = embedded::decode::<Together>(bytes) {
        assert_round_trip::<Together>(&encoded(&value));
    }
}

pub(super) fn small_seeds() -> impl Iterator<Item = Vec<u8>> {
    COUNTS.into_iter().flat_map(|count| {
        [
            encoded(&together(count)),
            encoded(&ordered(count)),
            encoded(&records(count)),
            encoded(&one_by_one(count)),
        ]
    })
}

pub(super) fn schema(found: &Schema, small: &[u8]) {
    read_as::<Together>(found, small);
    read_as::<Apart>(found, small);
    read_as::<Ordered>(found, small);
    read_as::<Records>(found, small);
    read_as::<OneByOne>(found, small);
}

pub(super) fn schema_seeds() -> impl Iterator<Item = Vec<u8>> {
    COUNTS.into_iter().flat_map(|count| {
        [
            with_schema(&together(count)),
            with_schema(&apart(count)),
            with_schema(&ordered(count)),
            with_schema(&records(count)),
            with_schema(&one_by_one(count)),
        ]
    })
}
