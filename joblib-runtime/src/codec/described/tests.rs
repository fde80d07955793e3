//! Tests that values that the compact encoding does not support survive a round trip, and
//! that invalid bytes are rejected.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Debug;
use std::net::IpAddr;

use indexmap::IndexMap;
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::*;
use crate::codec::tests::{Tree, tree};
use crate::codec::{DecodeError, EncodeError, MAX_DEPTH};

fn described<T: Serialize>(value: &T, purpose: Purpose) -> Vec<u8> {
    let mut out = Vec::new();
    describe(value, purpose, &mut out).unwrap();
    out
}

fn back<T: Serialize + DeserializeOwned>(value: &T) -> T {
    decode_described(&described(value, Purpose::Keep)).unwrap()
}

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) {
    assert_eq!(back(&value), value);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Nothing,
    Small(u8),
    Number(f64),
    Text(String),
    Tagged(Tagged),
    Many(Vec<Untagged>),
    Named { x: Option<i64>, kind: Kind },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
enum Tagged {
    A { at: IpAddr },
    B(Inner),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Tuple(u8, char),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    left_out: Option<u8>,
    #[serde(flatten)]
    rest: IndexMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    First,
    #[serde(skip)]
    #[allow(dead_code, reason = "only its position in the enum matters")]
    Skipped,
    After(u8),
    Wide(u128, i128),
    Last {
        bytes: Vec<u8>,
    },
}

fn inner() -> Inner {
    let rest = [
        (
            "z".to_owned(),
            serde_json::json!({"b": [1, -2, 2.5, null], "a": u64::MAX}),
        ),
        ("a".to_owned(), serde_json::json!("text")),
    ];
    Inner {
        left_out: None,
        rest: rest.into(),
    }
}

#[test]
fn what_needs_a_description_comes_back() {
    comes_back(inner());
    let json = back(&inner()).rest["z"].to_string();
    assert_eq!(json, r#"{"b":[1,-2,2.5,null],"a":18446744073709551615}"#);
    let named = |kind| Untagged::Named { x: Some(-1), kind };
    let last = Kind::Last { bytes: vec![1, 2] };
    comes_back(vec![
        Untagged::Nothing,
        Untagged::Small(1),
        Untagged::Number(0.1),
        Untagged::Text("ß".to_owned()),
        Untagged::Many(vec![named(Kind::First), named(Kind::After(1)), named(last)]),
        Untagged::Tagged(Tagged::B(inner())),
    ]);
    let at = "127.0.0.1".parse().unwrap();
    comes_back(Tagged::A { at });
    comes_back(vec![Adjacent::Unit, Adjacent::Tuple(1, 'x')]);
}

#[test]
fn variants_behind_a_skipped_one_come_back_as_themselves() {
    comes_back(vec![
        Kind::First,
        Kind::After(1),
        Kind::Wide(u128::MAX, i128::MIN),
        Kind::Last { bytes: vec![] },
    ]);
}

#[test]
fn options_and_floats_come_back_exactly() {
    comes_back(vec![None, Some(None), Some(Some(()))]);
    for bits in [0x7ff8_0000_dead_beef, 0x7ff0_0000_0000_0001, 1 << 63] {
        assert_eq!(back(&f64::from_bits(bits)).to_bits(), bits);
    }
    assert_eq!(back(&f32::from_bits(0x7f80_0001)).to_bits(), 0x7f80_0001);
}

proptest! {
    #[test]
    fn trees_come_back(value in tree()) {
        prop_assert_eq!(back(&value), value);
    }

    #[test]
    fn any_bytes_are_refused_or_a_value(bytes in any::<Vec<u8>>()) {
        if let Ok(value) = decode_described::<Tree>(&bytes) {
            prop_assert_eq!(back(&value), value);
        }
        if let Ok(value) = decode_described::<serde_json::Value>(&bytes) {
            prop_assert_eq!(back(&value).to_string(), value.to_string());
        }
    }

    #[test]
    fn a_description_that_is_cut_is_refused(value in tree()) {
        let bytes = described(&value, Purpose::Keep);
        for len in 0..bytes.len() {
            prop_assert!(decode_described::<Tree>(&bytes[..len]).is_err());
        }
    }
}

#[test]
fn equal_values_compare_equal_and_different_orders_differ() {
    let of = |value: &HashMap<u8, HashSet<u16>>| described(value, Purpose::Compare);
    let map = || HashMap::from([(1, (0..50).collect()), (2, [7].into()), (3, [].into())]);
    assert_eq!(of(&map()), of(&map()));
    assert_ne!(of(&map()), of(&HashMap::new()));
    let forth: IndexMap<u8, u8> = [(1, 1), (2, 2)].into();
    let back: IndexMap<u8, u8> = [(2, 2), (1, 1)].into();
    let compare = |purpose| described(&forth, purpose) == described(&back, purpose);
    assert!(!compare(Purpose::Compare) && compare(Purpose::CompareUnordered));
    let unordered = |value: &(u8, u8)| described(value, Purpose::CompareUnordered);
    assert_ne!(unordered(&(1, 2)), unordered(&(2, 1)), "a tuple is ordered");
    let sorted: BTreeMap<u8, u8> = [(1, 1), (2, 2)].into();
    assert_eq!(
        described(&sorted, Purpose::Compare),
        described(&forth, Purpose::Compare)
    );
}

#[test]
fn hostile_bytes_take_no_memory_and_no_stack() {
    let huge = [kind::SEQ, 0xff, 0xff, 0xff, 0xff, 0x0f];
    assert_eq!(
        decode_described::<Vec<u64>>(&huge),
        Err(DecodeError::Truncated)
    );
    let deep = vec![kind::SOME; 1 << 20];
    let value = decode_described::<serde_json::Value>(&deep);
    assert_eq!(value, Err(DecodeError::TooDeep));
    let unknown = decode_described::<u8>(&[0xee]);
    assert_eq!(unknown, Err(invalid_kind(0xee)));
    let trailing = decode_described::<u8>(&[kind::U8, 1, 1]);
    assert_eq!(trailing, Err(DecodeError::Trailing(1)));
}

fn invalid_kind(byte: u8) -> DecodeError {
    let expected = "value kind";
    DecodeError::Invalid { byte, expected }
}

#[test]
fn the_bytes_never_change() {
    let keep = |value: &dyn erased::Value| value.described();
    assert_eq!(keep(&(true, (), 'ß')), [19, 3, 1, 1, 0, 14, 2, 0xc3, 0x9f]);
    assert_eq!(keep(&(1u8, 300u16, 1u64)), [19, 3, 2, 1, 3, 0xac, 2, 5, 1]);
    assert_eq!(keep(&(-1i8, -1i32, 1i128)), [19, 3, 7, 255, 9, 1, 11, 2]);
    assert_eq!(keep(&(0.5f32, None::<u8>)), [19, 2, 12, 0, 0, 0, 63, 17]);
    assert_eq!(keep(&Some("a")), [18, 15, 1, b'a']);
    assert_eq!(
        keep(&BTreeMap::from([(1u8, "b")])),
        [20, 1, 2, 1, 15, 1, b'b']
    );
    assert_eq!(
        keep(&Kind::First),
        [b"\x16\x05".as_slice(), b"First"].concat()
    );
    assert_eq!(
        keep(&Kind::After(1)),
        [b"\x17\x05", b"After".as_slice(), &[2, 1]].concat()
    );
    let last = [b"\x17\x04Last\x15\x01\x05bytes".as_slice(), &[19, 1, 2, 7]].concat();
    assert_eq!(keep(&Kind::Last { bytes: vec![7] }), last);
}

mod erased {
    //! A type-erased value that can be encoded.

    use super::*;

    pub(super) trait Value {
        fn described(&self) -> Vec<u8>;
    }

    impl<T: Serialize> Value for T {
        fn described(&self) -> Vec<u8> {
            described(self, Purpose::Keep)
        }
    }
}

#[test]
fn what_is_nested_too_deeply_is_refused() {
    #[derive(Serialize)]
    struct Nested(Option<Box<Nested>>);
    let nested = (0..MAX_DEPTH).fold(Nested(None), |within, _| Nested(Some(within.into())));
    let mut out = vec![7];
    let refused = describe(&nested, Purpose::Keep, &mut out);
    assert_eq!((refused, out), (Err(EncodeError::TooDeep), vec![7]));
}
