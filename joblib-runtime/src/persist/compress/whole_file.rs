//! Reads files that were compressed as a whole after they were written, for example
//! with `gzip`. The first bytes of the file identify the format.

use std::io::{self, Read};

use crate::persist::block::{ReadAt, read_vec};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::layout;

/// The maximum number of bytes that identify a format.
const MAGIC: usize = 6;

/// The maximum size of the decompressed file per input byte, unless a limit is set. It
/// exceeds the ratio of bzip2 and zstd for zeros.
const FACTOR: u64 = 65_536;

/// The minimum size limit of the decompressed file.
const LEAST: u64 = 1 << 20;

/// The memory limit of an xz decoder, which the file specifies; a zstd decoder takes at
/// most the same. Level 9 takes 64 MiB.
#[cfg(feature = "xz")]
const MEMORY: u64 = 128 << 20;

/// The codec with which a whole file was compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::persist) enum WholeFileCodec {
    Zstd,
    Lz4,
    Zlib,
    Gzip,
    Bz2,
    Xz,
    Lzma,
}

impl WholeFileCodec {
    /// Returns the codec that the first bytes of a file identify.
    pub(in crate::persist) fn detect(bytes: &[u8]) -> Option<WholeFileCodec> {
        Some(match bytes {
            [0x28, 0xb5, 0x2f, 0xfd, ..] => WholeFileCodec::Zstd,
            [0x04, 0x22, 0x4d, 0x18, ..] => WholeFileCodec::Lz4,
            [0x1f, 0x8b, 8, ..] => WholeFileCodec::Gzip,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => WholeFileCodec::Bz2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => WholeFileCodec::Xz,
            // The beginning for the usual settings and a dictionary of whole pages.
            [0x5d, 0, 0, ..] => WholeFileCodec::Lzma,
            // A window of 32 KiB; the value is a multiple of 31 at each level.
            [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => WholeFileCodec::Zlib,
            _ => return None,
        })
    }

    /// Returns the codec that the first bytes of `file` identify.
    pub(in crate::persist) fn detect_in(
        file: &dyn ReadAt,
        len: u64,
    ) -> Result<Option<WholeFileCodec>, Error> {
        let len = len.min(MAGIC as u64) as usize;
        let bytes = read_vec(file, 0, len)?;
        Ok(WholeFileCodec::detect(&bytes))
    }

    /// Returns the text that follows "not a file of joblib for Rust" in messages.
    pub(in crate::persist) fn hint(self) -> &'static str {
        match self {
            WholeFileCodec::Zstd => {
                ", but a file compressed with zstd; `joblib::load` decompresses it"
            }
            WholeFileCodec::Lz4 => {
                ", but a file compressed with lz4; `joblib::load` decompresses it"
            }
            WholeFileCodec::Zlib => {
                ", but a file compressed with zlib; `joblib::load` decompresses it"
            }
            WholeFileCodec::Gzip => {
                ", but a file compressed with gzip; `joblib::load` decompresses it"
            }
            WholeFileCodec::Bz2 => {
                ", but a file compressed with bzip2; `joblib::load` decompresses it"
            }
            WholeFileCodec::Xz | WholeFileCodec::Lzma => {
                ", but a file compressed with xz; `joblib::load` decompresses it"
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            WholeFileCodec::Zstd => "zstd",
            WholeFileCodec::Lz4 => "lz4",
            WholeFileCodec::Zlib => "zlib",
            WholeFileCodec::Gzip => "gzip",
            WholeFileCodec::Bz2 => "bzip2",
            WholeFileCodec::Xz | WholeFileCodec::Lzma => "xz",
        }
    }

    /// Decompresses `input`, which has `len` bytes. Takes at most `limit` bytes of
    /// memory or, without a limit, a plausible multiple of `len`.
    pub(in crate::persist) fn unpack(
        self,
        input: impl Read,
        len: u64,
        limit: Option<u64>,
    ) -> Result<Vec<u8>, Error> {
        let limit = limit.unwrap_or_else(|| len.saturating_mul(FACTOR).saturating_add(LEAST));
        let mut bytes = Vec::new();
        let decoder = self.decoder(input)?.take(limit.saturating_add(1));
        read_all(decoder, &mut bytes).map_err(|error| match layout::is_whole(&bytes) {
            true => {
                let why = format!("bytes follow the {} data", self.name());
                Error::damaged("the file", why)
            }
            false => self.read_error(error),
        })?;
        if bytes.len() as u64 > limit {
            return Err(ErrorKind::Limit { limit }.into());
        }
        match WholeFileCodec::detect(&bytes) {
            Some(_) => {
                let hint = ", but a file that was compressed twice";
                Err(ErrorKind::Foreign { hint }.into())
            }
            None => Ok(bytes),
        }
    }

    fn decoder<'r>(self, input: impl Read + 'r) -> Result<Box<dyn Read + 'r>, Error> {
        match self {
            #[cfg(feature = "zstd")]
            WholeFileCodec::Zstd => {
                let decoder = zstd::stream::read::Decoder::new(input);
                Ok(Box::new(decoder.map_err(|error| self.read_error(error))?))
            }
            #[cfg(feature = "lz4")]
            WholeFileCodec::Lz4 => Ok(Box::new(several::Lz4Frames::new(input))),
            #[cfg(feature = "zlib")]
            WholeFileCodec::Zlib => Ok(Box::new(single::ZlibStream::new(input))),
            #[cfg(feature = "zlib")]
            WholeFileCodec::Gzip => Ok(Box::new(flate2::read::MultiGzDecoder::new(input))),
            #[cfg(feature = "bz2")]
            WholeFileCodec::Bz2 => Ok(Box::new(bzip2::read::MultiBzDecoder::new(input))),
            #[cfg(feature = "xz")]
            WholeFileCodec::Xz | WholeFileCodec::Lzma => {
                use liblzma::stream::{CONCATENATED, Stream};

                let stream = Stream::new_auto_decoder(MEMORY, CONCATENATED);
                let stream = stream.map_err(|error| self.read_error(error.into()))?;
                Ok(Box::new(xz::WholeFileDecoder::new(input, stream)))
            }
            #[allow(
                unreachable_patterns,
                reason = "no other variant exists with all features"
            )]
            _ => {
                // Without a decompressor, the input is not needed.
                drop(input);
                Err(self.missing_feature())
            }
        }
    }

    #[allow(dead_code, reason = "unused with all features")]
    fn missing_feature(self) -> Error {
        let what = format!("reading a file compressed with {}", self.name());
        let feature = match self {
            WholeFileCodec::Zstd => "zstd",
            WholeFileCodec::Lz4 => "lz4",
            WholeFileCodec::Zlib | WholeFileCodec::Gzip => "zlib",
            WholeFileCodec::Bz2 => "bz2",
            WholeFileCodec::Xz | WholeFileCodec::Lzma => "xz",
        };
        ErrorKind::Feature { what, feature }.into()
    }

    fn read_error(self, error: io::Error) -> Error {
        let is_system_error =
            error.raw_os_error().is_some() || error.kind() == io::ErrorKind::OutOfMemory;
        if is_system_error || error.kind() == io::ErrorKind::UnexpectedEof {
            return ErrorKind::io("reading")(error);
        }
        Error::damaged(format!("the {} data", self.name()), error)
    }
}

/// The number of bytes to reserve for each read.
const CHUNK: usize = 1 << 20;

/// Reads to the end. Fails if memory runs out.
fn read_all(mut input: impl Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    loop {
        bytes.try_reserve(CHUNK)?;
        let most = (bytes.capacity() - bytes.len()) as u64;
        if input.by_ref().take(most).read_to_end(bytes)? == 0 {
            return Ok(());
        }
    }
}

/// Formats that allow one stream in a file.
#[cfg(feature = "zlib")]
mod single {
    use std::io::{self, BufRead, BufReader, Read};

    use flate2::bufread::ZlibDecoder;

    /// A zlib stream, which must not be followed by anything.
    pub(super) struct ZlibStream<R>(ZlibDecoder<BufReader<R>>);

    impl<R: Read> ZlibStream<R> {
        pub(super) fn new(input: R) -> Self {
            ZlibStream(ZlibDecoder::new(BufReader::new(input)))
        }
    }

    impl<R: Read> Read for ZlibStream<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(buffer)?;
            if read == 0 && !buffer.is_empty() && !self.0.get_mut().fill_buf()?.is_empty() {
                let message = "bytes follow the compressed data";
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            Ok(read)
        }
    }
}

/// Consecutive xz streams, or one stream of the older format.
#[cfg(feature = "xz")]
mod xz {
    use std::io::{self, BufRead, BufReader, Read};

    use liblzma::stream::{Action, Status, Stream};

    /// A decoder for xz. The library's own reader would discard the bytes that it
    /// decoded before an error.
    pub(super) struct WholeFileDecoder<R> {
        input: BufReader<R>,
        stream: Stream,
        end: Option<io::Result<()>>,
    }

    impl<R: Read> WholeFileDecoder<R> {
        pub(super) fn new(input: R, stream: Stream) -> Self {
            WholeFileDecoder {
                input: BufReader::new(input),
                stream,
                end: None,
            }
        }
    }

    impl<R: Read> Read for WholeFileDecoder<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if buffer.is_empty() {
                return Ok(0);
            }
            while self.end.is_none() {
                let input = self.input.fill_buf()?;
                let is_over = input.is_empty();
                let action = if is_over { Action::Finish } else { Action::Run };
                let (read, written) = (self.stream.total_in(), self.stream.total_out());
                let status = self.stream.process(input, buffer, action);
                let read = (self.stream.total_in() - read) as usize;
                let written = (self.stream.total_out() - written) as usize;
                self.input.consume(read);
                self.end = match status {
                    Ok(Status::StreamEnd) => Some(Ok(())),
                    Ok(_) if is_over && written == 0 => {
                        Some(Err(io::ErrorKind::UnexpectedEof.into()))
                    }
                    Ok(_) => None,
                    Err(error) => Some(Err(error.into())),
                };
                if written > 0 {
                    return Ok(written);
                }
            }
            match self.end.replace(Ok(())) {
                Some(Err(error)) => Err(error),
                _ => Ok(0),
            }
        }
    }
}

/// Formats that allow several frames in a file.
#[cfg(feature = "lz4")]
mod several {
    use std::io::{self, BufRead, BufReader, Read};

    use lz4_flex::frame::FrameDecoder;

    /// Consecutive lz4 frames. Each has its own decoder, since the library's decoder
    /// accepts the end of the file as the end of any frame.
    pub(super) struct Lz4Frames<R: Read>(Option<FrameDecoder<EofTracking<R>>>);

    impl<R: Read> Lz4Frames<R> {
        pub(super) fn new(input: R) -> Self {
            let input = EofTracking {
                input: BufReader::new(input),
                is_over: false,
            };
            Lz4Frames(Some(FrameDecoder::new(input)))
        }
    }

    impl<R: Read> Read for Lz4Frames<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            while let Some(decoder) = &mut self.0 {
                let read = decoder.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
                let input = decoder.get_mut();
                if input.is_over {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                let is_last = input.input.fill_buf()?.is_empty();
                let rest = self.0.take().map(FrameDecoder::into_inner);
                self.0 = rest.filter(|_| !is_last).map(FrameDecoder::new);
            }
            Ok(0)
        }
    }

    /// Records reads past the end of the input, which a complete frame does not cause.
    pub(super) struct EofTracking<R> {
        input: BufReader<R>,
        is_over: bool,
    }

    impl<R: Read> Read for EofTracking<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.input.read(buffer)?;
            self.is_over |= read == 0 && !buffer.is_empty();
            Ok(read)
        }
    }
}
