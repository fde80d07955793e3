//! A value being put together from the small part and the arrays after it.
//!
//! No length is believed: what is counted takes at least a byte each, memory
//! grows with what has been read, and every form but the one that is written
//! is refused.

mod arrays;
mod depth;
mod described;
mod keys;
mod records;

use self::arrays::vec_of;
pub(super) use self::arrays::{ArrayLocation, bytes_for};
use super::MAX_DEPTH;
use super::body_encoding::{BodyEncoding, SerdeEncoding};
use super::error::{Error, ErrorKind};
use super::source::{BodySource, BodyWindow, SourceRef};
use crate::codec::{DecodeError, varint};

/// So many bytes may be reserved on the word of counts alone, by all counts of
/// a value together, since they can stand within one another.
const TRUSTED: u64 = 1 << 20;

/// To which come so many for each byte of the small part.
const FACTOR: u64 = 16;

/// A long run of bytes is read in pieces of so many.
const PIECE: usize = 1 << 20;

/// A value being read.
pub struct BodyReader<'s> {
    window: BodyWindow<'s>,
    at: usize,
    /// How many bytes were before the window.
    before: u64,
    total: u64,
    source: SourceRef<'s>,
    form: BodyEncoding,
    /// The next segment.
    next: u64,
    depth: usize,
    /// How deeply the value may be nested.
    most: usize,
    /// In how many parts of any kind it is.
    nested: usize,
    encoding: SerdeEncoding,
    /// Whether parts were read that serde describes.
    has_serde: bool,
    /// Whether parts are in the form that they had in caches of before: see
    /// [`has_later`](super::writer::BodyWriter::has_later).
    is_older: bool,
    /// Whether parts were read that are in another form there.
    has_later: bool,
    /// Whether records are sequences, as in caches of before.
    is_apart: bool,
    /// Whether records were read.
    has_records: bool,
    /// How many bytes may still be reserved on the word of counts alone.
    trust: u64,
    allowance: MemoryLimit,
}

fn trusted(total: u64) -> u64 {
    total.saturating_mul(FACTOR).saturating_add(TRUSTED)
}

/// A place in a small part that is in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    at: usize,
    next: u64,
}

impl Cursor {
    /// How far it is after another.
    pub(super) fn bytes_after(&self, other: &Cursor) -> u64 {
        (self.at - other.at) as u64
    }
}

/// How much memory may still be taken.
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
    /// A reader of a small part of `total` bytes, which comes piece by piece.
    pub(super) fn streamed(source: Box<dyn BodySource + 's>, total: u64, limit: u64) -> Self {
        BodyReader {
            window: BodyWindow::Streamed(Vec::new()),
            at: 0,
            before: 0,
            total,
            source: SourceRef::Boxed(source),
            form: BodyEncoding::File,
            next: 0,
            depth: 0,
            most: MAX_DEPTH,
            nested: 0,
            encoding: SerdeEncoding::Described,
            has_serde: false,
            is_older: false,
            has_later: false,
            is_apart: false,
            has_records: false,
            trust: trusted(total),
            allowance: MemoryLimit::new(limit),
        }
    }

    /// As [`whole`](BodyReader::whole), without a limit.
    #[inline]
    pub(super) fn lent(
        small: &'s [u8],
        form: BodyEncoding,
        source: &'s mut dyn BodySource,
    ) -> Self {
        BodyReader {
            window: BodyWindow::Whole(small),
            at: 0,
            before: 0,
            total: small.len() as u64,
            source: SourceRef::Lent(source),
            form,
            next: 0,
            depth: 0,
            most: MAX_DEPTH,
            nested: 0,
            encoding: SerdeEncoding::Described,
            has_serde: false,
            is_older: false,
            has_later: false,
            is_apart: false,
            has_records: false,
            trust: trusted(small.len() as u64),
            allowance: MemoryLimit::new(u64::MAX),
        }
    }

    /// A reader of a small part that lies in memory.
    pub(super) fn whole(
        small: &'s [u8],
        form: BodyEncoding,
        source: Box<dyn BodySource + 's>,
        limit: u64,
    ) -> Self {
        let total = small.len() as u64;
        BodyReader {
            window: BodyWindow::Whole(small),
            form,
            encoding: match form {
                BodyEncoding::Adapted => SerdeEncoding::Told,
                BodyEncoding::File | BodyEncoding::Flat => SerdeEncoding::Described,
            },
            ..BodyReader::streamed(source, total, limit)
        }
    }

    pub(super) fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    /// The bytes of the small part.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Where it is, to come [`back_to`](BodyReader::back_to).
    pub(super) fn mark(&self) -> Cursor {
        Cursor {
            at: self.at,
            next: self.next,
        }
    }

    /// Goes back, or forth, within a small part that is in memory.
    pub(super) fn back_to(&mut self, mark: Cursor) {
        self.at = mark.at;
        self.next = mark.next;
    }

    fn left(&self) -> u64 {
        self.total - self.position()
    }

    /// Where in the file a segment lies.
    pub(super) fn offset(&self, index: u64) -> Result<usize, &'static str> {
        self.source.get().offset(index)
    }

    /// Whether all was read.
    pub(super) fn end(&self) -> Result<(), Error> {
        match self.left() {
            0 => {}
            left => return Err(Error::small(format!("{left} bytes follow the value"))),
        }
        match self.form == BodyEncoding::File && self.source.get().has(self.next) {
            true => Err(Error::small("it names fewer arrays than there are")),
            false => Ok(()),
        }
    }

    /// Brings at least `len` bytes into the window.
    #[cold]
    fn refill(&mut self, len: usize) -> Result<(), Error> {
        if len as u64 > self.left() {
            return Err(Error::small("it ends before the value"));
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

    /// Passes over so many bytes.
    pub(super) fn pass(&mut self, len: u64) -> Result<(), Error> {
        if len > self.left() {
            return Err(Error::small("it ends before the value"));
        }
        let mut left = len as usize;
        while left > 0 {
            let piece = left.min(PIECE);
            self.take(piece)?;
            left -= piece;
        }
        Ok(())
    }

    /// Takes bytes as they are.
    ///
    /// # Errors
    ///
    /// There are not as many.
    #[inline]
    pub fn raw<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().expect("as many as were asked for"))
    }

    #[inline]
    fn numbered<N>(
        &mut self,
        longest: usize,
        read: impl Fn(&mut &[u8]) -> Result<N, DecodeError>,
    ) -> Result<N, Error> {
        if self.window.bytes().len() - self.at < longest {
            let there = (longest as u64).min(self.left());
            self.refill(there as usize)?;
        }
        let mut rest = &self.window.bytes()[self.at..];
        let before = rest.len();
        let number = read(&mut rest).map_err(Error::small)?;
        let taken = before - rest.len();
        self.at += taken;
        Ok(number)
    }

    /// Takes a number in its shortest form.
    ///
    /// # Errors
    ///
    /// There is none.
    #[inline]
    pub fn varint(&mut self) -> Result<u64, Error> {
        self.numbered(10, varint::read)
    }

    /// Takes a number whose sign is in the lowest bit.
    ///
    /// # Errors
    ///
    /// There is none.
    #[inline]
    pub fn signed(&mut self) -> Result<i64, Error> {
        self.varint().map(varint::unzigzag)
    }

    /// As [`varint`](BodyReader::varint).
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn wide(&mut self) -> Result<u128, Error> {
        self.numbered(19, varint::read_wide)
    }

    /// As [`signed`](BodyReader::signed).
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn wide_signed(&mut self) -> Result<i128, Error> {
        self.wide().map(varint::unzigzag_wide)
    }

    /// Takes 0 or 1.
    ///
    /// # Errors
    ///
    /// It is neither.
    #[inline]
    pub fn flag(&mut self) -> Result<bool, Error> {
        match self.raw()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [byte] => Err(Error::small(format!("byte {byte:#04x} is neither 0 nor 1"))),
        }
    }

    /// Takes how many follow, each of at least one byte.
    ///
    /// # Errors
    ///
    /// There cannot be as many.
    #[inline]
    pub fn length(&mut self) -> Result<usize, Error> {
        // Most are of one byte.
        if let Some(&len @ ..0x80) = self.window.bytes().get(self.at)
            && u64::from(len) < self.left()
        {
            self.at += 1;
            return Ok(usize::from(len));
        }
        self.long_length()
    }

    fn long_length(&mut self) -> Result<usize, Error> {
        let len = self.varint()?;
        match usize::try_from(len) {
            Ok(count) if len <= self.left() => Ok(count),
            _ => Err(Error::small("it ends before the value")),
        }
    }

    /// Takes the length of an array, which may lie elsewhere.
    ///
    /// # Errors
    ///
    /// There is none, or it is more than this system can address.
    #[inline]
    pub fn count(&mut self) -> Result<usize, Error> {
        let count = self.varint()?;
        usize::try_from(count).map_err(|_| Error::small("an array longer than memory"))
    }

    /// Takes bytes, with their number before them.
    ///
    /// # Errors
    ///
    /// There are not as many.
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

    /// Takes text.
    ///
    /// # Errors
    ///
    /// It is not UTF-8.
    pub fn text(&mut self) -> Result<String, Error> {
        let bytes = self.bytes()?;
        if bytes.is_ascii() {
            // SAFETY: ASCII is UTF-8; this is the quicker look at a short text.
            return Ok(unsafe { String::from_utf8_unchecked(bytes) });
        }
        String::from_utf8(bytes).map_err(|_| Error::small("text is not UTF-8"))
    }

    /// Takes many values, each of which `load` reads, with their number before
    /// them.
    ///
    /// # Errors
    ///
    /// Those of `load`, or there cannot be as many.
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

    /// Takes an element of a sequence; see [`BodyWriter::element`](super::writer::BodyWriter::element).
    ///
    /// # Errors
    ///
    /// Those of `load`.
    #[inline]
    pub fn element<T>(
        &mut self,
        load: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let before = self.position();
        let value = load(self)?;
        if self.position() == before && self.raw()? != [0] {
            return Err(Error::small("an element without content has some"));
        }
        Ok(value)
    }

    /// The error for a number that no variant has.
    pub fn no_variant<T>(&self, number: u64) -> Result<T, Error> {
        Err(Error::small(format!("there is no variant {number}")))
    }

    /// Room for `count` values, of which each takes at least a byte; as much as
    /// is likely to be needed by what is there.
    ///
    /// # Errors
    ///
    /// The limit is reached, or there is no memory.
    pub fn reserve<T>(&mut self, count: usize) -> Result<Vec<T>, Error> {
        vec_of(self.room_for::<T>(count)?)
    }

    /// As many of `count` values as there should be room for at once.
    ///
    /// # Errors
    ///
    /// The limit is reached.
    pub fn room_for<T>(&mut self, count: usize) -> Result<usize, Error> {
        let size = size_of::<T>().max(1) as u64;
        self.allowance.take((count as u64).saturating_mul(size))?;
        let most = usize::try_from(self.trust / size).unwrap_or(usize::MAX);
        let room = count.min(most);
        self.trust -= room as u64 * size;
        Ok(room)
    }

    /// The same, of a value whose parts are in the form that they had in caches of
    /// before.
    pub(super) fn older(self, is_older: bool) -> Self {
        BodyReader { is_older, ..self }
    }
}

impl std::fmt::Debug for BodyReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("form", &self.form)
            .field("position", &self.position())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}
