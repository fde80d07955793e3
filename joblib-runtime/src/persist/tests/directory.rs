//! Directories of files and the block lists that they refer to.

use super::forge::{ArraySegment, Forge, SMALL, put};
use super::{assert_contains, dumped, read, refused, refused_for};

const LEN: usize = 0;
const STORED: usize = 8;
const CHECKSUM: usize = 16;
const KIND: usize = 24;
const CODEC: usize = 25;
const ENTRY: usize = 32;

/// A file with 300 floats, which are its second segment.
fn floats() -> Forge {
    Forge::of::<Vec<f64>>(&[0xac, 2]).array(&[1.5_f64; 300])
}

#[track_caller]
fn floats_refused(forge: &Forge) -> String {
    refused::<Vec<f64>>(&forge.bytes())
}

#[test]
fn what_these_tests_change_is_read_unchanged() {
    assert_eq!(floats().bytes(), dumped(&[1.5_f64; 300]));
}

#[test]
fn every_reserved_byte_of_an_entry_must_be_zero() {
    for at in [26, 31, ENTRY + 26, ENTRY + 29, ENTRY + 31] {
        let forged = floats().directory(move |entries| entries[at] = 1);
        assert!(floats_refused(&forged).contains("the directory is damaged: reserved"));
    }
}

#[test]
fn a_kind_that_does_not_exist_is_refused() {
    for kind in [17, 100, 254] {
        let forged = floats().directory(move |entries| entries[ENTRY + KIND] = kind);
        assert!(floats_refused(&forged).contains("unknown element type"));
    }
}

#[test]
fn a_compression_that_does_not_exist_is_refused() {
    for codec in [7, 255] {
        let forged = floats().directory(move |entries| entries[ENTRY + CODEC] = codec);
        assert!(floats_refused(&forged).contains("unknown compression"));
    }
}

#[test]
fn an_array_of_another_kind_of_the_same_size_is_refused() {
    let forged = floats().directory(|entries| entries[ENTRY + KIND] = 3);
    let message = floats_refused(&forged);
    assert!(message.contains("expected 2400 bytes of f64"), "{message}");
}

#[test]
fn a_small_part_that_is_not_the_first_is_refused() {
    let forged = floats().directory(|entries| {
        let (first, second) = entries.split_at_mut(ENTRY);
        first.swap_with_slice(second);
    });
    assert!(floats_refused(&forged).contains("the body is not the first"));
}

#[test]
fn two_small_parts_are_refused() {
    let forged = floats().segment(ArraySegment::plain(SMALL, &[1]));
    assert!(floats_refused(&forged).contains("the body is not the first"));
}

#[test]
fn an_array_given_twice_is_refused() {
    let forged = floats().array(&[1.5_f64; 300]);
    let message = floats_refused(&forged);
    assert_contains(&message, "fewer arrays than the file has");
}

#[test]
fn an_array_that_is_not_there_is_refused() {
    let forged = Forge::of::<Vec<f64>>(&[0xac, 2]);
    assert!(floats_refused(&forged).contains("array 0 is damaged"));
}

#[test]
fn arrays_in_another_order_are_refused() {
    let forged = |first: u8, second: u8| {
        let small = [0xac, 2, 0xac, 2];
        let (one, other) = ([first; 2400], [second; 2400]);
        let segments = [(13, one), (3, other)];
        let mut forge = Forge::of::<(Vec<f64>, Vec<u64>)>(&small);
        for (kind, bytes) in segments {
            forge = forge.segment(ArraySegment::plain(kind, &bytes));
        }
        forge
    };
    let good = forged(0, 1);
    assert!(read::<(Vec<f64>, Vec<u64>)>(&good.bytes()).is_ok());
    let mut swapped = forged(0, 1);
    swapped.segments.swap(1, 2);
    refused_for::<(Vec<f64>, Vec<u64>)>(&swapped.bytes(), "array 0 is damaged");
}

#[test]
fn an_array_of_no_whole_count_of_numbers_is_refused() {
    let forged = floats().directory(put(ENTRY + LEN, 2399));
    assert!(floats_refused(&forged).contains("not a multiple of the element size"));
}

#[test]
fn an_array_that_ends_after_the_file_is_refused() {
    for len in [2440, 1 << 20, 1 << 40, 1 << 63, u64::MAX - 7] {
        let forged = floats().directory(move |entries| {
            put(ENTRY + LEN, len)(entries);
            put(ENTRY + STORED, len)(entries);
        });
        let message = floats_refused(&forged);
        assert_contains(&message, "the directory is damaged: segments");
    }
}

#[test]
fn lengths_that_overflow_together_are_refused() {
    let forged = floats().directory(|entries| {
        for at in [LEN, STORED, ENTRY + LEN, ENTRY + STORED] {
            put(at, 1 << 63)(entries);
        }
    });
    assert!(floats_refused(&forged).contains("segments exceed the file"));
}

#[test]
fn a_gap_of_a_whole_segment_is_refused() {
    // The body ends 64 bytes before the array begins.
    let forged = floats().directory(|entries| {
        put(ENTRY + LEN, 2400 - 64)(entries);
        put(ENTRY + STORED, 2400 - 64)(entries);
    });
    assert!(floats_refused(&forged).contains("segments do not add up to the file length"));
}

#[test]
fn an_array_that_overlaps_the_small_part_is_refused() {
    let forged = floats().directory(|entries| {
        put(LEN, 66)(entries);
        put(STORED, 66)(entries);
    });
    assert!(floats_refused(&forged).contains("the directory is damaged: segments"));
}

#[test]
fn more_stored_than_there_is_and_less_stored_plainly_are_refused() {
    for stored in [2401, 2399, 0, u64::MAX] {
        let forged = floats().directory(put(ENTRY + STORED, stored));
        assert!(floats_refused(&forged).contains("segment with an invalid stored length"));
    }
}

#[test]
fn an_array_of_fewer_bytes_than_its_count_is_refused() {
    for count in [&[0xab, 2][..], &[0xad, 2]] {
        let forged = Forge::of::<Vec<f64>>(count).array(&[1.5_f64; 300]);
        assert!(floats_refused(&forged).contains("array 0 is damaged"));
    }
}

#[test]
fn a_list_of_blocks_that_is_not_that_of_the_directory_is_refused() {
    let forged = floats().directory(|entries| entries[ENTRY + CHECKSUM] ^= 1);
    let message = floats_refused(&forged);
    assert_contains(&message, "the block list of array 0 is damaged");
}

#[test]
fn a_block_that_is_not_that_of_the_list_is_refused() {
    let forged = floats().lists(|list| list[0] ^= 1);
    let message = floats_refused(&forged);
    assert_contains(&message, "block 0 of the body is damaged");
}

#[test]
fn the_checksum_of_another_block_is_refused() {
    let numbers: Vec<u64> = (0..300_000).collect();
    let mut bytes = dumped(&numbers);
    // The two blocks are swapped.
    let start = 4096;
    let (first, second) = bytes[start..].split_at_mut(1 << 20);
    first.swap_with_slice(&mut second[..1 << 20]);
    refused_for::<Vec<u64>>(&bytes, "block 0 of array 0 is damaged");
}
