//! Headers and trailers.

use std::collections::BTreeMap;

use super::forge::{Forge, put};
use super::{dumped, read, refused, refused_for};
use crate::persist::ErrorKind;
use crate::persist::record::sample::Sample;

type Value = (Vec<f64>, String);

fn good() -> Vec<u8> {
    dumped(&(vec![1.5; 300], "text".to_owned()))
}

/// A file with the `u8` value 7.
fn seven() -> Forge {
    Forge::of::<u8>(&[7])
}

/// Returns whether reading fails with an error of this kind.
macro_rules! is_refused_as {
    ($bytes:expr, $kind:pat) => {
        matches!(read::<Value>($bytes).unwrap_err().kind(), $kind)
    };
}

#[test]
fn what_the_forge_makes_is_read_where_nothing_is_wrong() {
    assert_eq!(read::<u8>(&seven().bytes()).unwrap(), 7);
    let numbers = vec![2.5_f64; 20_000];
    let forged = Forge::of::<Vec<f64>>(&[0xa0, 0x9c, 1]).array(&numbers);
    assert_eq!(forged.bytes(), dumped(&numbers));
}

#[test]
fn an_empty_file_is_none_of_ours() {
    assert!(is_refused_as!(&[], ErrorKind::Foreign { .. }));
    refused_for::<Value>(&[], "it is empty");
}

#[test]
fn a_file_shorter_than_a_header_is_described_by_its_first_bytes() {
    let foreign = [
        &b"x"[..],
        b"short text",
        &[0; 63],
        b"<html><body>404 Not Found</body></html>",
    ];
    for bytes in foreign {
        assert!(is_refused_as!(bytes, ErrorKind::Foreign { .. }));
        refused_for::<Value>(bytes, "it is too short");
    }
    let pickle = b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.";
    refused_for::<Value>(pickle, "a pickle");
    for len in 1..64 {
        assert!(is_refused_as!(&good()[..len], ErrorKind::Truncated));
    }
}

#[test]
fn another_magic_is_none_of_ours() {
    let mut bytes = good();
    bytes[1] = b'J';
    assert!(is_refused_as!(&bytes, ErrorKind::Foreign { .. }));
    refused::<Value>(&bytes);
}

#[test]
fn changed_line_ends_are_none_of_ours() {
    let bytes = good();
    let mut changed = bytes[..4].to_vec();
    changed.extend_from_slice(b"\n\x1a\n");
    changed.extend_from_slice(&bytes[8..]);
    assert!(is_refused_as!(&changed, ErrorKind::Foreign { .. }));
    refused::<Value>(&changed);
}

#[test]
fn the_other_order_of_bytes_is_another_version() {
    let swapped = seven().header(|head| head[8..12].reverse()).bytes();
    refused_for::<u8>(&swapped, "version 16777216");
}

#[test]
fn a_newer_version_is_reported_with_the_newest_supported_one() {
    let newer = seven().header(|head| head[8] = 6).bytes();
    refused_for::<u8>(
        &newer,
        "format version 6 is not supported; this version of joblib reads versions up to 5",
    );
}

#[test]
fn a_version_that_the_schema_does_not_need_is_refused() {
    let is_not_of = |forged: Forge, version: u8| {
        let message = refused::<u8>(&forged.header(move |head| head[8] = version).bytes());
        let why = format!("the schema is damaged: it does not match version {version}");
        assert!(message.contains(&why), "{message}");
    };
    is_not_of(seven(), 2);
    is_not_of(seven(), 3);
    is_not_of(seven(), 4);
    is_not_of(seven(), 5);
    let described = || Forge::with_schema(vec![1, 14], &[0]);
    is_not_of(described(), 1);
    is_not_of(described(), 3);
    let ordered = || Forge::of::<BTreeMap<u8, u8>>(&[0]);
    is_not_of(ordered(), 1);
    is_not_of(ordered(), 2);
    is_not_of(ordered(), 4);
    // Readers of older versions do not support records.
    let records = || Forge::of::<Vec<Sample>>(&[0, 2]);
    is_not_of(records(), 1);
    is_not_of(records(), 3);
}

#[test]
fn version_zero_is_refused() {
    let bytes = seven().header(|head| head[8] = 0).bytes();
    refused_for::<u8>(&bytes, "version 0");
}

#[test]
fn every_reserved_byte_of_a_header_must_be_zero() {
    for at in 32..56 {
        let bytes = seven().header(move |head| head[at] = 1).bytes();
        let message = refused::<u8>(&bytes);
        assert!(
            message.contains("the header is damaged: reserved"),
            "{at}: {message}"
        );
    }
}

#[test]
fn every_reserved_byte_of_a_trailer_must_be_zero() {
    for at in 40..48 {
        let bytes = seven().trailer(move |trailer| trailer[at] = 1).bytes();
        let message = refused::<u8>(&bytes);
        assert!(
            message.contains("the trailer is damaged: reserved"),
            "{at}: {message}"
        );
    }
}

#[test]
fn a_schema_of_no_bytes_is_refused() {
    let bytes = Forge::with_schema(Vec::new(), &[7]).bytes();
    refused_for::<u8>(&bytes, "the schema is damaged");
}

#[test]
fn a_schema_longer_than_the_file_is_refused_before_it_is_read() {
    let bytes = seven()
        .header(|head| head[12..16].copy_from_slice(&[0, 0, 16, 0]))
        .bytes();
    assert!(is_refused_as!(&bytes, ErrorKind::Truncated));
    refused::<u8>(&bytes);
}

#[test]
fn a_schema_longer_than_any_is_refused_before_it_is_read() {
    for len in [(1 << 20) + 1, u32::MAX] {
        let forged = seven().header(move |head| head[12..16].copy_from_slice(&len.to_le_bytes()));
        refused_for::<u8>(&forged.bytes(), &format!("the schema length {len} exceeds"));
    }
}

#[test]
fn a_zeroed_checksum_of_the_header_is_refused() {
    let mut bytes = good();
    bytes[56..64].fill(0);
    refused_for::<Value>(&bytes, "the header is damaged: its checksum");
}

#[test]
fn a_zeroed_checksum_of_the_trailer_is_refused() {
    let mut bytes = good();
    let at = bytes.len() - 16;
    bytes[at..at + 8].fill(0);
    refused_for::<Value>(&bytes, "the trailer is damaged: its checksum");
}

#[test]
fn the_header_of_another_file_is_refused() {
    let (mut bytes, other) = (good(), dumped(&(vec![1_u64; 300], "text".to_owned())));
    let schema = usize::from(bytes[12]);
    assert_eq!(bytes[12], other[12]);
    bytes[..64 + schema].copy_from_slice(&other[..64 + schema]);
    refused_for::<Value>(&bytes, "its header checksum does not match");
}

#[test]
fn a_schema_that_is_not_that_of_the_hash_is_refused() {
    let bytes = seven().header(|head| head[16] ^= 1).bytes();
    refused_for::<u8>(&bytes, "its schema hash does not match");
}

#[test]
fn a_schema_of_another_type_under_the_hash_of_this_one_is_refused() {
    let hash: [u8; 16] = dumped(&7_u8)[16..32].try_into().unwrap();
    let forged = Forge::of::<u64>(&[7]).header(move |head| head[16..32].copy_from_slice(&hash));
    refused::<u8>(&forged.bytes());
}

#[test]
fn no_more_segments_are_counted_than_there_are_bytes() {
    for count in [2, 1 << 32, u64::MAX / 32, u64::MAX / 32 + 1, u64::MAX] {
        refused::<u8>(&seven().trailer(put(0, count)).bytes());
    }
    refused_for::<u8>(
        &seven().trailer(put(0, u64::MAX)).bytes(),
        "its number of segments exceeds",
    );
}

#[test]
fn no_segments_are_refused() {
    refused::<u8>(&seven().trailer(put(0, 0)).bytes());
    let none = seven().directory(Vec::clear).bytes();
    refused_for::<u8>(&none, "segments are missing");
}

#[test]
fn lists_of_blocks_longer_than_the_file_are_refused() {
    for len in [0, 7, 9, 1 << 20, u64::MAX] {
        refused::<u8>(&seven().trailer(put(8, len)).bytes());
    }
}

#[test]
fn a_stated_length_of_another_file_is_refused() {
    let bytes = seven().bytes();
    let len = bytes.len() as u64;
    for stated in [0, 1, len - 1, len + 1, u64::MAX] {
        refused::<u8>(&seven().trailer(put(16, stated)).bytes());
    }
    refused_for::<u8>(
        &seven().trailer(put(16, len - 1)).bytes(),
        "longer than its trailer states",
    );
}

#[test]
fn a_file_with_something_after_it_is_refused() {
    for more in [&[0][..], b"\n", &[7; 100], &[0xff; 5000]] {
        let bytes = [&good()[..], more].concat();
        let count = more.len();
        assert!(is_refused_as!(&bytes, ErrorKind::Followed { .. }));
        let message = format!("{count} extra bytes follow the end of the value");
        refused_for::<Value>(&bytes, &message);
    }
    let twice = [good(), good()].concat();
    refused_for::<Value>(&twice, "longer than its trailer states");
}

#[test]
fn a_header_within_which_the_file_ends_with_a_trailer_is_refused() {
    let bytes = seven().bytes();
    let trailer = &bytes[bytes.len() - 64..];
    refused::<u8>(trailer);
    refused::<u8>(&[&bytes[..64], trailer].concat());
    refused::<u8>(&[&bytes[..32], trailer].concat());
}

#[test]
fn a_gap_that_is_not_zero_is_refused() {
    refused_for::<u8>(&seven().gaps(1).bytes(), "non-zero padding");
    let mut bytes = seven().bytes();
    let schema = usize::from(bytes[12]);
    let small = (64 + schema).next_multiple_of(64);
    bytes[small + 1] = 1;
    refused_for::<u8>(&bytes, "the padding between arrays");
}
