//! The fuzz target for the decoder and for decompression.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{
    Purpose, ResultCompression, compress, decode, decode_described, decompress, describe, encode,
};
use crate::fuzz_target::Target;

/// The first byte is the compression tag of the bytes that follow.
pub(crate) const CODEC: Target = Target {
    name: "codec",
    run,
    seeds,
};

/// A type that contains every shape.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum AnyShape {
    Empty,
    Leaf(i128, u64, i32, bool),
    Named { name: String, mark: Option<char> },
    Pair(Box<AnyShape>, Box<AnyShape>),
    Many(Vec<AnyShape>),
    Bytes(Vec<u8>, [f64; 2], ()),
}

fn run(bytes: &[u8]) {
    let Some((&tag, bytes)) = bytes.split_first() else {
        return;
    };
    let Ok(bytes) = decompress(tag % 4, bytes) else {
        return;
    };
    is_refused_or_exact::<AnyShape>(&bytes);
    is_refused_or_exact::<Vec<Vec<()>>>(&bytes);
    is_refused_or_exact::<Vec<(u16, i64, Option<char>)>>(&bytes);
    is_refused_or_exact::<Result<Box<str>, Option<()>>>(&bytes);
    is_refused_or_a_value(&bytes);
    // Duplicate and unordered entries still decode to a map.
    let _ = decode::<HashMap<u32, Vec<u8>>>(&bytes);
    let _ = decode::<BTreeMap<String, f32>>(&bytes);
}

/// Checks that a decoded value has exactly one encoding. This holds for types without
/// maps.
fn is_refused_or_exact<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    if let Ok(value) = decode::<T>(bytes) {
        assert_eq!(encoded(&value), bytes);
    }
}

/// Checks that a decoded value is stable in the self-describing encoding. The encoding
/// itself is not unique.
fn is_refused_or_a_value(bytes: &[u8]) {
    if let Ok(value) = decode_described::<AnyShape>(bytes) {
        let again = described(&value);
        let back = decode_described::<AnyShape>(&again);
        assert_eq!(back.map(|back| described(&back)), Ok(again));
    }
    let _ = decode_described::<HashMap<u32, Vec<u8>>>(bytes);
}

fn described<T: Serialize>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    let described = describe(value, Purpose::Keep, &mut out);
    assert!(described.is_ok(), "a decoded value cannot be described");
    out
}

fn encoded<T: Serialize>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    let encoded = encode(value, &mut out);
    assert!(encoded.is_ok(), "a decoded value cannot be encoded");
    out
}

fn seeds() -> Vec<Vec<u8>> {
    let leaf = || AnyShape::Leaf(i128::MIN, u64::MAX, -1, true);
    let named = AnyShape::Named {
        name: "näme".to_owned(),
        mark: Some('→'),
    };
    let trees = [
        AnyShape::Empty,
        AnyShape::Pair(Box::new(leaf()), Box::new(named)),
        AnyShape::Many(vec![
            AnyShape::Bytes(vec![7; 40], [0.5, f64::NAN], ()),
            leaf(),
        ]),
    ];
    let map: HashMap<u32, Vec<u8>> = [(1, vec![1; 3]), (300, Vec::new())].into();
    let names: BTreeMap<&str, f32> = [("a", 1.0), ("b", -0.0)].into();
    let mut values: Vec<Vec<u8>> = trees.iter().map(encoded).collect();
    values.extend(trees.iter().map(described));
    values.push(described(&map));
    values.push(encoded(&map));
    values.push(encoded(&names));
    values.push(encoded(&vec![(1_u16, -1_i64, Some('x')), (2, 2, None)]));
    values.push(encoded(&vec![vec![(), ()], vec![]]));
    values.push(encoded(&vec![vec![3_u8; 300]; 3]));
    let stored = |value: &Vec<u8>| {
        let forms = [ResultCompression::None, strongest()];
        forms.map(|how| {
            let (tag, bytes) = compress(how, value);
            [&[tag], &*bytes].concat()
        })
    };
    let mut seeds: Vec<_> = values.iter().flat_map(stored).collect();
    seeds.sort();
    seeds.dedup();
    seeds
}

#[cfg(feature = "zstd")]
fn strongest() -> ResultCompression {
    ResultCompression::Zstd(3)
}

#[cfg(not(feature = "zstd"))]
fn strongest() -> ResultCompression {
    ResultCompression::None
}
