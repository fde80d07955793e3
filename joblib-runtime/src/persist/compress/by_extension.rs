//! Compresses a whole file in the format that the extension of its path names, so that
//! `gunzip` and similar programs can decompress it. Most of these formats allow several
//! streams in a row, which lets all cores compress.

use std::io::{self, Write};
use std::path::Path;

use super::Compress;
use crate::persist::block::{AHEAD, BLOCK, cores, on_all_cores};
use crate::persist::error::{Error, ErrorKind};

/// How a whole file is compressed.
#[derive(Clone, Copy, Debug)]
pub(in crate::persist) enum FileCompression {
    /// As consecutive streams of one mebibyte of input each.
    Streams(Compress),
    /// As one stream; the format does not allow several.
    #[cfg(feature = "zlib")]
    Zlib(u32),
    /// As one stream of the format that predates xz.
    #[cfg(feature = "xz")]
    Lzma(u32),
}

/// Writes the contents.
type Contents<'w> = dyn FnMut(&mut dyn Write) -> Result<(), Error> + 'w;

impl FileCompression {
    /// Returns the compression that the extension of `path` names, if any.
    pub(in crate::persist) fn from_path(path: &Path) -> Result<Option<FileCompression>, Error> {
        let compress = Compress::from_path(path)?;
        Ok(match compress {
            Compress::None => None,
            #[cfg(feature = "zlib")]
            Compress::Zlib(level) => Some(FileCompression::Zlib(level)),
            #[cfg(feature = "xz")]
            Compress::Xz(level) if path.extension().is_some_and(|it| it == "lzma") => {
                Some(FileCompression::Lzma(level))
            }
            #[allow(
                unreachable_patterns,
                reason = "no other variant exists without features"
            )]
            compress => Some(FileCompression::Streams(compress)),
        })
    }

    /// Calls `write` with a writer that compresses to `out`.
    pub(in crate::persist) fn write(
        self,
        out: &mut dyn Write,
        write: &mut Contents<'_>,
    ) -> Result<(), Error> {
        let io_error = ErrorKind::io("compressing");
        match self {
            FileCompression::Streams(compress) => {
                let mut streams = WholeFileEncoder {
                    out,
                    compress,
                    buffered: Vec::new(),
                };
                write(&mut streams)?;
                streams.flush_buffered().map_err(io_error)
            }
            #[cfg(feature = "zlib")]
            FileCompression::Zlib(level) => {
                let level = flate2::Compression::new(level);
                let mut encoder = flate2::write::ZlibEncoder::new(out, level);
                write(&mut encoder)?;
                encoder.finish().map(drop).map_err(io_error)
            }
            #[cfg(feature = "xz")]
            FileCompression::Lzma(level) => {
                let mut encoder = super::xz::lzma_encoder(level, out).map_err(io_error)?;
                write(&mut encoder)?;
                let finished = encoder.finish().map(drop);
                finished.map_err(ErrorKind::io("compressing"))
            }
        }
    }
}

/// Compresses each mebibyte that is written to it separately.
struct WholeFileEncoder<'o> {
    out: &'o mut dyn Write,
    compress: Compress,
    buffered: Vec<u8>,
}

impl WholeFileEncoder<'_> {
    /// Compresses the buffered bytes on all cores and writes the result.
    fn flush_buffered(&mut self) -> io::Result<()> {
        let compress = self.compress;
        let blocks: Vec<_> = self.buffered.chunks(BLOCK).collect();
        let packed = on_all_cores(&blocks, |block| {
            let mut packed = Vec::new();
            compress.stream(block, &mut packed).map(|()| packed)
        });
        for packed in packed {
            self.out.write_all(&packed?)?;
        }
        self.buffered.clear();
        Ok(())
    }
}

impl Write for WholeFileEncoder<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = AHEAD * cores() * BLOCK - self.buffered.len();
        let now = room.min(bytes.len());
        self.buffered.extend_from_slice(&bytes[..now]);
        if now == room {
            self.flush_buffered()?;
        }
        Ok(now)
    }

    /// Does nothing: buffered bytes become a stream only when there are enough of them
    /// or at the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
