//! Decodes a value from its body and arrays.
//!
//! Lengths in the input are not trusted: every counted element takes at least one byte,
//! memory grows with what was read, and encodings other than the one the writer
//! produces are errors.

mod arrays;
mod depth;
mod described;
mod keys;
mod numbers;
mod records;

use self::arrays::vec_of;
pub(super) use self::arrays::{ArrayLocation, as_bytes, bytes_for};
use super::MAX_DEPTH;
use super::body_encoding::{BodyEncoding, SerdeEncoding};
use super::error::{Error, ErrorKind};
use super::source::{BodySource, BodyWindow, SourceRef};

/// The number of bytes that may be reserved based on counts alone, over all counts of a
/// value, since counts can be nested.
const TRUSTED: u64 = 1 << 20;

/// The number of additional bytes that may be reserved for each byte of the body.
const FACTOR: u64 = 16;

/// The chunk size for reading long byte strings.
const PIECE: usize = 1 << 20;

/// A reader of an encoded value.
pub struct BodyReader<'s> {
    window: BodyWindow<'s>,
    at: usize,
    /// The offset of the window in the body.
    before: u64,
    total: u64,
    source: SourceRef<'s>,
    form: BodyEncoding,
    /// The index of the next segment.
    next: u64,
    depth: usize,
    /// The maximum nesting depth of the value.
    max_depth: usize,
    /// The current nesting depth of nodes of any kind.
    nested: usize,
    encoding: SerdeEncoding,
    /// Whether fields that use serde were read.
    has_serde: bool,
    /// Whether rows and sorted keys have the encoding of version 1: see
    /// [`differs_from_version_1`](super::writer::BodyWriter::differs_from_version_1).
    is_version_1: bool,
    /// Whether elements were read whose encoding differs from that of version 1.
    differs_from_version_1: bool,
    /// Whether records are stored as sequences, as in version 1.
    has_record_sequences: bool,
    /// Whether records were read.
    has_records: bool,
    /// The number of bytes that may still be reserved based on counts alone.
    trust: u64,
    allowance: MemoryLimit,
}

fn trusted(total: u64) -> u64 {
    total.saturating_mul(FACTOR).saturating_add(TRUSTED)
}

/// A position in a body that is in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    at: usize,
    next: u64,
}

impl Cursor {
    /// Returns the distance from `other`, an earlier position, in bytes.
    pub(super) fn bytes_after(&self, other: &Cursor) -> u64 {
        (self.at - other.at) as u64
    }
}

/// The memory that may still be allocated.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemoryLimit {
    limit: u64,
    left: u64,
}

impl MemoryLimit {
    pub(super) fn new(limit: u64) -> Self {
        MemoryLimit { limit, left: limit }
    }

    pub(super) fn take(&mut self, bytes: u64) -> Result<(), Error> {
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => return Err(ErrorKind::Limit { limit: self.limit }.into()),
        }
        Ok(())
    }
}

impl<'s> BodyReader<'s> {
    #[inline]
    fn new(
        window: BodyWindow<'s>,
        form: BodyEncoding,
        source: SourceRef<'s>,
        total: u64,
        limit: u64,
    ) -> Self {
        BodyReader {
            window,
            at: 0,
            before: 0,
            total,
            source,
            form,
            next: 0,
            depth: 0,
            max_depth: MAX_DEPTH,
            nested: 0,
            encoding: SerdeEncoding::Described,
            has_serde: false,
            is_version_1: false,
            differs_from_version_1: false,
            has_record_sequences: false,
            has_records: false,
            trust: trusted(total),
            allowance: MemoryLimit::new(limit),
        }
    }

    /// Creates a reader of a body of `total` bytes, which `source` provides chunk by
    /// chunk.
    pub(super) fn streamed(source: Box<dyn BodySource + 's>, total: u64, limit: u64) -> Self {
        let window = BodyWindow::Streamed(Vec::new());
        let source = SourceRef::Boxed(source);
        BodyReader::new(window, BodyEncoding::File, source, total, limit)
    }

    /// As [`whole`](BodyReader::whole), with a borrowed source and without a limit.
    #[inline]
    pub(super) fn lent(
        small: &'s [u8],
        form: BodyEncoding,
        source: &'s mut dyn BodySource,
    ) -> Self {
        let (window, source) = (BodyWindow::Whole(small), SourceRef::Lent(source));
        BodyReader::new(window, form, source, small.len() as u64, u64::MAX)
    }

    /// Creates a reader of a body that is in memory.
    pub(super) fn whole(
        small: &'s [u8],
        form: BodyEncoding,
        source: Box<dyn BodySource + 's>,
        limit: u64,
    ) -> Self {
        let (window, source) = (BodyWindow::Whole(small), SourceRef::Boxed(source));
        BodyReader {
            encoding: match form {
                BodyEncoding::Adapted => SerdeEncoding::Tagged,
                BodyEncoding::File | BodyEncoding::Flat => SerdeEncoding::Described,
            },
            ..BodyReader::new(window, form, source, small.len() as u64, limit)
        }
    }

    pub(super) fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    /// Returns the length of the body.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Returns the current position, for [`seek`](BodyReader::seek).
    pub(super) fn mark(&self) -> Cursor {
        Cursor {
            at: self.at,
            next: self.next,
        }
    }

    /// Moves to a position in a body that is in memory.
    pub(super) fn seek(&mut self, mark: Cursor) {
        self.at = mark.at;
        self.next = mark.next;
    }

    fn left(&self) -> u64 {
        self.total - self.position()
    }

    /// Returns the offset of a segment in the file.
    pub(super) fn offset(&self, index: u64) -> Result<usize, &'static str> {
        self.source.get().offset(index)
    }

    /// Verifies that the body and all arrays were read.
    pub(super) fn end(&self) -> Result<(), Error> {
        match self.left() {
            0 => {}
            left => {
                return Err(Error::damaged_body(format!(
                    "{left} extra bytes after the value"
                )));
            }
        }
        match self.form == BodyEncoding::File && self.source.get().has(self.next) {
            true => Err(Error::damaged_body(
                "it refers to fewer arrays than the file has",
            )),
            false => Ok(()),
        }
    }

    /// Refills the window to at least `len` bytes.
    #[cold]
    fn refill(&mut self, len: usize) -> Result<(), Error> {
        if len as u64 > self.left() {
            return Err(Error::damaged_body("unexpected end"));
        }
        if let BodyWindow::Streamed(bytes) = &mut self.window {
            bytes.drain(..self.at);
            self.before += self.at as u64;
            self.at = 0;
            while bytes.len() < len {
                self.source.get_mut().more(bytes)?;
            }
        }
        Ok(())
    }

    #[inline]
    pub(super) fn take(&mut self, len: usize) -> Result<&[u8], Error> {
        if self.window.bytes().len() - self.at < len {
            self.refill(len)?;
        }
        let start = self.at;
        self.at += len;
        Ok(&self.window.bytes()[start..self.at])
    }

    /// Skips `len` bytes.
    pub(super) fn skip(&mut self, len: u64) -> Result<(), Error> {
        if len > self.left() {
            return Err(Error::damaged_body("unexpected end"));
        }
        let mut left = len as usize;
        while left > 0 {
            let piece = left.min(PIECE);
            self.take(piece)?;
            left -= piece;
        }
        Ok(())
    }

    /// Reads length-prefixed bytes.
    ///
    /// # Errors
    ///
    /// Fails if there are not enough bytes.
    pub fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        let len = self.length()?;
        self.allowance.take(len as u64)?;
        if len <= PIECE {
            return Ok(self.take(len)?.to_vec());
        }
        let mut bytes = Vec::new();
        while bytes.len() < len {
            let piece = PIECE.min(len - bytes.len());
            let piece = self.take(piece)?;
            let no_memory = |_| ErrorKind::OutOfMemory { bytes: len as u64 };
            bytes.try_reserve(piece.len()).map_err(no_memory)?;
            bytes.extend_from_slice(piece);
        }
        Ok(bytes)
    }

    /// Reads length-prefixed text.
    ///
    /// # Errors
    ///
    /// Fails if it is not UTF-8.
    pub fn text(&mut self) -> Result<String, Error> {
        let bytes = self.bytes()?;
        if bytes.is_ascii() {
            // SAFETY: ASCII is UTF-8. The ASCII check is faster for short texts.
            return Ok(unsafe { String::from_utf8_unchecked(bytes) });
        }
        String::from_utf8(bytes).map_err(|_| Error::damaged_body("invalid UTF-8 in text"))
    }

    /// Reads a length-prefixed sequence of values, each with `load`.
    ///
    /// # Errors
    ///
    /// The errors of `load`; also fails if the length exceeds the remaining bytes.
    #[inline]
    pub(super) fn many<T>(
        &mut self,
        mut load: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let count = self.length()?;
        let mut values = self.reserve(count)?;
        self.with_room::<T, _>(|reader| {
            for _ in 0..count {
                values.push(reader.element(&mut load)?);
            }
            Ok(())
        })?;
        Ok(values)
    }

    /// Reads an element of a sequence; see
    /// [`BodyWriter::element`](super::writer::BodyWriter::element).
    ///
    /// # Errors
    ///
    /// The errors of `load`.
    #[inline]
    pub fn element<T>(
        &mut self,
        load: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let before = self.position();
        let value = load(self)?;
        if self.position() == before && self.raw()? != [0] {
            return Err(Error::damaged_body(
                "non-zero filler byte for an empty element",
            ));
        }
        Ok(value)
    }

    /// Returns the error for an invalid variant index.
    pub fn no_variant<T>(&self, number: u64) -> Result<T, Error> {
        Err(Error::damaged_body(format!(
            "invalid variant index {number}"
        )))
    }

    /// Allocates a vector for `count` values, each of at least one byte. The capacity may
    /// be smaller than that, depending on the length of the input.
    ///
    /// # Errors
    ///
    /// Fails if the memory limit is exceeded, or the allocation fails.
    pub fn reserve<T>(&mut self, count: usize) -> Result<Vec<T>, Error> {
        vec_of(self.room_for::<T>(count)?)
    }

    /// Returns the number of values, at most `count`, to reserve memory for at once.
    ///
    /// # Errors
    ///
    /// Fails if the memory limit is exceeded.
    pub fn room_for<T>(&mut self, count: usize) -> Result<usize, Error> {
        let size = size_of::<T>().max(1) as u64;
        self.allowance.take((count as u64).saturating_mul(size))?;
        let most = usize::try_from(self.trust / size).unwrap_or(usize::MAX);
        let room = count.min(most);
        self.trust -= room as u64 * size;
        Ok(room)
    }

    /// Sets whether rows and sorted keys have the encoding of version 1.
    pub(super) fn version_1(self, is_version_1: bool) -> Self {
        BodyReader {
            is_version_1,
            ..self
        }
    }
}

impl std::fmt::Debug for BodyReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BodyReader")
            .field("form", &self.form)
            .field("position", &self.position())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}
