//! Files that are no files, or no longer.

use super::{Dump, ErrorKind, Load, load};

fn bytes_of(value: &(Vec<f64>, String)) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, value).unwrap();
    bytes
}

fn value() -> (Vec<f64>, String) {
    ((0..300).map(f64::from).collect(), "text".to_owned())
}

#[test]
fn every_flipped_bit_is_an_error() {
    let bytes = bytes_of(&value());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let read = Load::new().read::<(Vec<f64>, String)>(&flipped[..]);
            assert!(read.is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = bytes_of(&value());
    for len in 0..bytes.len() {
        let read = Load::new().read::<(Vec<f64>, String)>(&bytes[..len]);
        assert!(read.is_err(), "length {len}");
    }
}

#[test]
fn files_of_others_are_told_by_what_they_look_like() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npy");
    let mut numpy = b"\x93NUMPY\x01\x00".to_vec();
    numpy.resize(200, b' ');
    std::fs::write(&path, numpy).unwrap();
    let error = load::<Vec<f64>>(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Foreign { .. }));
    assert!(error.to_string().contains("one of numpy"), "{error}");
}

#[test]
fn a_limit_is_kept() {
    let bytes = bytes_of(&value());
    let read = |limit| {
        Load::new()
            .limit_bytes(limit)
            .read::<(Vec<f64>, String)>(&bytes[..])
    };
    let error = read(2000).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Limit { limit: 2000 }),
        "{error}"
    );
    assert!(read(10_000).is_ok());
}
