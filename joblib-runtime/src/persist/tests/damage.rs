//! Damaged files and files of other programs.

use super::{Load, dumped, load, refused, refused_for};
use crate::persist::ErrorKind;

type Value = (Vec<f64>, String);

fn value() -> Value {
    ((0..300).map(f64::from).collect(), "text".to_owned())
}

#[test]
fn every_flipped_bit_is_an_error_that_names_a_part() {
    let bytes = dumped(&value());
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = super::read::<Value>(&flipped).unwrap_err();
        assert!(
            matches!(
                error.kind(),
                ErrorKind::Damaged { .. }
                    | ErrorKind::Foreign { .. }
                    | ErrorKind::Version { .. }
                    | ErrorKind::Truncated
            ),
            "bit {bit}: {error}"
        );
    }
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = dumped(&value());
    for len in (0..bytes.len()).step_by(7).chain([1, 63, 64, 65]) {
        refused::<Value>(&bytes[..len]);
    }
    for len in 0..bytes.len() {
        assert!(super::read::<Value>(&bytes[..len]).is_err(), "length {len}");
    }
}

#[test]
fn files_of_other_formats_are_reported_by_their_format() {
    for (first, expected) in [
        (&b"\x93NUMPY\x01\x00"[..], "a numpy file"),
        (b"\x80\x04\x95", "a pickle"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
    ] {
        let mut bytes = first.to_vec();
        bytes.resize(200, b' ');
        refused_for::<Vec<f64>>(&bytes, expected);
    }
}

#[test]
fn an_error_says_which_file() {
    let place = super::Place::with(&[b'x'; 100]);
    let error = load::<Vec<f64>>(&place.path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Foreign { .. }));
    assert_eq!(error.path(), Some(&*place.path));
    assert!(error.to_string().contains(&*place.path.to_string_lossy()));
}

#[test]
fn a_limit_is_kept() {
    let bytes = dumped(&value());
    let read = |limit| Load::new().limit_bytes(limit).read::<Value>(&bytes[..]);
    let error = read(2000).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Limit { limit: 2000 }),
        "{error}"
    );
    assert!(read(10_000).is_ok());
}

#[test]
fn an_input_without_an_end_is_read_up_to_the_limit() {
    let whole = dumped(&value());
    let endless = std::io::Read::chain(&whole[..64], std::io::repeat(0));
    let read = Load::new().limit_bytes(1 << 20).read::<Value>(endless);
    assert!(matches!(read.unwrap_err().kind(), ErrorKind::Limit { .. }));
}
