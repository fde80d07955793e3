//! lz4: a block of its block format for each block.

use lz4_flex::block;

use super::Fault;

pub(super) fn pack(block: &[u8], out: &mut Vec<u8>) {
    *out = block::compress(block);
}

pub(super) fn unpack(packed: &[u8], out: &mut [u8]) -> Result<(), Fault> {
    // It decodes all of `packed`, and refuses what would be longer than `out`.
    match block::decompress_into(packed, out) {
        Ok(written) if written == out.len() => Ok(()),
        Ok(_) => Err(Fault::damaged(Fault::SHORTER)),
        Err(block::DecompressError::OutputTooSmall { .. }) => Err(Fault::damaged(Fault::LONGER)),
        Err(error) => Err(Fault::damaged(error)),
    }
}
