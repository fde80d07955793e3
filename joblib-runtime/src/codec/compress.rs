//! Compression of encoded results, told by a number that is stored beside
//! them.

use std::borrow::Cow;

use super::DecodeError;

/// How results are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultCompression {
    /// Not at all.
    #[default]
    None,
    /// With zstd, at a level from 1 to 22.
    #[cfg(feature = "zstd")]
    Zstd(i32),
}

/// The numbers that are stored.
const PLAIN: u8 = 0;
#[cfg(feature = "zstd")]
const ZSTD: u8 = 1;

/// The number to store and the bytes to store with it. Bytes that do not
/// become fewer stay as they are.
pub fn compress(how: ResultCompression, bytes: &[u8]) -> (u8, Cow<'_, [u8]>) {
    match how {
        ResultCompression::None => (PLAIN, Cow::Borrowed(bytes)),
        #[cfg(feature = "zstd")]
        ResultCompression::Zstd(level) => zstd_compress(level, bytes),
    }
}

/// What an encoding is told by, among the numbers that are stored.
const ENCODINGS: u8 = 0xf0;

/// The encoding that describes itself.
pub const DESCRIBED: u8 = 0x20;

/// Takes apart a number that is stored: the encoding, and how the encoded
/// bytes are compressed.
pub fn encoding_of(tag: u8) -> (u8, u8) {
    (tag & ENCODINGS, tag & !ENCODINGS)
}

/// The bytes as they were before [`compress`].
///
/// # Errors
///
/// The number is not known, or the bytes are not what it says.
pub fn decompress(tag: u8, bytes: &[u8]) -> Result<Cow<'_, [u8]>, DecodeError> {
    match tag {
        PLAIN => Ok(Cow::Borrowed(bytes)),
        #[cfg(feature = "zstd")]
        ZSTD => zstd_decompress(bytes).map(Cow::Owned),
        other => Err(DecodeError::Compression(other)),
    }
}

// Before the frame stands the length it decompresses to, so that no more is
// ever allocated or produced.
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
        .ok_or_else(|| damaged("no length"))?;
    let len = usize::try_from(u64::from_le_bytes(*len))
        .map_err(|_| damaged("too long for this system"))?;
    // zstd compresses at most by this factor (a block of 128 KiB of one byte
    // takes four); a larger claim is a lie and would only allocate.
    const BOUND: usize = 128 << 10;
    if len / BOUND > frame.len() {
        return Err(damaged("it claims more bytes than it can hold"));
    }
    // The library would go on with frames that follow.
    let one = zstd::zstd_safe::find_frame_compressed_size(frame);
    if one.is_ok_and(|it| it < frame.len()) {
        return Err(damaged("something follows the frame"));
    }
    let plain = zstd::bulk::decompress(frame, len).map_err(|error| damaged(&error.to_string()))?;
    if plain.len() == len {
        Ok(plain)
    } else {
        Err(damaged("fewer bytes than it claims"))
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
