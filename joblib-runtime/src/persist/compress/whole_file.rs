//! Files that somebody compressed as a whole, with `gzip` or the like, after
//! they were written: told by their first bytes, and read through the
//! decompressor.

use std::io::{self, Read};
use std::mem::MaybeUninit;

use crate::persist::block::ReadAt;
use crate::persist::error::{Error, ErrorKind};
use crate::persist::layout;

/// The longest of the first bytes that tell.
const MAGIC: usize = 6;

/// So many bytes come out of each that goes in, unless a limit says otherwise: more
/// than bzip2 and zstd make of zeros.
const FACTOR: u64 = 65_536;

/// What comes out of a file in any case.
const LEAST: u64 = 1 << 20;

/// What a decompressor of xz may take for itself, which its file names; one of
/// zstd takes as much at most. Level 9 takes 64 MiB.
#[cfg(feature = "xz")]
const MEMORY: u64 = 128 << 20;

/// What a whole file was compressed with.
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
    /// What `bytes`, the first of a file, are of.
    pub(in crate::persist) fn of(bytes: &[u8]) -> Option<WholeFileCodec> {
        Some(match bytes {
            [0x28, 0xb5, 0x2f, 0xfd, ..] => WholeFileCodec::Zstd,
            [0x04, 0x22, 0x4d, 0x18, ..] => WholeFileCodec::Lz4,
            [0x1f, 0x8b, 8, ..] => WholeFileCodec::Gzip,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => WholeFileCodec::Bz2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => WholeFileCodec::Xz,
            // What its usual settings and a dictionary of whole pages begin
            // with.
            [0x5d, 0, 0, ..] => WholeFileCodec::Lzma,
            // A window of 32 KiB, and a multiple of 31 at each level.
            [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => WholeFileCodec::Zlib,
            _ => return None,
        })
    }

    /// What the first bytes of `file` are of.
    pub(in crate::persist) fn at_start(
        file: &dyn ReadAt,
        len: u64,
    ) -> Result<Option<WholeFileCodec>, Error> {
        let mut bytes = [MaybeUninit::new(0); MAGIC];
        let len = len.min(MAGIC as u64) as usize;
        file.read(0, &mut bytes[..len])?;
        // SAFETY: all of it was initialized at the start.
        let bytes = bytes.map(|byte| unsafe { byte.assume_init() });
        Ok(WholeFileCodec::of(&bytes[..len]))
    }

    /// What follows "not a file of joblib for Rust" in messages.
    pub(in crate::persist) fn hint(self) -> &'static str {
        match self {
            WholeFileCodec::Zstd => {
                ", but something that zstd compressed as a whole; `joblib::load` looks inside"
            }
            WholeFileCodec::Lz4 => {
                ", but something that lz4 compressed as a whole; `joblib::load` looks inside"
            }
            WholeFileCodec::Zlib => {
                ", but something that zlib compressed as a whole; `joblib::load` looks inside"
            }
            WholeFileCodec::Gzip => {
                ", but something that gzip compressed as a whole; `joblib::load` looks inside"
            }
            WholeFileCodec::Bz2 => {
                ", but something that bzip2 compressed as a whole; `joblib::load` looks inside"
            }
            WholeFileCodec::Xz | WholeFileCodec::Lzma => {
                ", but something that xz compressed as a whole; `joblib::load` looks inside"
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

    /// What was compressed to `input`, which is of `len` bytes. It takes no
    /// more memory than `limit` or, without one, than is likely.
    pub(in crate::persist) fn unpack(
        self,
        input: impl Read,
        len: u64,
        limit: Option<u64>,
    ) -> Result<Vec<u8>, Error> {
        let limit = limit.unwrap_or_else(|| len.saturating_mul(FACTOR).saturating_add(LEAST));
        let mut bytes = Vec::new();
        let unpacking = self.unpacking(input)?.take(limit.saturating_add(1));
        read_all(unpacking, &mut bytes).map_err(|error| match layout::is_whole(&bytes) {
            true => {
                let why = format!("something follows what {} compressed", self.name());
                Error::damaged("the file", why)
            }
            false => self.failed(error),
        })?;
        if bytes.len() as u64 > limit {
            return Err(ErrorKind::Limit { limit }.into());
        }
        match WholeFileCodec::of(&bytes) {
            Some(_) => {
                let hint = ", but something that was compressed twice";
                Err(ErrorKind::Foreign { hint }.into())
            }
            None => Ok(bytes),
        }
    }

    fn unpacking<'r>(self, input: impl Read + 'r) -> Result<Box<dyn Read + 'r>, Error> {
        match self {
            #[cfg(feature = "zstd")]
            WholeFileCodec::Zstd => {
                let decoder = zstd::stream::read::Decoder::new(input);
                Ok(Box::new(decoder.map_err(|error| self.failed(error))?))
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
                let stream = stream.map_err(|error| self.failed(error.into()))?;
                Ok(Box::new(xz::WholeFileDecoder::new(input, stream)))
            }
            #[allow(
                unreachable_patterns,
                reason = "a build with all features has them all"
            )]
            _ => {
                // Without a decompressor, there is nothing to read from.
                drop(input);
                Err(self.lacking())
            }
        }
    }

    #[allow(dead_code, reason = "a build with all features lacks none")]
    fn lacking(self) -> Error {
        let what = format!("reading a file that {} compressed", self.name());
        let feature = match self {
            WholeFileCodec::Zstd => "zstd",
            WholeFileCodec::Lz4 => "lz4",
            WholeFileCodec::Zlib | WholeFileCodec::Gzip => "zlib",
            WholeFileCodec::Bz2 => "bz2",
            WholeFileCodec::Xz | WholeFileCodec::Lzma => "xz",
        };
        ErrorKind::Feature { what, feature }.into()
    }

    fn failed(self, error: io::Error) -> Error {
        let is_of_the_system =
            error.raw_os_error().is_some() || error.kind() == io::ErrorKind::OutOfMemory;
        if is_of_the_system || error.kind() == io::ErrorKind::UnexpectedEof {
            return ErrorKind::io("reading")(error);
        }
        Error::damaged(format!("what {} compressed", self.name()), error)
    }
}

/// So many bytes are asked for at once.
const PIECE: usize = 1 << 20;

/// Reads to the end, into as much memory as there is.
fn read_all(mut input: impl Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    loop {
        bytes.try_reserve(PIECE)?;
        let most = (bytes.capacity() - bytes.len()) as u64;
        if input.by_ref().take(most).read_to_end(bytes)? == 0 {
            return Ok(());
        }
    }
}

/// Streams of which a file has one.
#[cfg(feature = "zlib")]
mod single {
    use std::io::{self, BufRead, BufReader, Read};

    use flate2::bufread::ZlibDecoder;

    /// A zlib stream, which nothing follows.
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
                let message = "bytes follow what was compressed";
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            Ok(read)
        }
    }
}

/// Streams of xz, one after another, or one of the older format.
#[cfg(feature = "xz")]
mod xz {
    use std::io::{self, BufRead, BufReader, Read};

    use liblzma::stream::{Action, Status, Stream};

    /// What is decoded. The library's own reader would keep back what it decoded
    /// before an error.
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

/// Frames of which a file may have several.
#[cfg(feature = "lz4")]
mod several {
    use std::io::{self, BufRead, BufReader, Read};

    use lz4_flex::frame::FrameDecoder;

    /// lz4 frames, one after another. Each has a decoder of its own, since the
    /// library's takes the end of the file for the end of any frame.
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

    /// Notes when more is asked for than there is, which no whole frame does.
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
