//! Blocks that decompress to something else than recorded.
#![cfg(feature = "zstd")]

use super::forge::{ArraySegment, Forge, SMALL};
use super::{Place, read, refused, refused_for};
use crate::persist::{Compress, Dump, ErrorKind, Load, open};

const ZSTD: u8 = 1;
const BLOCK: usize = 1 << 20;

fn packed(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).unwrap()
}

/// An array of `len` zeros with these blocks.
fn zeros(len: usize, blocks: Vec<Vec<u8>>) -> Vec<u8> {
    zeros_by(ZSTD, len, blocks)
}

fn zeros_by(codec: u8, len: usize, blocks: Vec<Vec<u8>>) -> Vec<u8> {
    let mut small = Vec::new();
    crate::codec::varint::write(len as u64, &mut small);
    let segment = ArraySegment {
        kind: 0,
        codec,
        len: len as u64,
        blocks,
    };
    Forge::of::<Vec<u8>>(&small).segment(segment).bytes()
}

#[test]
fn what_these_tests_change_is_read_unchanged() {
    let bytes = zeros(2 * BLOCK, vec![packed(&vec![0; BLOCK]); 2]);
    assert!(read::<Vec<u8>>(&bytes).unwrap() == vec![0; 2 * BLOCK]);
}

#[test]
fn a_bomb_in_a_block_is_refused() {
    let bomb = packed(&vec![0; 64 * BLOCK]);
    refused_for::<Vec<u8>>(&zeros(BLOCK, vec![bomb]), "block 0 of array 0 is damaged");
}

#[test]
fn many_blocks_of_zeros_are_held_to_the_limit() {
    let mut bytes = Vec::new();
    let zeros = vec![0_u8; 64 * BLOCK];
    Dump::new()
        .compress(Compress::Zstd(3))
        .write(&mut bytes, &zeros)
        .unwrap();
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    let read = Load::new().limit_bytes(1 << 20).read::<Vec<u8>>(&bytes[..]);
    assert!(matches!(
        read.unwrap_err().kind(),
        ErrorKind::Limit { limit: 1_048_576 }
    ));
}

#[test]
fn a_small_part_that_unpacks_to_much_is_held_to_the_limit() {
    let mut bytes = Vec::new();
    let texts = vec![String::new(); 2 << 20];
    Dump::new()
        .compress(Compress::Zstd(3))
        .write(&mut bytes, &texts)
        .unwrap();
    assert!(bytes.len() < 10_000, "{}", bytes.len());
    let load = Load::new().limit_bytes(1 << 20);
    assert!(load.read::<Vec<String>>(&bytes[..]).is_err());
    // The same for other types, for which the body is decompressed before the
    // conversion.
    assert!(load.read::<(Vec<String>, u8)>(&bytes[..]).is_err());
    assert!(load.read::<Vec<Box<[u8]>>>(&bytes[..]).is_err());
}

#[test]
fn more_is_not_stated_than_blocks_can_hold() {
    // A block list has sixteen bytes for each mebibyte, so a file cannot state more
    // than 65536 times its length.
    for len in [3 * BLOCK, 1 << 40, 1 << 62] {
        let bytes = zeros(len, vec![packed(&vec![0; BLOCK]); 2]);
        refused::<Vec<u8>>(&bytes);
    }
}

#[test]
fn a_block_of_fewer_bytes_than_stated_is_refused() {
    refused_for::<Vec<u8>>(
        &zeros(BLOCK, vec![packed(&vec![0; BLOCK - 1])]),
        "shorter than recorded",
    );
}

#[test]
fn a_block_of_more_bytes_than_stated_is_refused() {
    refused::<Vec<u8>>(&zeros(BLOCK, vec![packed(&vec![0; BLOCK + 1])]));
}

#[test]
fn every_truncated_block_is_refused() {
    let noise: Vec<u8> = (0..2000_u32).map(|it| (it * it % 251) as u8).collect();
    let mut value = noise.clone();
    value.extend(&noise);
    let whole = packed(&value);
    assert!(whole.len() < value.len());
    for len in 0..whole.len() {
        refused::<Vec<u8>>(&zeros(4000, vec![whole[..len].to_vec()]));
    }
}

#[test]
fn a_block_of_no_bytes_is_refused() {
    refused_for::<Vec<u8>>(
        &zeros(2 * BLOCK, vec![packed(&vec![0; BLOCK]), Vec::new()]),
        "block 1 of array 0",
    );
}

#[test]
fn a_second_frame_is_refused() {
    let frames = [packed(&vec![0; BLOCK]), packed(&[0; 10])].concat();
    refused::<Vec<u8>>(&zeros(BLOCK, vec![frames]));
}

#[test]
fn nothing_compressed_beside_a_block_is_refused_whatever_compressed_it() {
    let all = Compress::all().into_iter();
    for compress in all.filter(|it| *it != Compress::None) {
        let packed = |bytes: &[u8]| {
            let mut out = Vec::new();
            compress.block(bytes, &mut out).unwrap();
            out
        };
        let (block, nothing) = (packed(&vec![0; BLOCK]), packed(b""));
        let file = |block| zeros_by(compress.codec().number(), BLOCK, vec![block]);
        assert!(read::<Vec<u8>>(&file(block.clone())).is_ok());
        for block in [[&*block, &nothing].concat(), [&*nothing, &block].concat()] {
            let message = refused::<Vec<u8>>(&file(block));
            let expected = "block 0 of array 0 is damaged";
            assert!(message.contains(expected), "{compress:?}: {message}");
        }
    }
}

#[test]
fn bytes_after_a_frame_are_refused() {
    let mut frame = packed(&vec![0; BLOCK]);
    frame.push(0);
    refused::<Vec<u8>>(&zeros(BLOCK, vec![frame]));
}

#[test]
fn a_frame_of_an_unknown_dictionary_is_refused() {
    let frame = packed(&vec![0; BLOCK]);
    // A flag in the fifth byte announces a dictionary id after it.
    let mut forged = frame[..4].to_vec();
    forged.push(frame[4] | 1);
    let with_number = match frame[4] & 0x20 {
        0 => [&frame[5..6], &[9], &frame[6..]].concat(),
        _ => [&[9], &frame[5..]].concat(),
    };
    forged.extend(with_number);
    refused::<Vec<u8>>(&zeros(BLOCK, vec![forged]));
}

#[test]
fn a_checksum_of_a_frame_that_is_wrong_is_refused() {
    let mut compressor = zstd::bulk::Compressor::new(3).unwrap();
    compressor.include_checksum(true).unwrap();
    let mut frame = compressor.compress(&vec![0; BLOCK]).unwrap();
    assert!(read::<Vec<u8>>(&zeros(BLOCK, vec![frame.clone()])).is_ok());
    *frame.last_mut().unwrap() ^= 1;
    refused::<Vec<u8>>(&zeros(BLOCK, vec![frame]));
}

#[test]
fn a_frame_that_asks_for_a_large_window_is_refused() {
    // A frame with one empty block and a window of two tebibytes.
    let frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8][..], &[1, 0, 0]].concat();
    refused::<Vec<u8>>(&zeros(BLOCK, vec![frame]));
}

#[test]
fn no_flip_in_a_frame_with_a_right_checksum_does_harm() {
    let noise: Vec<u8> = (0..3000_u32).map(|it| (it * it % 97) as u8).collect();
    let frame = packed(&noise);
    for bit in 0..frame.len() * 8 {
        let mut flipped = frame.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // With a correct checksum, any value is valid.
        if let Ok(value) = read::<Vec<u8>>(&zeros(3000, vec![flipped])) {
            assert_eq!(value.len(), 3000);
        }
    }
}

#[test]
fn compressed_arrays_of_any_contents_are_not_mapped() {
    let place = Place::with(&zeros(BLOCK, vec![packed(&vec![0; BLOCK])]));
    let error = open::<Vec<u8>>(&place.path).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Unmappable { .. }),
        "{error}"
    );
    let message = error.to_string();
    assert!(message.contains("the value cannot be mapped"), "{message}");
}

#[test]
fn a_small_part_with_a_bomb_is_refused() {
    let forged = || {
        let mut forge = Forge::of::<Vec<()>>(&[]);
        forge.segments[0] = ArraySegment {
            kind: SMALL,
            codec: ZSTD,
            len: BLOCK as u64,
            blocks: vec![packed(&vec![0; 16 * BLOCK])],
        };
        forge.bytes()
    };
    refused_for::<Vec<()>>(&forged(), "block 0 of the body");
}
