//! Types with two encodings: rows as one array or one by one, maps and sets in key
//! order or in the order of their encoded keys. Damage to either encoding is detected,
//! and the older encoding is still read from caches.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::num::Wrapping;

use proptest::collection::{btree_map, hash_map, hash_set, vec};
use proptest::prelude::{any, prop_assert_eq, proptest};

use super::forge::{ArraySegment, Forge};
use super::{body_refused, body_refused_for, dumped, read, refused, refused_for};
use crate::codec;
use crate::persist::number::NumberKind;
use crate::persist::schema::{Node, Rank, Schema};
use crate::persist::{Persist, embedded};

fn encoded<T: Persist>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    embedded::encode(value, &mut bytes).unwrap();
    bytes
}

/// Returns a body as stored in the cache. `is_later` marks that it uses the newer
/// encoding.
fn cached(small: &[u8], is_later: bool) -> Vec<u8> {
    let end = 8 + small.len() as u64;
    let flag = if is_later { 1 << 62 } else { 0 };
    [&(end | flag).to_le_bytes()[..], small].concat()
}

#[test]
fn rows_are_their_dimensions_an_order_and_their_numbers() {
    let rows = [[1_u8, 2, 3], [4, 5, 6]];
    assert_eq!(
        encoded(&rows.to_vec()),
        cached(&[2, 3, 0, 1, 2, 3, 4, 5, 6], true)
    );
    let nested = vec![[[1_u8], [2]]];
    assert_eq!(encoded(&nested), cached(&[1, 2, 1, 0, 1, 2], true));
    assert_eq!(encoded(&Vec::<[u8; 3]>::new()), cached(&[0, 3, 0], true));
}

#[test]
fn ordered_keys_ascend_and_are_their_bytes() {
    let map = HashMap::from([(300_u16, 1_u32), (2, 2), (256, 3)]);
    let small = [3, 2, 0, 2, 0, 0, 0, 0, 1, 3, 0, 0, 0, 0x2c, 1, 1, 0, 0, 0];
    assert_eq!(encoded(&map), cached(&small, true));
    let set = BTreeSet::from([-1_i8, 1, -128]);
    assert_eq!(encoded(&set), cached(&[3, 0x80, 0xff, 1], true));
    let texts = BTreeMap::from([("b".to_owned(), true), ("aa".to_owned(), false)]);
    let small = [2, 2, b'a', b'a', 0, 1, b'b', 1];
    assert_eq!(encoded(&texts), cached(&small, true));
}

#[test]
fn what_caches_have_of_before_is_read() {
    let small = [2, 3, 1, 2, 3, 3, 4, 5, 6];
    let rows: Vec<[u8; 3]> = embedded::decode(&cached(&small, false)).unwrap();
    assert_eq!(rows, [[1, 2, 3], [4, 5, 6]]);
    assert!(embedded::decode::<Vec<[u8; 4]>>(&cached(&small, false)).is_err());
    // The order of encodings: 256, 2, 300.
    let small = [3, 0x80, 2, 3, 2, 2, 0xac, 2, 1];
    let map: BTreeMap<u16, u32> = embedded::decode(&cached(&small, false)).unwrap();
    assert_eq!(map, [(2, 2), (256, 3), (300, 1)].into());
    let set: HashSet<u16> = embedded::decode(&cached(&[2, 0x80, 2, 1], false)).unwrap();
    assert_eq!(set, [1, 256].into());
    let texts: BTreeMap<String, u8> = embedded::decode(&cached(&[1, 1, b'a', 7], false)).unwrap();
    assert_eq!(texts["a"], 7);
    // In the older encoding, long rows are separate arrays.
    let rows = vec![vec![7_u64; 200]; 3];
    let mut bytes = encoded(&rows);
    assert_eq!(bytes[7], 0);
    assert_eq!(
        embedded::decode::<Vec<[u64; 200]>>(&bytes).unwrap(),
        [[7; 200]; 3]
    );
    bytes[7] |= 0x40;
    assert!(embedded::decode::<Vec<[u64; 200]>>(&bytes).is_err());
}

#[test]
fn a_form_that_nothing_has_is_refused() {
    let value = (7_u8, vec![1.5_f64; 3], vec!["text".to_owned()]);
    let mut bytes = encoded(&value);
    assert_eq!(bytes[7], 0);
    bytes[7] |= 0x40;
    assert!(embedded::decode::<(u8, Vec<f64>, Vec<String>)>(&bytes).is_err());
    // Keys that cannot be ordered have only one encoding.
    let keyed = BTreeMap::from([((1_u8, 2_u8), 3_u8)]);
    assert_eq!(encoded(&keyed)[7], 0);
    let turned = cached(&[2, 2, 0, 0, 1, 0, 0], false);
    assert!(embedded::decode::<BTreeMap<(u8, u8), u8>>(&turned).is_err());
}

#[test]
fn rows_that_are_not_as_long_as_the_type_says_are_refused() {
    body_refused_for::<Vec<[u8; 3]>>(&[1, 2, 0, 1, 2], "rows of 2, one of rows of 3 was expected");
    body_refused::<Vec<[u8; 3]>>(&[0, 2, 0]);
    body_refused::<Vec<[[u8; 3]; 2]>>(&[1, 3, 2, 0, 1, 2, 3, 4, 5, 6]);
    body_refused_for::<Vec<[u8; 3]>>(&[1, 3, 0, 1, 2], "unexpected end");
    body_refused_for::<Vec<[u8; 3]>>(&[1, 3, 2, 1, 2, 3], "invalid bool byte");
    body_refused_for::<Vec<[u8; 3]>>(&[1, 3, 1, 1, 2, 3], "states an order");
    body_refused::<Vec<[u8; 3]>>(&[1, 3]);
}

#[test]
fn columns_that_lie_together_are_turned() {
    let forged = Forge::of::<Vec<[u8; 3]>>(&[2, 3, 1, 1, 4, 2, 5, 3, 6]).bytes();
    assert_eq!(
        read::<Vec<[u8; 3]>>(&forged).unwrap(),
        [[1, 2, 3], [4, 5, 6]]
    );
    let apart = read::<Vec<Vec<u16>>>(&forged).unwrap();
    assert_eq!(apart, [[1, 2, 3], [4, 5, 6]]);
}

#[test]
fn more_rows_than_there_can_be_are_refused() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    for len in [0_u8, 3] {
        let small = [&huge[..], &[len, 0]].concat();
        body_refused::<Vec<[f32; 3]>>(&small);
        body_refused::<Vec<[f32; 0]>>(&small);
        body_refused::<Vec<[[f32; 3]; 0]>>(&[&huge[..], &[0, len, 0]].concat());
        body_refused::<[[f32; 3]; 4]>(&small);
        refused::<Vec<Vec<f32>>>(&Forge::of::<Vec<[f32; 3]>>(&small).bytes());
        refused::<Vec<Vec<f32>>>(&Forge::of::<Vec<[f32; 0]>>(&small).bytes());
        refused::<Vec<[f32; 3]>>(&Forge::of::<Vec<Vec<f32>>>(&small).bytes());
    }
    // Empty rows are valid up to a limit on their number.
    let many = Forge::of::<Vec<[f32; 0]>>(&[0xff, 0xff, 0xff, 0xff, 7, 0, 0]).bytes();
    assert_eq!(read::<Vec<[f32; 0]>>(&many).unwrap().len(), 0x7fff_ffff);
    refused_for::<Vec<Vec<f32>>>(&many, "more parts than bytes");
}

#[test]
fn rows_of_no_bool_are_refused() {
    body_refused_for::<Vec<[bool; 2]>>(&[1, 2, 0, 1, 2], "an array of bool is damaged");
    refused::<Vec<[bool; 2]>>(&Forge::of::<Vec<Vec<bool>>>(&[1, 2, 1, 2]).bytes());
    let mut bytes = vec![1; 2000];
    bytes[1999] = 2;
    let long = Forge::of::<Vec<[bool; 2]>>(&[0xe8, 7, 2, 0]).raw_array(NumberKind::Bool, &bytes);
    refused_for::<Vec<[bool; 2]>>(&long.bytes(), "an array of bool is damaged");
}

#[test]
fn rows_in_a_segment_of_another_length_are_refused() {
    for count in [399_u16, 401] {
        let small = [count as u8 | 0x80, (count >> 7) as u8, 3, 0];
        let forged = Forge::of::<Vec<[u8; 3]>>(&small);
        let segment = ArraySegment::plain(NumberKind::U8 as u8, &[7; 1200]);
        refused::<Vec<[u8; 3]>>(&forged.segment(segment).bytes());
    }
}

#[test]
fn keys_out_of_order_or_twice_are_refused() {
    for (small, why) in [
        (
            &[2, 2, 0, 0, 1, 0, 0][..],
            "keys are not in ascending order",
        ),
        (&[2, 1, 0, 0, 1, 0, 0], "duplicate key in a map"),
    ] {
        body_refused_for::<HashMap<u16, bool>>(small, why);
        body_refused_for::<BTreeMap<u16, bool>>(small, why);
    }
    // Negative numbers and text.
    body_refused_for::<BTreeSet<i8>>(&[2, 1, 0xff], "keys are not in ascending order");
    let texts = [2, 1, b'b', 2, b'a', b'a'];
    body_refused_for::<HashSet<String>>(&texts, "keys are not in ascending order");
    let twice = [2, 1, b'a', 1, b'a'];
    body_refused_for::<HashSet<String>>(&twice, "duplicate value in a set");
    body_refused::<BTreeSet<String>>(&twice);
    let wide = [&[2][..], &1_u128.to_le_bytes(), &0_u128.to_le_bytes()].concat();
    body_refused_for::<BTreeSet<u128>>(&wide, "keys are not in ascending order");
}

#[test]
fn keys_that_end_early_or_are_none_are_refused() {
    body_refused::<BTreeMap<u32, u32>>(&[1, 1, 0, 0]);
    body_refused::<BTreeMap<u32, u32>>(&[1, 1, 0, 0, 0, 2, 0]);
    body_refused::<HashSet<u64>>(&[2, 1, 0, 0, 0, 0, 0, 0, 0]);
    body_refused_for::<BTreeMap<bool, u8>>(&[1, 2, 0], "a number is not a valid bool");
    refused::<BTreeMap<bool, Option<u8>>>(&Forge::of::<BTreeMap<bool, u8>>(&[1, 2, 0]).bytes());
    body_refused::<BTreeMap<u8, ()>>(&[1, 7, 1]);
    assert!(read::<BTreeMap<u8, ()>>(&Forge::of::<BTreeMap<u8, ()>>(&[1, 7, 0]).bytes()).is_ok());
}

#[test]
fn keys_that_have_no_order_are_no_ordered_keys() {
    for nodes in [
        vec![Node::OrderedSet(1), Node::Fixed(NumberKind::F64)],
        vec![Node::OrderedSet(1), Node::Number(NumberKind::U64)],
        vec![
            Node::OrderedMap(1, 1),
            Node::Array(NumberKind::U8, Rank::Flat),
        ],
        vec![Node::OrderedMap(0, 1), Node::Text],
        vec![Node::OrderedMap(1, 7), Node::Text],
    ] {
        let mut schema = Vec::new();
        codec::encode(&nodes, &mut schema).unwrap();
        refused_for::<u8>(
            &Forge::with_schema(schema, &[0]).bytes(),
            "the schema is damaged",
        );
    }
    assert!(Schema::of::<BTreeMap<u64, f64>>().version() == 3);
    assert!(Schema::of::<(Vec<[f64; 3]>, BTreeMap<(u8, u8), f64>)>().version() == 1);
}

/// A type that uses every encoding.
type Forms = (
    Vec<[f32; 3]>,
    BTreeMap<u32, i64>,
    HashMap<String, Vec<[[u8; 2]; 2]>>,
    BTreeSet<i16>,
    Vec<[bool; 2]>,
);

/// The same values in the older encoding.
type Older = (
    Vec<Vec<f64>>,
    BTreeMap<Wrapping<u32>, i64>,
    HashMap<String, Vec<Vec<Vec<u16>>>>,
    HashSet<i32>,
    Vec<Vec<bool>>,
);

fn forms(count: usize) -> Forms {
    let numbers = || (0..count as u32).map(|at| at * at);
    (
        vec![[0.5, 1.5, -2.0]; count],
        numbers().map(|at| (at, -i64::from(at))).collect(),
        numbers()
            .map(|at| (at.to_string(), vec![[[1, 2], [3, 4]]; 2]))
            .collect(),
        numbers().map(|at| at as i16).collect(),
        vec![[true, false]; count],
    )
}

#[test]
fn no_damage_makes_a_reader_panic() {
    for count in [0, 3, 12, 100] {
        let bytes = encoded(&forms(count));
        assert_eq!(embedded::decode::<Forms>(&bytes).unwrap(), forms(count));
        let step = 1 + bytes.len() / 300;
        for at in (0..bytes.len()).step_by(step) {
            assert!(
                embedded::decode::<Forms>(&bytes[..at]).is_err(),
                "cut at {at}"
            );
            for flip in [1, 0x40, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] ^= flip;
                if let Ok(value) = embedded::decode::<Forms>(&damaged) {
                    // Another value, or the same one in another encoding, must be
                    // written and read back unchanged.
                    let again = encoded(&value);
                    assert_eq!(encoded(&embedded::decode::<Forms>(&again).unwrap()), again);
                }
            }
        }
    }
}

#[test]
fn no_damage_of_a_file_makes_it_another_value_of_another_type() {
    for count in [0, 5, 40] {
        let file = dumped(&forms(count));
        assert_eq!(read::<Older>(&file).unwrap().0.len(), count);
        let step = 1 + file.len() / 400;
        for at in (0..file.len()).step_by(step) {
            let mut damaged = file.clone();
            damaged[at] ^= 0x11;
            assert!(read::<Forms>(&damaged).is_err(), "{at}");
            assert!(read::<Older>(&damaged).is_err(), "{at}");
            assert!(read::<Older>(&file[..at]).is_err(), "{at}");
        }
    }
}

#[test]
fn small_parts_that_are_damaged_are_refused_or_read_as_any_type() {
    let schema = Schema::of::<Forms>().bytes().unwrap();
    let (small, _) = embedded::parts(&forms(6)).unwrap();
    for at in 0..small.len() {
        for flip in [1, 2, 0x7f, 0x80] {
            let mut damaged = small.clone();
            damaged[at] ^= flip;
            let file = Forge::with_schema(schema.clone(), &damaged).bytes();
            let _ = read::<Forms>(&file);
            let _ = read::<Older>(&file);
        }
    }
}

/// A type that uses both encodings, without values that differ from themselves.
type Any = (
    Vec<[u16; 3]>,
    BTreeMap<i32, u64>,
    HashMap<String, [bool; 2]>,
    HashSet<i64>,
    Vec<[[i8; 2]; 2]>,
);

/// The same values in the older encoding.
type AnyOlder = (
    Vec<Vec<u16>>,
    HashMap<Wrapping<i32>, u64>,
    BTreeMap<Wrapping<String>, Vec<bool>>,
    BTreeSet<Wrapping<i64>>,
    Vec<Vec<Vec<i8>>>,
);

proptest! {
    #[test]
    fn any_value_goes_from_one_form_to_the_other_and_back(
        rows in vec(any::<[u16; 3]>(), 0..400),
        map in btree_map(any::<i32>(), any::<u64>(), 0..60),
        texts in hash_map(".{0,12}", any::<[bool; 2]>(), 0..30),
        set in hash_set(any::<i64>(), 0..60),
        nested in vec(any::<[[i8; 2]; 2]>(), 0..9),
    ) {
        let value: Any = (rows, map, texts, set, nested);
        let file = dumped(&value);
        prop_assert_eq!(&read::<Any>(&file).unwrap(), &value);
        let before: AnyOlder = read(&file).unwrap();
        let older = dumped(&before);
        prop_assert_eq!(&read::<Any>(&older).unwrap(), &value);
        prop_assert_eq!(&read::<AnyOlder>(&older).unwrap(), &before);
        // In a cache, the older encoding has no mark.
        prop_assert_eq!(&embedded::decode::<Any>(&encoded(&value)).unwrap(), &value);
        let cached = encoded(&before);
        prop_assert_eq!(cached[7], 0);
        prop_assert_eq!(&embedded::decode::<Any>(&cached).unwrap(), &value);
    }
}
