//! zstd (RFC 8878): a frame for each block.

use std::cell::RefCell;
use std::io;

use zstd::bulk::Compressor;
use zstd::zstd_safe;

use super::UnpackError;

/// Compressors of levels up to this are kept for the next block: they take a
/// few mebibytes, whose setting up would be a good part of their work.
const KEPT: i32 = 9;

thread_local! {
    static COMPRESSOR: RefCell<Option<(i32, Compressor<'static>)>> = const { RefCell::new(None) };
}

pub(super) fn pack(level: i32, block: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    // A thread that runs its last destructors keeps none.
    let kept = COMPRESSOR.try_with(RefCell::take).unwrap_or_default();
    let mut compressor = match kept {
        Some((its, compressor)) if its == level => compressor,
        _ => Compressor::new(level)?,
    };
    *out = compressor.compress(block)?;
    if level <= KEPT {
        let _ = COMPRESSOR.try_with(|kept| kept.replace(Some((level, compressor))));
    }
    Ok(())
}

pub(super) fn unpack(packed: &[u8], out: &mut [u8]) -> Result<(), UnpackError> {
    // The library would go on with frames that follow.
    let frame = zstd_safe::find_frame_compressed_size(packed).map_err(named)?;
    if frame != packed.len() {
        return Err(UnpackError::damaged(UnpackError::FOLLOWED));
    }
    if let Ok(Some(len)) = zstd_safe::get_frame_content_size(packed)
        && len > out.len() as u64
    {
        return Err(UnpackError::damaged(UnpackError::LONGER));
    }
    // It refuses what would be longer than `out`.
    let written = zstd::bulk::decompress_to_buffer(packed, out)
        .map_err(|error| UnpackError::damaged(&error))?;
    match written == out.len() {
        true => Ok(()),
        false => Err(UnpackError::damaged(UnpackError::SHORTER)),
    }
}

fn named(code: zstd_safe::ErrorCode) -> UnpackError {
    UnpackError::damaged(zstd_safe::get_error_name(code))
}
