//! Several values in one stream. A value has its length only in its trailer, so the end
//! is found by searching for the trailer that matches the header and states its own
//! offset.

use std::io::{self, BufRead, Read};

use super::error::{Error, ErrorKind};
use super::layout::{self, HEADER, Header, TRAILER};

/// The length of every file is a multiple of this.
const STEP: usize = 8;

/// The next item of a stream.
pub(super) enum NextValue {
    /// The end of the stream.
    Nothing,
    /// The bytes of a file with a value.
    Value(Vec<u8>),
    /// A file that exceeds the limit.
    TooLong,
}

/// Reads the bytes of the next file, at most `most`, and none after it.
pub(super) fn next(input: &mut impl BufRead, most: u64) -> Result<NextValue, Error> {
    let mut bytes = Vec::new();
    let head = input.take(HEADER as u64).read_to_end(&mut bytes);
    head.map_err(ErrorKind::io("reading"))?;
    if bytes.is_empty() {
        return Ok(NextValue::Nothing);
    }
    let Some(head) = bytes.first_chunk().copied() else {
        // The caller reports the error, as for a file.
        return Ok(NextValue::Value(bytes));
    };
    Header::parse(&head)?;
    let mut next_end = HEADER + TRAILER;
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
        let ends = (next_end..=bytes.len()).step_by(STEP);
        let mut ends = ends.filter(|end| layout::is_end(&bytes[..*end], *end as u64, &head));
        if let Some(end) = ends.next() {
            input.consume(end - before);
            bytes.truncate(end);
            return Ok(NextValue::Value(bytes));
        }
        input.consume(bytes.len() - before);
        // The next candidate for an end.
        next_end = next_end.max((bytes.len() + 1).next_multiple_of(STEP));
        if bytes.len() as u64 > most {
            return Ok(NextValue::TooLong);
        }
    }
}

/// Searches written bytes for a trailer before the end. Such bytes are part of a value
/// and made on purpose: a reader would take the following bytes for another value.
pub(super) struct TrailerScan {
    header: [u8; HEADER],
    /// The most recently written bytes.
    last: [u8; TRAILER],
}

impl TrailerScan {
    /// Creates a scan for a file with this header.
    pub(super) fn of(header: [u8; HEADER]) -> TrailerScan {
        TrailerScan {
            header,
            last: [0; TRAILER],
        }
    }

    /// Fails if a trailer ends in `bytes`, which are written at offset `at`.
    pub(super) fn check(&mut self, bytes: &[u8], at: u64) -> Result<(), Error> {
        let edge = bytes.len().min(TRAILER);
        let mut joined = [0; 2 * TRAILER];
        joined[..TRAILER].copy_from_slice(&self.last);
        joined[TRAILER..][..edge].copy_from_slice(&bytes[..edge]);
        self.last.copy_from_slice(&joined[edge..][..TRAILER]);
        let mut is_found = self.contains_trailer(&joined[..TRAILER + edge], at);
        if bytes.len() > TRAILER {
            is_found |= self.contains_trailer(bytes, at + TRAILER as u64);
            self.last.copy_from_slice(&bytes[bytes.len() - TRAILER..]);
        }
        match is_found {
            false => Ok(()),
            true => {
                let message = "the value contains bytes that would be read as its end in this \
                               stream, and the bytes after them as another value; write it \
                               to a separate file";
                Err(ErrorKind::Value(message.to_owned()).into())
            }
        }
    }

    /// Whether `bytes` contain a matching trailer. The first candidate ends at offset
    /// `first`.
    fn contains_trailer(&self, bytes: &[u8], first: u64) -> bool {
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
            // Call `fill_buf` again below, which returns the same bytes: the borrow
            // checker does not allow returning this result from the loop.
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ErrorKind::io("reading")(error)),
        }
    }
    input.fill_buf().map_err(ErrorKind::io("reading"))
}
