//! xz: one stream for each block. The dictionary is at most as large as the block,
//! which limits the memory of both encoder and decoder.

use std::io::{self, Write};

use liblzma::stream::{Action, Check, Filters, LzmaOptions, Status, Stream};
use liblzma::write::XzEncoder;

use super::UnpackError;
use super::stream::{self, DecodeStep};
use crate::persist::block::BLOCK;

/// The memory limit of a decoder: the dictionary, and the same amount for its own
/// state.
const MEMORY: u64 = 2 * BLOCK as u64;

pub(super) fn pack(level: u32, block: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let mut options = LzmaOptions::new_preset(level)?;
    if level > 0 {
        options.dict_size(BLOCK as u32);
    }
    let mut filters = Filters::new();
    filters.lzma2(&options);
    let stream = Stream::new_stream_encoder(&filters, Check::Crc32)?;
    let mut encoder = XzEncoder::new_stream(out, stream);
    encoder.write_all(block)?;
    encoder.finish().map(drop)
}

/// Returns an encoder that writes the `.lzma` format to `out`.
pub(super) fn lzma_encoder<W: Write>(level: u32, out: W) -> io::Result<XzEncoder<W>> {
    let options = LzmaOptions::new_preset(level)?;
    let stream = Stream::new_lzma_encoder(&options)?;
    Ok(XzEncoder::new_stream(out, stream))
}

pub(super) fn unpack(packed: &[u8], out: &mut [u8]) -> Result<(), UnpackError> {
    let mut decoder = Stream::new_stream_decoder(MEMORY, 0).map_err(UnpackError::damaged)?;
    stream::unpack(packed, out, |packed, out| {
        let (read, written) = (decoder.total_in(), decoder.total_out());
        let status = decoder
            .process(packed, out, Action::Run)
            .map_err(UnpackError::damaged)?;
        Ok(DecodeStep {
            read: decoder.total_in() - read,
            written: decoder.total_out() - written,
            is_end: matches!(status, Status::StreamEnd),
        })
    })
}
