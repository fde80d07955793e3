//! zstd (RFC 8878): one frame for each block.

use std::cell::RefCell;
use std::io;

use zstd::bulk::Compressor;
use zstd::zstd_safe;

use super::UnpackError;

/// Compressors up to this level are reused for the next block. They take a few
/// mebibytes, and creating one would be a significant part of the work.
const MAX_CACHED_LEVEL: i32 = 9;

thread_local! {
    static COMPRESSOR: RefCell<Option<(i32, Compressor<'static>)>> = const { RefCell::new(None) };
}

pub(super) fn pack(level: i32, block: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    // No compressor is available while the thread runs its last destructors.
    let cached = COMPRESSOR.try_with(RefCell::take).unwrap_or_default();
    let mut compressor = match cached {
        Some((its, compressor)) if its == level => compressor,
        _ => Compressor::new(level)?,
    };
    *out = compressor.compress(block)?;
    if level <= MAX_CACHED_LEVEL {
        let _ = COMPRESSOR.try_with(|cached| cached.replace(Some((level, compressor))));
    }
    Ok(())
}

pub(super) fn unpack(packed: &[u8], out: &mut [u8]) -> Result<(), UnpackError> {
    // The library would continue with frames that follow.
    let frame = zstd_safe::find_frame_compressed_size(packed).map_err(damaged_by_code)?;
    if frame != packed.len() {
        return Err(UnpackError::damaged(UnpackError::TRAILING_BYTES));
    }
    if let Ok(Some(len)) = zstd_safe::get_frame_content_size(packed)
        && len > out.len() as u64
    {
        return Err(UnpackError::damaged(UnpackError::LONGER));
    }
    // The library fails if the result is longer than `out`.
    let written = zstd::bulk::decompress_to_buffer(packed, out)
        .map_err(|error| UnpackError::damaged(&error))?;
    match written == out.len() {
        true => Ok(()),
        false => Err(UnpackError::damaged(UnpackError::SHORTER)),
    }
}

fn damaged_by_code(code: zstd_safe::ErrorCode) -> UnpackError {
    UnpackError::damaged(zstd_safe::get_error_name(code))
}
