//! A file that is compressed as a whole, as the extension of its path promises
//! those who unpack it with `gunzip` and the like. Most programs take several
//! streams one after another for one, so that all cores compress.

use std::io::{self, Write};
use std::path::Path;

use super::Compress;
use crate::persist::block::{AHEAD, BLOCK, cores, on_all_cores};
use crate::persist::error::{Error, ErrorKind};

/// How a whole file is compressed.
#[derive(Clone, Copy, Debug)]
pub(in crate::persist) enum FileCompression {
    /// As streams of a mebibyte each, one after another.
    Streams(Compress),
    /// As one stream, of which there are no several in a file.
    #[cfg(feature = "zlib")]
    Zlib(u32),
    /// As one stream of the format that is older than xz.
    #[cfg(feature = "xz")]
    Lzma(u32),
}

/// What writes the contents.
type Contents<'w> = dyn FnMut(&mut dyn Write) -> Result<(), Error> + 'w;

impl FileCompression {
    /// What the extension of `path` promises, if it does.
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
            #[allow(unreachable_patterns, reason = "a build without features has no other")]
            compress => Some(FileCompression::Streams(compress)),
        })
    }

    /// Has `write` write to `out` through it.
    pub(in crate::persist) fn write(
        self,
        out: &mut dyn Write,
        write: &mut Contents<'_>,
    ) -> Result<(), Error> {
        let finishing = ErrorKind::io("compressing");
        match self {
            FileCompression::Streams(compress) => {
                let mut streams = WholeFileEncoder {
                    out,
                    compress,
                    waiting: Vec::new(),
                };
                write(&mut streams)?;
                streams.pass_on().map_err(finishing)
            }
            #[cfg(feature = "zlib")]
            FileCompression::Zlib(level) => {
                let level = flate2::Compression::new(level);
                let mut encoder = flate2::write::ZlibEncoder::new(out, level);
                write(&mut encoder)?;
                encoder.finish().map(drop).map_err(finishing)
            }
            #[cfg(feature = "xz")]
            FileCompression::Lzma(level) => {
                let mut encoder = super::xz::lzma_encoder(level, out).map_err(finishing)?;
                write(&mut encoder)?;
                let finished = encoder.finish().map(drop);
                finished.map_err(ErrorKind::io("compressing"))
            }
        }
    }
}

/// Compresses what is written to it, a mebibyte by itself.
struct WholeFileEncoder<'o> {
    out: &'o mut dyn Write,
    compress: Compress,
    waiting: Vec<u8>,
}

impl WholeFileEncoder<'_> {
    /// Compresses what waits, on all cores, and writes it.
    fn pass_on(&mut self) -> io::Result<()> {
        let compress = self.compress;
        let blocks: Vec<_> = self.waiting.chunks(BLOCK).collect();
        let packed = on_all_cores(&blocks, |block| {
            let mut packed = Vec::new();
            compress.stream(block, &mut packed).map(|()| packed)
        });
        for packed in packed {
            self.out.write_all(&packed?)?;
        }
        self.waiting.clear();
        Ok(())
    }
}

impl Write for WholeFileEncoder<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = AHEAD * cores() * BLOCK - self.waiting.len();
        let now = room.min(bytes.len());
        self.waiting.extend_from_slice(&bytes[..now]);
        if now == room {
            self.pass_on()?;
        }
        Ok(now)
    }

    /// What waits becomes a stream only once it is as long as others are, or the
    /// last.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
