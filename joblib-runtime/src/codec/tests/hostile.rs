//! Tests that invalid bytes are rejected without a panic, a stack overflow, or an
//! allocation that is larger than the bytes justify.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::round_trip::{Tree, encoded, tree};
use crate::codec::{DecodeError, decode};

/// Checks that a decoded value is encoded to the same bytes. A value without maps has
/// exactly one encoding.
fn is_refused_or_exact<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    if let Ok(value) = decode::<T>(bytes) {
        assert_eq!(encoded(&value), bytes);
    }
}

fn holds_a_map(tree: &Tree) -> bool {
    match tree {
        Tree::Empty | Tree::Leaf(_) | Tree::Named { .. } => false,
        Tree::Pair(left, right) => holds_a_map(left) || holds_a_map(right),
        Tree::Many(trees) => trees.iter().any(holds_a_map),
        Tree::Keyed(_) => true,
    }
}

/// Checks that a decoded tree is encoded to the same bytes, or, if it contains a map, to
/// bytes that decode to the same value: the entries of a map may be unordered and
/// duplicate.
fn is_refused_or_the_same_tree(bytes: &[u8]) {
    if let Ok(value) = decode::<Tree>(bytes) {
        let again = encoded(&value);
        if holds_a_map(&value) {
            assert_eq!(decode(&again), Ok(value));
        } else {
            assert_eq!(again, bytes);
        }
    }
}

fn try_types(bytes: &[u8]) {
    is_refused_or_the_same_tree(bytes);
    is_refused_or_exact::<Vec<Vec<()>>>(bytes);
    is_refused_or_exact::<Vec<Option<String>>>(bytes);
    is_refused_or_exact::<Vec<[(); 4]>>(bytes);
    is_refused_or_exact::<(i128, u128, char, bool)>(bytes);
    is_refused_or_exact::<Vec<(u16, i64, Option<char>)>>(bytes);
    is_refused_or_exact::<Result<Box<str>, Option<()>>>(bytes);
    // Duplicate and unordered entries still decode to a map.
    let _ = decode::<HashMap<u32, Vec<u8>>>(bytes);
    let _ = decode::<BTreeMap<String, f64>>(bytes);
}

proptest! {
    #[test]
    fn random_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        try_types(&bytes);
    }

    #[test]
    fn small_bytes_do_no_harm(bytes in proptest::collection::vec(0u8..6, 0..200)) {
        try_types(&bytes);
    }

    #[test]
    fn damaged_values_do_no_harm(
        value in tree(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encoded(&value);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        try_types(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        try_types(&bytes);
    }

    #[test]
    fn a_part_of_a_value_is_refused(value in tree()) {
        let bytes = encoded(&value);
        for len in 0..bytes.len() {
            prop_assert!(decode::<Tree>(&bytes[..len]).is_err());
        }
    }
}

fn refused<T: DeserializeOwned + Debug>(bytes: &[u8]) -> DecodeError {
    decode::<T>(bytes).unwrap_err()
}

#[test]
fn nesting_without_end_is_refused() {
    const PAIR: u8 = 3;
    const MANY: u8 = 4;
    assert_eq!(refused::<Tree>(&[PAIR; 1 << 20]), DecodeError::TooDeep);
    let nested: Vec<u8> = [MANY, 1].repeat(1 << 19);
    assert_eq!(refused::<Tree>(&nested), DecodeError::TooDeep);

    #[derive(Debug, Serialize, Deserialize)]
    struct Endless(Box<Endless>);
    assert_eq!(refused::<Endless>(&[]), DecodeError::TooDeep);

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Hidden(Option<Box<Hidden>>);
    assert_eq!(refused::<Hidden>(&[1; 1 << 20]), DecodeError::TooDeep);
}

#[test]
fn lengths_beyond_the_bytes_are_refused() {
    let mut lie = encoded(&u64::MAX);
    assert_eq!(refused::<Vec<()>>(&lie), DecodeError::Truncated);
    assert_eq!(refused::<Vec<u64>>(&lie), DecodeError::Truncated);
    assert_eq!(refused::<String>(&lie), DecodeError::Truncated);
    assert_eq!(refused::<BTreeMap<(), ()>>(&lie), DecodeError::Truncated);
    lie.push(0);
    assert_eq!(refused::<Vec<()>>(&lie), DecodeError::Truncated);
    assert_eq!(refused::<Vec<()>>(&[3, 0, 0]), DecodeError::Truncated);
}

#[test]
fn a_value_has_one_form_only() {
    assert_eq!(refused::<u64>(&[0x80, 0]), DecodeError::Varint);
    assert_eq!(refused::<u16>(&encoded(&(1u32 << 16))), DecodeError::Varint);
    assert_eq!(refused::<u64>(&[0xff; 11]), DecodeError::Varint);
    assert_eq!(refused::<char>(&encoded("ab")), DecodeError::Utf8);
    assert_eq!(refused::<char>(&encoded("")), DecodeError::Utf8);
    assert_eq!(refused::<String>(&[1, 0xff]), DecodeError::Utf8);
    assert_eq!(refused::<u8>(&[1, 2]), DecodeError::Trailing(1));
    let no_bool = DecodeError::Invalid {
        byte: 2,
        expected: "bool",
    };
    assert_eq!(refused::<bool>(&[2]), no_bool);
    assert!(matches!(
        refused::<Vec<()>>(&[1, 1]),
        DecodeError::Invalid { byte: 1, .. }
    ));
    assert!(matches!(
        refused::<Option<u8>>(&[7, 0]),
        DecodeError::Invalid { byte: 7, .. }
    ));
}
