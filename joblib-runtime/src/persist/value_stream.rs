//! Several values in one stream. A file says at its end where it ends, so that
//! the end is looked for: the one trailer that belongs to the header and stands
//! where it says that it does.

use std::io::{self, BufRead, Read};

use super::error::{Error, ErrorKind};
use super::layout::{self, HEADER, Header, TRAILER};

/// The length of a file is a multiple of this.
const STEP: usize = 8;

/// What comes next in a stream.
pub(super) enum NextValue {
    /// Its end.
    Nothing,
    /// The bytes of a file.
    Value(Vec<u8>),
    /// A file of more bytes than are allowed.
    TooLong,
}

/// Takes the bytes of the next file, of `most` bytes at most, and none after them.
pub(super) fn next(input: &mut impl BufRead, most: u64) -> Result<NextValue, Error> {
    let mut bytes = Vec::new();
    let head = input.take(HEADER as u64).read_to_end(&mut bytes);
    head.map_err(ErrorKind::io("reading"))?;
    if bytes.is_empty() {
        return Ok(NextValue::Nothing);
    }
    let Some(head) = bytes.first_chunk().copied() else {
        // What is too short is told as in a file.
        return Ok(NextValue::Value(bytes));
    };
    Header::parse(&head)?;
    let mut looked = HEADER + TRAILER;
    loop {
        let new = peek(input)?;
        if new.is_empty() {
            return Err(ErrorKind::Truncated.into());
        }
        let before = bytes.len();
        let no_memory = |_| ErrorKind::OutOfMemory {
            bytes: (before + new.len()) as u64,
        };
        bytes.try_reserve(new.len()).map_err(no_memory)?;
        bytes.extend_from_slice(new);
        let ends = (looked..=bytes.len()).step_by(STEP);
        let mut ends = ends.filter(|end| layout::is_end(&bytes[..*end], *end as u64, &head));
        if let Some(end) = ends.next() {
            input.consume(end - before);
            bytes.truncate(end);
            return Ok(NextValue::Value(bytes));
        }
        input.consume(bytes.len() - before);
        // The next that was not looked at.
        looked = looked.max((bytes.len() + 1).next_multiple_of(STEP));
        if bytes.len() as u64 > most {
            return Ok(NextValue::TooLong);
        }
    }
}

/// Looks for an end in what is written before the end: bytes of the value that somebody
/// made to look like it, so that a reader takes what they have next for further values.
pub(super) struct TrailerScan {
    header: [u8; HEADER],
    /// The last bytes that were written.
    last: [u8; TRAILER],
}

impl TrailerScan {
    /// Of a file with that header.
    pub(super) fn of(header: [u8; HEADER]) -> TrailerScan {
        TrailerScan {
            header,
            last: [0; TRAILER],
        }
    }

    /// Makes sure that there is none in `bytes`, which are written at that place.
    pub(super) fn refuse(&mut self, bytes: &[u8], at: u64) -> Result<(), Error> {
        let edge = bytes.len().min(TRAILER);
        let mut joined = [0; 2 * TRAILER];
        joined[..TRAILER].copy_from_slice(&self.last);
        joined[TRAILER..][..edge].copy_from_slice(&bytes[..edge]);
        self.last.copy_from_slice(&joined[edge..][..TRAILER]);
        let mut is_found = self.is_in(&joined[..TRAILER + edge], at);
        if bytes.len() > TRAILER {
            is_found |= self.is_in(bytes, at + TRAILER as u64);
            self.last.copy_from_slice(&bytes[bytes.len() - TRAILER..]);
        }
        match is_found {
            false => Ok(()),
            true => {
                let message = "it has bytes that look like its end where they would stand in \
                               the stream, and what follows them would be read as another \
                               value; write it to a file of its own";
                Err(ErrorKind::Value(message.to_owned()).into())
            }
        }
    }

    /// Whether a trailer within `bytes`, the first of which would end at `first`, is one.
    fn is_in(&self, bytes: &[u8], first: u64) -> bool {
        let step = STEP as u64;
        let skipped = first.next_multiple_of(step) - first;
        let windows = bytes.windows(TRAILER).skip(skipped as usize).step_by(STEP);
        let ends = (first + skipped..).step_by(STEP);
        windows
            .zip(ends)
            .any(|(last, end)| layout::is_end(last, end, &self.header))
    }
}

fn peek(input: &mut impl BufRead) -> Result<&[u8], Error> {
    loop {
        match input.fill_buf() {
            // Asked again, it gives the same; the first answer cannot be kept over
            // the loop.
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ErrorKind::io("reading")(error)),
        }
    }
    input.fill_buf().map_err(ErrorKind::io("reading"))
}
