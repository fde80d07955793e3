//! Compression of encoded results. A tag that is stored next to the bytes identifies it.

use std::borrow::Cow;

use super::DecodeError;

/// The compression of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultCompression {
    /// No compression.
    #[default]
    None,
    /// zstd, at a level from 1 to 22.
    #[cfg(feature = "zstd")]
    Zstd(i32),
}

/// The tags that are stored.
const PLAIN: u8 = 0;
#[cfg(feature = "zstd")]
const ZSTD: u8 = 1;

/// Returns the tag and the bytes to store. Bytes that compression does not shrink are
/// stored uncompressed.
pub fn compress(how: ResultCompression, bytes: &[u8]) -> (u8, Cow<'_, [u8]>) {
    match how {
        ResultCompression::None => (PLAIN, Cow::Borrowed(bytes)),
        #[cfg(feature = "zstd")]
        ResultCompression::Zstd(level) => zstd_compress(level, bytes),
    }
}

/// The bits of a tag that identify the encoding.
const ENCODINGS: u8 = 0xf0;

/// The tag of the self-describing encoding.
pub const DESCRIBED: u8 = 0x20;

/// Splits a tag into the encoding and the compression.
pub fn encoding_of(tag: u8) -> (u8, u8) {
    (tag & ENCODINGS, tag & !ENCODINGS)
}

/// Returns the bytes that were passed to [`compress`].
///
/// # Errors
///
/// Fails if the compression is unknown, or if the bytes are damaged.
pub fn decompress(tag: u8, bytes: &[u8]) -> Result<Cow<'_, [u8]>, DecodeError> {
    match tag {
        PLAIN => Ok(Cow::Borrowed(bytes)),
        #[cfg(feature = "zstd")]
        ZSTD => zstd_decompress(bytes).map(Cow::Owned),
        other => Err(DecodeError::Compression(other)),
    }
}

// The decompressed length precedes the frame, so that at most this much is allocated or
// produced.
#[cfg(feature = "zstd")]
const LEN: usize = 8;

#[cfg(feature = "zstd")]
fn zstd_compress(level: i32, bytes: &[u8]) -> (u8, Cow<'_, [u8]>) {
    let Ok(frame) = zstd::bulk::compress(bytes, level) else {
        return (PLAIN, Cow::Borrowed(bytes));
    };
    if frame.len() + LEN >= bytes.len() {
        return (PLAIN, Cow::Borrowed(bytes));
    }
    let mut out = (bytes.len() as u64).to_le_bytes().to_vec();
    out.extend_from_slice(&frame);
    (ZSTD, Cow::Owned(out))
}

#[cfg(feature = "zstd")]
fn zstd_decompress(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let damaged = |why: &str| DecodeError::Compressed(why.to_owned());
    let (len, frame) = bytes
        .split_first_chunk::<LEN>()
        .ok_or_else(|| damaged("the length is missing"))?;
    let len = usize::try_from(u64::from_le_bytes(*len))
        .map_err(|_| damaged("the length is too large for this system"))?;
    // zstd compresses at most by this factor (a block of 128 KiB of equal bytes takes
    // four bytes). A larger length is damage and would only cause an allocation.
    const BOUND: usize = 128 << 10;
    if len / BOUND > frame.len() {
        return Err(damaged("the length exceeds what the frame can contain"));
    }
    // The library would continue with frames that follow.
    let one = zstd::zstd_safe::find_frame_compressed_size(frame);
    if one.is_ok_and(|it| it < frame.len()) {
        return Err(damaged("data follows the frame"));
    }
    let plain = zstd::bulk::decompress(frame, len).map_err(|error| damaged(&error.to_string()))?;
    if plain.len() == len {
        Ok(plain)
    } else {
        Err(damaged("the frame is shorter than the length before it"))
    }
}

#[cfg(all(test, feature = "zstd"))]
mod tests {
    use super::*;

    #[test]
    fn compressed_bytes_come_back_and_are_fewer() {
        let bytes = vec![7; 100_000];
        let (tag, compressed) = compress(ResultCompression::Zstd(3), &bytes);
        assert!(compressed.len() < 1000);
        assert_eq!(*decompress(tag, &compressed).unwrap(), bytes);
    }

    #[test]
    fn bytes_that_do_not_shrink_stay_plain() {
        let (tag, same) = compress(ResultCompression::Zstd(3), b"abc");
        assert_eq!((tag, &*same), (PLAIN, &b"abc"[..]));
    }

    #[test]
    fn damaged_and_lying_frames_are_errors() {
        let bytes = vec![7; 100_000];
        let (tag, compressed) = compress(ResultCompression::Zstd(3), &bytes);
        for len in 0..compressed.len() {
            assert!(decompress(tag, &compressed[..len]).is_err(), "length {len}");
        }
        let mut lying = compressed.to_vec();
        lying[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(decompress(tag, &lying).is_err());
        lying[..8].copy_from_slice(&99_999u64.to_le_bytes());
        assert!(decompress(tag, &lying).is_err());
        let empty_frame = zstd::bulk::compress(&[], 3).unwrap();
        let followed = [&compressed[..], &empty_frame].concat();
        assert!(decompress(tag, &followed).is_err());
        assert_eq!(decompress(9, b""), Err(DecodeError::Compression(9)));
    }
}
