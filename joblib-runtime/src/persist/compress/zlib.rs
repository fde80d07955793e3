//! zlib and gzip (RFC 1950 and 1952): one stream for each block.

use std::io::{self, Write};

use flate2::write::{GzEncoder, ZlibEncoder};
use flate2::{Compression, Decompress, FlushDecompress, Status};

use super::UnpackError;
use super::stream::{self, DecodeStep};

/// The window size for decoding: 32 KiB, the maximum of the format.
const WINDOW_BITS: u8 = 15;

pub(super) fn pack(level: u32, block: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let mut encoder = ZlibEncoder::new(out, Compression::new(level));
    encoder.write_all(block)?;
    encoder.finish().map(drop)
}

pub(super) fn pack_gzip(level: u32, block: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let mut encoder = GzEncoder::new(out, Compression::new(level));
    encoder.write_all(block)?;
    encoder.finish().map(drop)
}

pub(super) fn unpack(packed: &[u8], out: &mut [u8]) -> Result<(), UnpackError> {
    run(Decompress::new(true), packed, out)
}

pub(super) fn unpack_gzip(packed: &[u8], out: &mut [u8]) -> Result<(), UnpackError> {
    run(Decompress::new_gzip(WINDOW_BITS), packed, out)
}

fn run(mut decoder: Decompress, packed: &[u8], out: &mut [u8]) -> Result<(), UnpackError> {
    stream::unpack(packed, out, |packed, out| {
        let (read, written) = (decoder.total_in(), decoder.total_out());
        let status = decoder
            .decompress(packed, out, FlushDecompress::None)
            .map_err(|error| match error.needs_dictionary() {
                Some(_) => UnpackError::damaged("it needs a dictionary"),
                None => UnpackError::damaged(error),
            })?;
        Ok(DecodeStep {
            read: decoder.total_in() - read,
            written: decoder.total_out() - written,
            is_end: status == Status::StreamEnd,
        })
    })
}
