//! Loading files that were compressed as a whole, within limits.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::persist::compress::whole_file::WholeFileCodec;
use crate::persist::{Dump, Error, ErrorKind, Load, inspect, load, open};

fn value() -> (Vec<f64>, String) {
    ((0..3000).map(f64::from).collect(), "text".to_owned())
}

fn dumped<T: crate::persist::Save>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, value).unwrap();
    bytes
}

fn placed(bytes: &[u8]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.joblib.packed");
    std::fs::write(&path, bytes).unwrap();
    (directory, path)
}

fn read(bytes: &[u8]) -> Result<(Vec<f64>, String), Error> {
    Load::new().read(bytes)
}

#[cfg(feature = "zstd")]
fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::stream::encode_all(bytes, 3).unwrap()
}

#[cfg(feature = "lz4")]
fn lz4(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;

    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[cfg(feature = "zlib")]
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    super::super::zlib::pack(3, bytes, &mut out).unwrap();
    out
}

#[cfg(feature = "zlib")]
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    super::super::zlib::pack_gzip(6, bytes, &mut out).unwrap();
    out
}

#[cfg(feature = "bz2")]
fn bz2(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    super::super::bz2::pack(9, bytes, &mut out).unwrap();
    out
}

#[cfg(feature = "xz")]
fn xz(bytes: &[u8]) -> Vec<u8> {
    liblzma::encode_all(bytes, 9).unwrap()
}

/// The `.lzma` format, which predates xz.
#[cfg(feature = "xz")]
fn lzma(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;

    let options = liblzma::stream::LzmaOptions::new_preset(6).unwrap();
    let stream = liblzma::stream::Stream::new_lzma_encoder(&options).unwrap();
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

macro_rules! programs {
    ($($name:ident, $feature:literal, $called:literal, several: $several:literal;)*) => {$(
        #[cfg(feature = $feature)]
        mod $name {
            use super::*;

            #[test]
            fn a_whole_file_is_loaded() {
                let bytes = super::$name(&dumped(&value()));
                assert_eq!(read(&bytes).unwrap(), value());
                let (_directory, path) = placed(&bytes);
                assert_eq!(load::<(Vec<f64>, String)>(&path).unwrap(), value());
            }

            #[test]
            fn a_file_that_is_loaded_only_says_so() {
                let (_directory, path) = placed(&super::$name(&dumped(&value())));
                let opened = open::<(Vec<f64>, String)>(&path).unwrap_err();
                for error in [opened, inspect(&path).unwrap_err()] {
                    assert!(matches!(error.kind(), ErrorKind::Foreign { .. }));
                    let error = error.to_string();
                    let expected = concat!("a file compressed with ", $called);
                    assert!(error.contains(expected), "{error}");
                    assert!(error.contains("`joblib::load` decompresses it"), "{error}");
                }
            }

            #[test]
            fn several_parts_are_one_file_where_the_program_has_it_so() {
                let whole = dumped(&value());
                let (head, tail) = whole.split_at(1000);
                let mut bytes = super::$name(head);
                bytes.extend(super::$name(tail));
                assert_eq!(read(&bytes).is_ok(), $several);
            }

            #[test]
            fn bytes_after_the_data_are_refused_and_reported() {
                for more in [&b"\n"[..], b"more", &[0xff; 40], &[0; 601]] {
                    let mut bytes = super::$name(&dumped(&value()));
                    bytes.extend_from_slice(more);
                    let error = read(&bytes).unwrap_err().to_string();
                    let expected = concat!("bytes follow the ", $called, " data");
                    assert!(error.contains(expected), "{more:?}: {error}");
                }
            }

            #[test]
            fn a_file_that_was_cut_off_is_refused() {
                let bytes = super::$name(&dumped(&value()));
                for len in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
                    assert!(read(&bytes[..len]).is_err(), "{len}");
                }
            }

            #[test]
            fn what_grows_beyond_a_limit_is_refused() {
                let zeros = vec![0_u8; 8 << 20];
                let bytes = super::$name(&dumped(&zeros));
                let read = |limit: u64| {
                    Load::new().limit_bytes(limit).read::<Vec<u8>>(&bytes[..])
                };
                let error = read(2 << 20).unwrap_err();
                assert!(matches!(error.kind(), ErrorKind::Limit { .. }), "{error}");
                assert!(read(8 << 20).unwrap() == zeros);
            }

            #[test]
            fn data_that_is_compressed_twice_is_reported() {
                let error = read(&super::$name(&super::$name(&dumped(&value())))).unwrap_err();
                assert!(error.to_string().contains("compressed twice"), "{error}");
            }

            #[test]
            fn a_compressed_pickle_is_reported() {
                let error = read(&super::$name(&[0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, b'.', 0, 0, 0, 0]
                    .repeat(10)))
                    .unwrap_err();
                assert!(error.to_string().contains("but a pickle"), "{error}");
            }
        }
    )*};
}

programs! {
    zstd, "zstd", "zstd", several: true;
    lz4, "lz4", "lz4", several: true;
    zlib, "zlib", "zlib", several: false;
    gzip, "zlib", "gzip", several: true;
    bz2, "bz2", "bzip2", several: true;
    xz, "xz", "xz", several: true;
    lzma, "xz", "xz", several: false;
}

#[cfg(feature = "zstd")]
#[test]
fn without_a_limit_a_file_may_be_what_programs_make_of_zeros() {
    let zeros = vec![0_u8; 20 << 20];
    let bytes = zstd(&dumped(&zeros));
    assert!(bytes.len() < 10_000, "{}", bytes.len());
    assert!(Load::new().read::<Vec<u8>>(&bytes[..]).unwrap() == zeros);
    let error = WholeFileCodec::Zstd
        .unpack(&bytes[..], 100, None)
        .unwrap_err();
    let limit = 100 * 65_536 + (1 << 20);
    assert!(
        matches!(error.kind(), ErrorKind::Limit { limit: it } if *it == limit),
        "{error}"
    );
    assert!(
        error.to_string().contains("`Load::limit_bytes` raises it"),
        "{error}"
    );
}

#[cfg(feature = "zlib")]
#[test]
fn a_damaged_file_names_what_compressed_it() {
    let mut bytes = gzip(&dumped(&value()));
    let middle = bytes.len() / 2;
    bytes[middle..middle + 100].fill(0xff);
    let error = read(&bytes).unwrap_err().to_string();
    assert!(error.contains("the gzip data is damaged"), "{error}");
}

#[cfg(feature = "xz")]
#[test]
fn a_file_that_asks_for_a_huge_dictionary_is_refused() {
    use std::io::Write;

    use liblzma::stream::{Check, Filters, LzmaOptions, Stream};

    let mut options = LzmaOptions::new_preset(0).unwrap();
    options.dict_size(256 << 20);
    let mut filters = Filters::new();
    filters.lzma2(&options);
    let stream = Stream::new_stream_encoder(&filters, Check::Crc32).unwrap();
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(&dumped(&value())).unwrap();
    let error = read(&encoder.finish().unwrap()).unwrap_err().to_string();
    assert!(error.contains("the xz data is damaged"), "{error}");
    assert!(error.contains("memory"), "{error}");
}

#[cfg(not(feature = "bz2"))]
#[test]
fn a_program_that_this_build_lacks_names_the_feature() {
    let error = read(b"BZh91AY&SY").unwrap_err().to_string();
    let expected = "reading a file compressed with bzip2 needs the feature `bz2`";
    assert!(error.contains(expected), "{error}");
}
