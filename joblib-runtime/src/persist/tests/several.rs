//! Several values in one stream.

use std::io::{BufReader, Read};

use super::{Place, dumped};
use crate::persist::layout::{Header, TRAILER, Trailer};
use crate::persist::{Dump, ErrorKind, Load, dump, load};

type Value = (u32, Vec<f64>, String);

fn value(number: u32) -> Value {
    let len = [0, 3, 200, 5_000, 300_000][number as usize % 5];
    (
        number,
        vec![f64::from(number); len],
        "text".repeat(number as usize),
    )
}

/// Returns `count` encoded values in a row.
fn stream(count: u32) -> Vec<u8> {
    (0..count)
        .flat_map(|number| dumped(&value(number)))
        .collect()
}

/// A reader that returns only a few bytes at a time.
struct Trickle<'b>(&'b [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

#[test]
fn values_are_read_one_after_another() {
    let bytes = stream(12);
    for (chunk, room) in [(usize::MAX, 1 << 16), (1000, 1 << 13), (7, 64), (64, 65)] {
        let mut input = BufReader::with_capacity(room, Trickle(&bytes, chunk));
        for number in 0..12 {
            let read = Load::new().read_next::<Value>(&mut input).unwrap();
            assert!(read == Some(value(number)), "{number}");
        }
        assert!(
            Load::new()
                .read_next::<Value>(&mut input)
                .unwrap()
                .is_none()
        );
    }
}

#[test]
fn what_follows_a_value_stays_in_the_input() {
    let mut bytes = dumped(&value(3));
    bytes.extend_from_slice(b"and more");
    let mut input = &bytes[..];
    assert!(Load::new().read_next::<Value>(&mut input).unwrap() == Some(value(3)));
    assert_eq!(input, b"and more");
    let error = Load::new().read_next::<Value>(&mut input).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Foreign { .. }), "{error}");
}

#[test]
fn values_of_different_types_follow_one_another() {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, &7_u8).unwrap();
    Dump::new().write(&mut bytes, "text").unwrap();
    let mut input = &bytes[..];
    assert_eq!(Load::new().read_next::<u8>(&mut input).unwrap(), Some(7));
    // A value of another type is skipped as well.
    let mut again = input;
    Load::new().read_next::<u8>(&mut again).unwrap_err();
    assert!(again.is_empty());
    let text = Load::new().read_next::<String>(&mut input).unwrap();
    assert_eq!(text.as_deref(), Some("text"));
}

#[test]
fn a_value_that_has_files_in_it_ends_where_it_ends() {
    let within = (dumped(&value(2)), vec![dumped(&7_u8); 5], stream(4));
    let bytes = [dumped(&within), dumped(&within)].concat();
    let mut input = &bytes[..];
    for _ in 0..2 {
        let read = Load::new().read_next(&mut input).unwrap();
        assert!(read == Some(within.clone()));
    }
    assert!(input.is_empty());
}

#[test]
fn every_way_to_cut_the_last_value_is_an_error() {
    let bytes = stream(2);
    let first = dumped(&value(0)).len();
    for len in first + 1..bytes.len() {
        let mut input = &bytes[..len];
        Load::new().read_next::<Value>(&mut input).unwrap().unwrap();
        Load::new().read_next::<Value>(&mut input).unwrap_err();
    }
}

#[test]
fn an_input_without_an_end_is_read_up_to_the_limit() {
    let head = dumped(&value(3));
    let endless = Read::chain(&head[..64], std::io::repeat(0));
    let mut input = BufReader::new(endless);
    let read = Load::new()
        .limit_bytes(1 << 20)
        .read_next::<Value>(&mut input);
    assert!(matches!(read.unwrap_err().kind(), ErrorKind::Limit { .. }));
}

#[test]
fn several_values_in_a_file_are_no_value() {
    let place = Place::with(&stream(3));
    let error = load::<Value>(&place.path).unwrap_err().to_string();
    assert!(error.contains("`Load::read_next`"), "{error}");
}

/// Returns `value` with bytes that look like a trailer at `at`, an offset in the
/// stream. `start` is the offset of the value.
fn forged(value: &[u8], stream: &[u8], start: usize, at: usize) -> Vec<u8> {
    let trailer = Trailer {
        count: 0,
        lists: 0,
        len: (at + TRAILER) as u64,
        directory_checksum: 0,
        header_checksum: Header::checksum_of(stream.first_chunk().unwrap()),
    };
    let mut forged = value.to_vec();
    forged[at - start..][..TRAILER].copy_from_slice(&trailer.bytes());
    forged
}

#[test]
fn no_bytes_of_a_value_are_taken_for_its_end() {
    // In the body, in an array, and across the boundary of a write.
    for len in [900, 70_000, 3 << 20] {
        let value: Vec<u8> = (0..len).map(|it| (it % 251) as u8).collect();
        let plain = dumped(&value);
        let start = plain.windows(200).position(|it| it == &value[..200]);
        let start = start.unwrap();
        let first = start.next_multiple_of(8);
        let last = (start + len - TRAILER) / 8 * 8;
        for at in [
            first,
            first + 8,
            (first + last) / 16 * 8,
            last,
            1 << 20,
            (1 << 20) + 72,
        ] {
            if at + TRAILER > start + len {
                continue;
            }
            let forged = forged(&value, &plain, start, at);
            let error = Dump::new().write(Vec::new(), &forged).unwrap_err();
            let message = error.to_string();
            assert!(message.contains("would be read as its end"), "{message}");
            // A file contains only one value, so this is not ambiguous.
            let place = Place::new();
            dump(&forged, &place.path).unwrap();
            assert!(load::<Vec<u8>>(&place.path).unwrap() == forged);
        }
        // At another offset, the bytes do not look like a trailer.
        let forged = forged(&value, &plain, start, first);
        let moved = (7_u8, forged.clone());
        assert!(Load::new().read_next(&mut &dumped(&moved)[..]).unwrap() == Some(moved));
    }
}
