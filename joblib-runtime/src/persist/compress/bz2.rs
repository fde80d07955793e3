//! bzip2: one stream for each block.

use std::io::{self, Write};

use bzip2::write::BzEncoder;
use bzip2::{Compression, Decompress, Status};

use super::UnpackError;
use super::stream::{self, DecodeStep};

pub(super) fn pack(level: u32, block: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let mut encoder = BzEncoder::new(out, Compression::new(level));
    encoder.write_all(block)?;
    encoder.finish().map(drop)
}

pub(super) fn unpack(packed: &[u8], out: &mut [u8]) -> Result<(), UnpackError> {
    let mut decoder = Decompress::new(false);
    stream::unpack(packed, out, |packed, out| {
        let (read, written) = (decoder.total_in(), decoder.total_out());
        let status = decoder
            .decompress(packed, out)
            .map_err(UnpackError::damaged)?;
        Ok(DecodeStep {
            read: decoder.total_in() - read,
            written: decoder.total_out() - written,
            is_end: status == Status::StreamEnd,
        })
    })
}
