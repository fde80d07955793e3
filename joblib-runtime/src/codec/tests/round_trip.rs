//! Tests that values survive a round trip, or are rejected by the encoder.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::codec::{DecodeError, EncodeError, MAX_DEPTH, decode, encode};

pub(super) fn encoded<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    encode(value, &mut out).unwrap();
    out
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::codec) enum Tree {
    Empty,
    Leaf(i128),
    Named { name: String, mark: Option<char> },
    Pair(Box<Tree>, Box<Tree>),
    Many(Vec<Tree>),
    Keyed(BTreeMap<u16, Tree>),
}

pub(in crate::codec) fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Empty),
        any::<i128>().prop_map(Tree::Leaf),
        any::<(String, Option<char>)>().prop_map(|(name, mark)| Tree::Named { name, mark }),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Tree::Pair(a.into(), b.into())),
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Tree::Many),
            proptest::collection::btree_map(any::<u16>(), inner, 0..5).prop_map(Tree::Keyed),
        ]
    })
}

proptest! {
    #[test]
    fn trees_come_back(value in tree()) {
        prop_assert_eq!(decode::<Tree>(&encoded(&value)), Ok(value));
    }

    #[test]
    fn collections_come_back(
        value in any::<(Vec<Option<u64>>, HashMap<String, i16>, (u8, i8, bool), [f32; 3], Vec<Vec<()>>)>()
    ) {
        type Value = (Vec<Option<u64>>, HashMap<String, i16>, (u8, i8, bool), [f32; 3], Vec<Vec<()>>);
        let back: Value = decode(&encoded(&value)).unwrap();
        prop_assert_eq!((&back.0, &back.1, &back.2, &back.4), (&value.0, &value.1, &value.2, &value.4));
        prop_assert_eq!(back.3.map(f32::to_bits), value.3.map(f32::to_bits));
    }

    #[test]
    fn floats_come_back_bit_for_bit(bits in any::<u64>()) {
        let back: f64 = decode(&encoded(&f64::from_bits(bits))).unwrap();
        prop_assert_eq!(back.to_bits(), bits);
    }
}

#[test]
fn special_floats_come_back_bit_for_bit() {
    for bits in [
        0x7ff8_0000_dead_beef,
        0x7ff0_0000_0000_0001,
        (-0.0f64).to_bits(),
    ] {
        let back: Vec<f64> = decode(&encoded(&[f64::from_bits(bits)][..])).unwrap();
        assert_eq!(back[0].to_bits(), bits);
    }
}

#[test]
fn elements_without_content_take_a_byte() {
    assert_eq!(encoded(&vec![(), ()]), [2, 0, 0]);
    assert_eq!(decode::<Vec<()>>(&[2, 0, 0]), Ok(vec![(), ()]));
    assert_eq!(encoded(&((), 1u8)), [1]);
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Chain(Option<Box<Chain>>);

fn chain(links: usize) -> Chain {
    (0..links).fold(Chain(None), |rest, _| Chain(Some(Box::new(rest))))
}

#[test]
fn what_is_too_deep_to_read_is_not_written() {
    let deepest = MAX_DEPTH / 2 - 1;
    let bytes = encoded(&chain(deepest));
    assert_eq!(decode(&bytes), Ok(chain(deepest)));
    let mut out = b"before".to_vec();
    assert_eq!(
        encode(&chain(deepest + 1), &mut out),
        Err(EncodeError::TooDeep)
    );
    assert_eq!(out, b"before");
}

#[test]
fn what_needs_a_format_that_describes_itself_is_refused() {
    #[derive(Serialize)]
    struct Partial {
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<u8>,
    }
    #[derive(Serialize)]
    struct Flat {
        #[serde(flatten)]
        rest: BTreeMap<String, u8>,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u8),
    }
    let mut out = Vec::new();
    let left_out = encode(&Partial { note: None }, &mut out);
    assert_eq!(left_out, Err(EncodeError::FieldLeftOut("note")));
    let flat = Flat {
        rest: BTreeMap::new(),
    };
    assert_eq!(encode(&flat, &mut out), Err(EncodeError::UnknownLength));
    let either = encoded(&Either::Number(1));
    assert_eq!(
        decode::<Either>(&either),
        Err(DecodeError::NotSelfDescribing)
    );
}

#[test]
fn a_sequence_of_unknown_length_is_counted() {
    struct Evens(u32);
    impl Serialize for Evens {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq((0..self.0).filter(|number| number.is_multiple_of(2)))
        }
    }
    let expected: Vec<u32> = (0u32..300)
        .filter(|number| number.is_multiple_of(2))
        .collect();
    assert_eq!(decode(&encoded(&Evens(300))), Ok(expected));
}

#[test]
fn the_bytes_are_those_of_postcard() {
    let value = (
        vec![Some(-3i64), None, Some(i64::MIN)],
        ('ß', 1.5f32, i128::MIN, u64::MAX),
        BTreeMap::from([("a".to_owned(), u128::MAX)]),
        Result::<u8, String>::Err("e".into()),
    );
    let bytes = encoded(&value);
    assert_eq!(bytes, postcard::to_allocvec(&value).unwrap());
    assert_eq!(decode(&bytes), Ok(value));
}
