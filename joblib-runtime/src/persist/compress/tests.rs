//! Each codec fills a block exactly or reports why it does not.

mod outside;

use super::{Codec, Compress, UnpackError};

/// Blocks that every level of every codec shortens, and blocks that none shortens.
fn blocks() -> Vec<Vec<u8>> {
    let mut state = 1_u64;
    let mut noise = |len: usize| -> Vec<u8> {
        (0..len)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (state >> 56) as u8
            })
            .collect()
    };
    let mut mixed = noise(1000);
    mixed.resize(1 << 20, 7);
    mixed.extend(noise(1000));
    mixed.truncate(1 << 20);
    vec![vec![1], vec![0; 1 << 20], noise(70_000), mixed]
}

fn packed(compress: Compress, block: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    compress.block(block, &mut out).unwrap();
    out
}

fn unpacked(compress: Compress, packed: &[u8], len: usize) -> Result<Vec<u8>, String> {
    let mut out = vec![0xaa; len];
    match compress.codec().unpack(packed, &mut out) {
        Ok(()) => Ok(out),
        Err(UnpackError::Damaged(why)) => Err(why),
        Err(UnpackError::Feature(feature)) => panic!("{feature}"),
    }
}

const TEXT: &[u8] = b"Some text, some more text, and some more of some more text.";

fn assert_round_trip(levels: impl Iterator<Item = Compress>) {
    for compress in levels {
        compress.check().unwrap();
        for block in blocks() {
            let back = unpacked(compress, &packed(compress, &block), block.len()).unwrap();
            assert!(back == block, "{compress:?}, {} bytes", block.len());
        }
    }
}

fn assert_unpack_error(compress: Compress, bytes: &[u8], len: usize, why: &str) {
    let error = unpacked(compress, bytes, len).unwrap_err();
    assert!(error.contains(why), "{compress:?}: {error}");
}

/// The error for bytes after a frame. An lz4 block has no end marker, so such bytes are
/// invalid as a part of the block.
fn trailing_error(compress: Compress) -> &'static str {
    match compress.codec() {
        Codec::Lz4 => "",
        _ => UnpackError::TRAILING_BYTES,
    }
}

/// Asserts that flipped bits are detected by codecs with a checksum. For the other
/// codecs, the blocks have one.
fn assert_damage_detected(compress: Compress) {
    let bytes = packed(compress, TEXT);
    let mut refused = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            match (unpacked(compress, &flipped, TEXT.len()), compress.codec()) {
                (Err(_), _) => refused += 1,
                (Ok(_), Codec::Zstd | Codec::Lz4) => {}
                (Ok(out), _) => assert_eq!(out, TEXT, "bit {bit} of byte {at}"),
            }
        }
    }
    assert!(refused > 40, "{refused}");
}

macro_rules! codec {
    ($name:ident, $feature:literal, $usual:expr, [$($level:expr),*], wrong: [$($wrong:expr),*] $(,)?) => {
        #[cfg(feature = $feature)]
        mod $name {
            use super::*;

            #[test]
            fn every_block_comes_back_at_every_level() {
                assert_round_trip([$($level),*].into_iter());
            }

            #[test]
            fn levels_that_do_not_exist_are_refused() {
                for wrong in [$($wrong),*] as [Compress; _] {
                    let error = wrong.check().unwrap_err().to_string();
                    assert!(error.contains("invalid level in"), "{error}");
                }
            }

            #[test]
            fn what_is_shorter_than_stated_is_refused() {
                let bytes = packed($usual, TEXT);
                assert_unpack_error($usual, &bytes, TEXT.len() + 1, "shorter");
                assert_unpack_error($usual, &bytes, 1 << 20, "shorter");
            }

            #[test]
            fn what_is_longer_than_stated_is_refused() {
                let bytes = packed($usual, TEXT);
                for len in [0, 1, TEXT.len() - 1] {
                    assert_unpack_error($usual, &bytes, len, "longer");
                }
                let bomb = packed($usual, &vec![0; 4 << 20]);
                assert_unpack_error($usual, &bomb, 1 << 20, "longer");
            }

            #[test]
            fn bytes_that_follow_are_refused() {
                for more in [&[0][..], &[0; 4], b"more", &[0xff; 100]] {
                    let mut bytes = packed($usual, TEXT);
                    bytes.extend_from_slice(more);
                    assert_unpack_error($usual, &bytes, TEXT.len(), trailing_error($usual));
                }
            }

            #[test]
            fn a_second_frame_is_refused() {
                for second in [TEXT, b"x", b""] {
                    let mut bytes = packed($usual, TEXT);
                    bytes.extend(packed($usual, second));
                    for len in [TEXT.len(), TEXT.len() + second.len()] {
                        assert!(unpacked($usual, &bytes, len).is_err(), "{second:?} {len}");
                    }
                }
            }

            #[test]
            fn a_frame_of_nothing_after_another_is_refused() {
                let bytes = [packed($usual, TEXT), packed($usual, b"")].concat();
                assert_unpack_error($usual, &bytes, TEXT.len(), trailing_error($usual));
            }

            #[test]
            fn a_frame_of_nothing_before_another_is_refused() {
                let bytes = [packed($usual, b""), packed($usual, TEXT)].concat();
                assert!(unpacked($usual, &bytes, TEXT.len()).is_err());
            }

            #[test]
            fn what_was_cut_off_is_refused() {
                let bytes = packed($usual, TEXT);
                for len in 0..bytes.len() {
                    assert!(unpacked($usual, &bytes[..len], TEXT.len()).is_err(), "{len}");
                }
            }

            #[test]
            fn damaged_bytes_are_refused() {
                assert_damage_detected($usual);
                assert!(unpacked($usual, TEXT, TEXT.len()).is_err());
                assert!(unpacked($usual, b"", 10).is_err());
            }
        }
    };
}

codec!(
    zstd, "zstd", Compress::Zstd(3),
    [Compress::Zstd(1), Compress::Zstd(3), Compress::Zstd(9), Compress::Zstd(22)],
    wrong: [Compress::Zstd(0), Compress::Zstd(-1), Compress::Zstd(23)],
);
codec!(lz4, "lz4", Compress::Lz4, [Compress::Lz4], wrong: [],);
codec!(
    zlib, "zlib", Compress::Zlib(3),
    [Compress::Zlib(1), Compress::Zlib(3), Compress::Zlib(6), Compress::Zlib(9)],
    wrong: [Compress::Zlib(0), Compress::Zlib(10)],
);
codec!(
    gzip, "zlib", Compress::Gzip(3),
    [Compress::Gzip(1), Compress::Gzip(3), Compress::Gzip(6), Compress::Gzip(9)],
    wrong: [Compress::Gzip(0), Compress::Gzip(10)],
);
codec!(
    bz2, "bz2", Compress::Bz2(9),
    [Compress::Bz2(1), Compress::Bz2(9)],
    wrong: [Compress::Bz2(0), Compress::Bz2(10)],
);
codec!(
    xz, "xz", Compress::Xz(6),
    [Compress::Xz(0), Compress::Xz(6), Compress::Xz(9)],
    wrong: [Compress::Xz(10), Compress::Xz(1 << 31 | 6)],
);

#[cfg(feature = "zstd")]
#[test]
fn a_zstd_frame_with_an_unknown_dictionary_is_refused() {
    let frame = |descriptor: u8, dictionary: &[u8]| {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, descriptor];
        frame.extend_from_slice(dictionary);
        // The size, and the last block: three uncompressed bytes.
        frame.extend_from_slice(&[3, 3 << 3 | 1, 0, 0, b'a', b'b', b'c']);
        frame
    };
    let zstd = Compress::Zstd(3);
    assert_eq!(unpacked(zstd, &frame(0x20, &[]), 3).unwrap(), b"abc");
    assert_unpack_error(zstd, &frame(0x21, &[7]), 3, "ictionary");
}

#[cfg(feature = "zstd")]
#[test]
fn a_zstd_frame_that_is_skipped_is_no_block_and_stands_beside_none() {
    let skipped = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, b'a', b'b'];
    let zstd = Compress::Zstd(3);
    assert!(unpacked(zstd, &skipped, 2).is_err());
    let frame = packed(zstd, TEXT);
    for bytes in [[&*frame, &skipped].concat(), [&skipped, &*frame].concat()] {
        assert_unpack_error(zstd, &bytes, TEXT.len(), UnpackError::TRAILING_BYTES);
    }
}

#[cfg(feature = "zlib")]
#[test]
fn a_zlib_stream_with_an_unknown_dictionary_is_refused() {
    let mut encoder = flate2::Compress::new(flate2::Compression::new(6), true);
    encoder.set_dictionary(TEXT).unwrap();
    let mut bytes = Vec::with_capacity(1000);
    let flush = flate2::FlushCompress::Finish;
    encoder.compress_vec(TEXT, &mut bytes, flush).unwrap();
    assert_unpack_error(Compress::Zlib(3), &bytes, TEXT.len(), "needs a dictionary");
}

#[cfg(feature = "lz4")]
#[test]
fn an_lz4_block_with_an_unknown_dictionary_is_refused() {
    let bytes = lz4_flex::block::compress_with_dict(TEXT, TEXT);
    assert!(unpacked(Compress::Lz4, &bytes, TEXT.len()).is_err());
}

#[cfg(feature = "xz")]
#[test]
fn an_xz_stream_that_asks_for_more_memory_than_a_block_is_refused() {
    use std::io::Write;

    let stream = liblzma::stream::Stream::new_easy_encoder(9, liblzma::stream::Check::Crc32);
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream.unwrap());
    encoder.write_all(TEXT).unwrap();
    let bytes = encoder.finish().unwrap();
    assert_unpack_error(Compress::Xz(6), &bytes, TEXT.len(), "memory");
}

#[test]
fn extensions_stand_for_what_joblib_takes_them_for() {
    let of = |name: &str| Compress::from_path(name.as_ref());
    for (name, codec) in [
        ("model.joblib", Codec::None),
        ("model", Codec::None),
        ("gz", Codec::None),
        ("model.joblib.zst", Codec::Zstd),
        ("model.lz4", Codec::Lz4),
        ("model.z", Codec::Zlib),
        ("model.gz", Codec::Gzip),
        ("model.bz2", Codec::Bz2),
        ("model.xz", Codec::Xz),
        ("model.lzma", Codec::Xz),
    ] {
        match of(name) {
            Ok(compress) => {
                assert_eq!(compress.codec(), codec, "{name}");
                compress.check().unwrap();
            }
            Err(error) => {
                let feature = format!("needs the feature `{}`", codec.feature());
                assert!(error.to_string().contains(&feature), "{error}");
            }
        }
    }
}
