//! zstd (RFC 8878): a frame for each block.

use std::io;

use super::Fault;

pub(super) fn pack(level: i32, block: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    *out = zstd::bulk::compress(block, level)?;
    Ok(())
}

pub(super) fn unpack(packed: &[u8], out: &mut [u8]) -> Result<(), Fault> {
    // It refuses what would be longer than `out`, and decodes all frames
    // there are, so that nothing is left.
    let written = zstd::bulk::decompress_to_buffer(packed, out)
        .map_err(|error| Fault::Damaged(error.to_string()))?;
    match written == out.len() {
        true => Ok(()),
        false => Err(Fault::Damaged("it is shorter than it was".to_owned())),
    }
}
