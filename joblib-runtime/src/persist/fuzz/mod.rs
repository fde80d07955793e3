//! Fuzzing of the readers: of encoded bodies, whole files, schemas that differ from the
//! type, and compressed blocks.

mod described;
mod file;
mod forms;
mod open;

use std::collections::{BTreeMap, HashSet};
use std::mem::MaybeUninit;
use std::num::Wrapping;
use std::time::{Duration, SystemTime};

use super::body_encoding::BodyEncoding;
use super::compress::Codec;
use super::error::Error;
use super::number::NumberKind;
use super::reader::BodyReader;
use super::schema::Schema;
use super::source::BodySource;
use super::{Compress, Persist, embedded, locate, migrate};
use crate::fuzz_target::Target;

pub(crate) use self::described::DESCRIBED_PART as DESCRIBED;
pub(crate) use self::file::FILE;
pub(crate) use self::open::OPEN;

/// An encoded body and its arrays, as stored in the cache.
pub(crate) const SMALL: Target = Target {
    name: "persist_small",
    run: small,
    seeds: small_seeds,
};

/// The length of a schema in two bytes, the schema, and an encoded body.
pub(crate) const SCHEMA: Target = Target {
    name: "persist_schema",
    run: schema,
    seeds: schema_seeds,
};

/// The number of a codec, the length of the block in two bytes, and the compressed
/// block.
pub(crate) const BLOCK: Target = Target {
    name: "persist_block",
    run: block,
    seeds: block_seeds,
};

/// Values of every kind.
type Rich = (
    Vec<(u16, String, Option<char>)>,
    BTreeMap<String, Vec<f32>>,
    HashSet<i32>,
    Result<Box<str>, bool>,
    (Vec<()>, Vec<bool>, [u64; 3]),
    (Duration, SystemTime, u128, i128),
);

/// The same values with wider numbers, and with numbers that are not in arrays.
type Wide = (
    Vec<(i64, String, Option<char>)>,
    BTreeMap<String, Vec<f64>>,
    HashSet<i64>,
    Result<Box<str>, bool>,
    (Vec<()>, Vec<Option<bool>>, [Wrapping<u128>; 3]),
    (Duration, SystemTime, u128, i128),
);

fn rich(count: usize) -> Rich {
    let texts = (0..count).map(|n| (n as u16, "t".repeat(n), char::from_u32(n as u32)));
    (
        texts.collect(),
        [
            ("a".to_owned(), vec![0.5; count]),
            ("ü".to_owned(), Vec::new()),
        ]
        .into(),
        (0..count as i32).map(|n| n - 2).collect(),
        if count > 3 {
            Ok("ok".into())
        } else {
            Err(true)
        },
        (vec![(); count], vec![true; 4 * count], [1, 2, u64::MAX]),
        (
            Duration::new(1, 2),
            SystemTime::UNIX_EPOCH,
            u128::MAX,
            i128::MIN,
        ),
    )
}

const COUNTS: [usize; 3] = [0, 5, 300];

fn small(bytes: &[u8]) {
    assert_invalid_or_canonical::<Rich>(bytes);
    assert_invalid_or_canonical::<Vec<Vec<u8>>>(bytes);
    assert_invalid_or_canonical::<Option<Vec<f64>>>(bytes);
    assert_invalid_or_canonical::<BTreeMap<(u8, i16), Vec<()>>>(bytes);
    forms::small(bytes);
}

/// Asserts that bytes are either invalid or the only encoding of their value.
fn assert_invalid_or_canonical<T: Persist>(bytes: &[u8]) {
    if let Ok(value) = embedded::decode::<T>(bytes) {
        let again = encoded(&value);
        // An older encoding is rewritten in the current one.
        let is_same = |form: fn(&[u8]) -> bool| form(&again) == form(bytes);
        match is_same(embedded::differs_from_version_1) && is_same(embedded::has_records) {
            true => assert_eq!(again, bytes),
            false => assert_round_trip::<T>(&again),
        }
    }
}

/// Asserts that encoded bytes decode to a value with the same encoding.
fn assert_round_trip<T: Persist>(bytes: &[u8]) {
    let again = embedded::decode::<T>(bytes);
    let again = again.expect("an encoded value can be decoded");
    assert_eq!(encoded(&again), bytes);
}

fn encoded<T: Persist>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    let encoded = embedded::encode(value, &mut out);
    assert!(encoded.is_ok(), "a decoded value cannot be encoded");
    out
}

fn small_seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = COUNTS.iter().map(|count| encoded(&rich(*count))).collect();
    seeds.push(encoded(&vec![vec![1_u8; 2000], vec![]]));
    seeds.push(encoded(&Some(vec![0.5; 200])));
    seeds.push(encoded(&BTreeMap::from([((1_u8, -1_i16), vec![(); 2])])));
    seeds.extend(forms::small_seeds());
    seeds
}

fn schema(bytes: &[u8]) {
    let Some((len, rest)) = bytes.split_first_chunk() else {
        return;
    };
    let Some((schema, small)) = rest.split_at_checked(u16::from_le_bytes(*len).into()) else {
        return;
    };
    let Ok(found) = Schema::from_bytes(schema) else {
        return;
    };
    read_as::<Rich>(&found, small);
    read_as::<Wide>(&found, small);
    read_as::<BTreeMap<String, (i64, f64)>>(&found, small);
    forms::schema(&found, small);
}

/// Reads `small`, an encoded body with the schema `found`, as a `T`.
fn read_as<T: Persist>(found: &Schema, small: &[u8]) {
    const LIMIT: u64 = 64 << 20;
    let expected = Schema::of::<T>();
    let len = small.len() as u64;
    let adapted = migrate::migrate_body(&expected, found, &mut Zeros(small), len, LIMIT);
    let Ok(adapted) = adapted else {
        return;
    };
    let reader = || {
        BodyReader::whole(
            &adapted,
            BodyEncoding::Adapted,
            Box::new(Zeros(small)),
            LIMIT,
        )
    };
    let mut first = reader();
    if T::load(&mut first).is_err() {
        locate::field(&expected, reader(), first.position());
    }
}

/// Provides any number of arrays of zeros, of any length.
struct Zeros<'b>(&'b [u8]);

impl BodySource for Zeros<'_> {
    fn more(&mut self, window: &mut Vec<u8>) -> Result<(), Error> {
        window.extend_from_slice(self.0);
        Ok(())
    }

    fn is_segment(&mut self, _: u64, _: NumberKind, len: u64) -> bool {
        len < 1 << 16
    }

    fn has(&self, _: u64) -> bool {
        false
    }

    fn fill(&mut self, _: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        out.fill(MaybeUninit::new(0));
        Ok(())
    }

    fn offset(&self, _: u64) -> Result<usize, &'static str> {
        Err("it has no offset")
    }
}

fn schema_seeds() -> Vec<Vec<u8>> {
    let seeds = COUNTS.iter().map(|count| with_schema(&rich(*count)));
    seeds.chain(forms::schema_seeds()).collect()
}

/// Encodes a value as its schema followed by its body.
fn with_schema<T: Persist>(value: &T) -> Vec<u8> {
    let schema = Schema::of::<T>().bytes().unwrap_or_default();
    let (small, _) = embedded::parts(value).unwrap_or_default();
    let len = (schema.len() as u16).to_le_bytes();
    [&len[..], &schema, &small].concat()
}

fn block(bytes: &[u8]) {
    let Some((&[codec, low, high], packed)) = bytes.split_first_chunk() else {
        return;
    };
    if let Some(codec) = Codec::from_number(codec % 8) {
        let mut out = vec![0; u16::from_le_bytes([low, high]).into()];
        let _ = codec.unpack(packed, &mut out);
    }
}

fn block_seeds() -> Vec<Vec<u8>> {
    let block: Vec<u8> = (0..2000_u32).map(|n| ((n * n) >> 5) as u8).collect();
    let how = Compress::all();
    let seeds = how.iter().map(|compress| {
        let mut packed = vec![compress.codec().number()];
        packed.extend_from_slice(&(block.len() as u16).to_le_bytes());
        let mut compressed = Vec::new();
        let _ = compress.block(&block, &mut compressed);
        packed.extend_from_slice(&compressed);
        packed
    });
    seeds.collect()
}
