//! lz4: one block of the lz4 block format for each block, or a frame.

use std::io::{self, Write};

use lz4_flex::block;
use lz4_flex::frame::{BlockSize, FrameEncoder, FrameInfo};

use super::UnpackError;

pub(super) fn pack(block: &[u8], out: &mut Vec<u8>) {
    *out = block::compress(block);
}

/// Compresses the block to a frame of the lz4 frame format.
pub(super) fn pack_frame(block: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let info = FrameInfo::new()
        .block_size(BlockSize::Max1MB)
        .content_checksum(true);
    let mut encoder = FrameEncoder::with_frame_info(info, out);
    encoder.write_all(block)?;
    encoder.finish().map(drop).map_err(io::Error::other)
}

pub(super) fn unpack(packed: &[u8], out: &mut [u8]) -> Result<(), UnpackError> {
    // The library decodes all of `packed` and fails if the result is longer than `out`.
    match block::decompress_into(packed, out) {
        Ok(written) if written == out.len() => Ok(()),
        Ok(_) => Err(UnpackError::damaged(UnpackError::SHORTER)),
        Err(block::DecompressError::OutputTooSmall { .. }) => {
            Err(UnpackError::damaged(UnpackError::LONGER))
        }
        Err(error) => Err(UnpackError::damaged(error)),
    }
}
