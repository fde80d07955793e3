//! A value being taken apart: what is small is encoded one after another, and
//! arrays are noted where they lie, to be written after it without a copy.
//!
//! Small values have postcard's wire format (postcard.jamesmunns.com).

mod arrays;
mod described;
mod keys;
mod records;

pub(super) use self::described::ReadBack;
use super::MAX_DEPTH;
use super::body_encoding::BodyEncoding;
use super::compress::Compress;
use super::error::{Error, ErrorKind};
use super::lock_guards::{GuardedArrays, HeldLocks, LockGuard};
use super::number::NumberKind;
use super::strided::Strided;
use super::traits::Save;
use crate::codec::{self, varint};
use crate::stack;

/// The small part is passed on in pieces of about so many bytes.
const PIECE: usize = 1 << 18;

/// Takes pieces of the small part, in order.
pub(super) trait BodySink {
    fn write(&mut self, piece: &[u8]) -> Result<(), Error>;
}

/// A value being written.
pub struct BodyWriter<'v, 's> {
    form: BodyEncoding,
    small: Vec<u8>,
    /// Where in `small` the small part begins.
    start: usize,
    /// How many bytes were passed on.
    passed: u64,
    sink: Option<&'s mut (dyn BodySink + 's)>,
    arrays: Vec<PendingArray<'v>>,
    locks: HeldLocks<'v>,
    /// Whether locks may be held until the arrays behind them are written.
    holds_locks: bool,
    compress: Option<Compress>,
    depth: usize,
    bounds: WritePurpose,
    /// Whether there are parts that serde describes.
    has_serde: bool,
    /// Whether there are parts that have another form in caches of before: rows
    /// of numbers, and what is in the order of its keys.
    has_later: bool,
    /// Whether there are arrays of records.
    has_records: bool,
}

/// What a writer is for, beside the form.
#[derive(Clone, Copy, Debug)]
struct WritePurpose {
    /// How deeply values may be nested.
    most: usize,
    /// Whether the value is read in another process of the program and never by
    /// a later one, so that descriptions are left out where they can be.
    travels: bool,
    check: ReadBack,
}

/// An array that is written after the small part.
pub(super) struct PendingArray<'v> {
    pub(super) kind: NumberKind,
    pub(super) data: ArrayData<'v>,
    /// How it is compressed, if its field says so.
    pub(super) compress: Option<Compress>,
}

/// The bytes of an array.
pub(super) enum ArrayData<'v> {
    Lent(&'v [u8]),
    Owned(Vec<u8>),
    /// Of numbers that do not lie one after another.
    Strided(Box<dyn Strided + 'v>),
}

impl ArrayData<'_> {
    pub(super) fn len(&self) -> u64 {
        match self {
            ArrayData::Lent(bytes) => bytes.len() as u64,
            ArrayData::Owned(bytes) => bytes.len() as u64,
            ArrayData::Strided(strided) => strided.bytes(),
        }
    }

    pub(super) fn into_owned(self) -> Result<Vec<u8>, Error> {
        match self {
            ArrayData::Lent(bytes) => Ok(bytes.to_owned()),
            ArrayData::Owned(bytes) => Ok(bytes),
            ArrayData::Strided(strided) => {
                let mut bytes = Vec::new();
                strided.write(&mut |piece| {
                    bytes.extend_from_slice(piece);
                    Ok(())
                })?;
                Ok(bytes)
            }
        }
    }
}

impl<'v, 's> BodyWriter<'v, 's> {
    /// A writer that keeps the whole small part.
    pub(super) fn new(form: BodyEncoding) -> Self {
        BodyWriter {
            form,
            small: Vec::new(),
            start: 0,
            passed: 0,
            sink: None,
            arrays: Vec::new(),
            locks: HeldLocks::default(),
            holds_locks: true,
            compress: None,
            depth: 0,
            bounds: WritePurpose {
                most: MAX_DEPTH,
                travels: false,
                check: match form {
                    BodyEncoding::Flat => ReadBack::Nothing,
                    BodyEncoding::File | BodyEncoding::Adapted => ReadBack::Form,
                },
            },
            has_serde: false,
            has_later: false,
            has_records: false,
        }
    }

    /// The same, where the user's code may run while arrays are written: it holds
    /// no lock then.
    pub(super) fn without_locks(self) -> Self {
        BodyWriter {
            holds_locks: false,
            ..self
        }
    }

    /// A writer of what another process of the program reads.
    pub(super) fn travelling() -> Self {
        let mut writer = BodyWriter::new(BodyEncoding::File);
        writer.bounds.most = codec::TRAVEL_DEPTH;
        writer.bounds.travels = true;
        writer
    }

    /// Reads back what serde describes in that way.
    pub(super) fn checking(mut self, check: ReadBack) -> Self {
        self.bounds.check = check;
        self
    }

    /// Whether parts were written that serde describes.
    pub(super) fn has_serde(&self) -> bool {
        self.has_serde
    }

    /// Whether parts were written that have another form in caches of before.
    pub(super) fn has_later(&self) -> bool {
        self.has_later
    }

    /// A writer that appends the small part, which begins at `start`, to
    /// `small`.
    pub(super) fn appending(small: Vec<u8>, start: usize) -> Self {
        BodyWriter {
            small,
            start,
            ..BodyWriter::new(BodyEncoding::File)
        }
    }

    /// A writer that passes the small part on to `sink`.
    pub(super) fn into_sink(sink: &'s mut (dyn BodySink + 's)) -> Self {
        BodyWriter {
            sink: Some(sink),
            ..BodyWriter::new(BodyEncoding::File)
        }
    }

    /// The rest of the small part, and all arrays.
    pub(super) fn finish(mut self) -> Result<(Vec<u8>, GuardedArrays<'v>), Error> {
        if self.sink.is_some() {
            self.pass_on()?;
        }
        Ok((self.small, GuardedArrays::new(self.arrays, self.locks)))
    }

    fn position(&self) -> u64 {
        self.passed + (self.small.len() - self.start) as u64
    }

    fn pass_on(&mut self) -> Result<(), Error> {
        if let Some(sink) = &mut self.sink {
            sink.write(&self.small)?;
            self.passed += self.small.len() as u64;
            self.small.clear();
        }
        Ok(())
    }

    /// Appends bytes as they are.
    #[inline]
    pub fn raw(&mut self, bytes: &[u8]) {
        self.small.extend_from_slice(bytes);
    }

    /// Appends a number in as few bytes as it needs.
    #[inline]
    pub fn varint(&mut self, number: u64) {
        varint::write(number, &mut self.small);
    }

    /// As [`varint`](BodyWriter::varint), with the sign in the lowest bit.
    #[inline]
    pub fn signed(&mut self, number: i64) {
        self.varint(varint::zigzag(number));
    }

    /// As [`varint`](BodyWriter::varint).
    pub fn wide(&mut self, number: u128) {
        varint::write_wide(number, &mut self.small);
    }

    /// As [`signed`](BodyWriter::signed).
    pub fn wide_signed(&mut self, number: i128) {
        self.wide(varint::zigzag_wide(number));
    }

    /// Appends how many follow.
    #[inline]
    pub fn length(&mut self, len: usize) {
        self.varint(len as u64);
    }

    /// Appends bytes with their number before them.
    ///
    /// # Errors
    ///
    /// Those of writing the file.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.length(bytes.len());
        if bytes.len() < PIECE {
            self.raw(bytes);
            return Ok(());
        }
        self.pass_on()?;
        match &mut self.sink {
            Some(sink) => {
                sink.write(bytes)?;
                self.passed += bytes.len() as u64;
            }
            None => self.raw(bytes),
        }
        Ok(())
    }

    /// Appends an element of a sequence. One that takes no bytes takes one, so
    /// that no length exceeds the bytes after it.
    ///
    /// # Errors
    ///
    /// The value's.
    #[inline]
    pub fn element<T: Save>(&mut self, value: &'v T) -> Result<(), Error> {
        self.element_by(value, T::save)
    }

    /// As [`element`](BodyWriter::element), as `save` appends it.
    #[inline]
    pub(super) fn element_by<T>(
        &mut self,
        value: &'v T,
        save: impl FnOnce(&'v T, &mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.small.len() >= PIECE {
            self.pass_on()?;
        }
        let (before, passed) = (self.small.len(), self.passed);
        save(value, self)?;
        if self.small.len() == before && self.passed == passed {
            self.small.push(0);
        }
        Ok(())
    }

    /// Has `save` write what is behind a pointer or in a sequence with room on the
    /// stack: a type may contain itself by such.
    ///
    /// # Errors
    ///
    /// Those of `save`, or there is no memory for a stack.
    #[inline]
    pub(super) fn with_room(
        &mut self,
        save: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        stack::with_room(stack::USUAL, || save(self))?
    }

    /// Begins a struct or a variant, which [`leave`](BodyWriter::leave) ends.
    ///
    /// # Errors
    ///
    /// Too many contain this one.
    #[inline]
    pub fn enter(&mut self) -> Result<(), Error> {
        if self.depth == self.bounds.most {
            return Err(ErrorKind::TooDeep.into());
        }
        self.depth += 1;
        if self.form == BodyEncoding::Adapted {
            self.small.push(0);
        }
        Ok(())
    }

    /// Ends a struct or a variant.
    #[inline]
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Appends `count` values and their number.
    ///
    /// # Errors
    ///
    /// Those of the values.
    #[inline]
    pub(super) fn many<T: Save + 'v>(
        &mut self,
        count: usize,
        values: impl IntoIterator<Item = &'v T>,
    ) -> Result<(), Error> {
        self.length(count);
        let mut values = values.into_iter();
        self.with_room(|writer| values.try_for_each(|value| writer.element(value)))
    }

    /// The bytes of the small part that are here.
    pub(super) fn small_len(&self) -> usize {
        self.small.len()
    }

    /// Puts `byte` in place of the last one.
    pub(super) fn replace_last(&mut self, byte: u8) {
        if let Some(last) = self.small.last_mut() {
            *last = byte;
        }
    }

    /// Appends what does not live as long as the writer.
    ///
    /// # Errors
    ///
    /// Those of `save`.
    pub fn temporary<'t>(
        &mut self,
        save: impl FnOnce(&mut BodyWriter<'t, '_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut inner = BodyWriter {
            form: self.form,
            small: std::mem::take(&mut self.small),
            start: self.start,
            passed: self.passed,
            sink: None,
            arrays: Vec::new(),
            locks: HeldLocks::default(),
            holds_locks: self.holds_locks,
            compress: self.compress,
            depth: self.depth,
            bounds: self.bounds,
            has_serde: self.has_serde,
            has_later: self.has_later,
            has_records: self.has_records,
        };
        let saved = save(&mut inner);
        self.has_serde = inner.has_serde;
        self.has_later = inner.has_later;
        self.has_records = inner.has_records;
        self.small = std::mem::take(&mut inner.small);
        GuardedArrays::new(inner.arrays, inner.locks).each(|array| {
            let data = ArrayData::Owned(array.data.into_owned()?);
            self.arrays.push(PendingArray {
                data,
                kind: array.kind,
                compress: array.compress,
            });
            Ok(())
        })?;
        saved
    }

    /// Appends what is behind a lock, of which `lock` gives the guard; `try_lock`
    /// gives none where that would take waiting. Arrays behind it are written from
    /// where they lie, if that may be.
    pub(super) fn locked<G: LockGuard<Target: Save> + 'v>(
        &mut self,
        try_lock: impl FnOnce() -> Result<Option<G>, Error>,
        lock: impl FnOnce() -> Result<G, Error>,
    ) -> Result<(), Error> {
        let guard = match try_lock()? {
            Some(guard) => guard,
            None => {
                self.locks.release(&mut self.arrays)?;
                lock()?
            }
        };
        // SAFETY: values are lent to nothing but arrays, and `Arrays` keeps the
        // locks as long as these.
        let value = unsafe { self.locks.hold(guard, self.arrays.len()) };
        // To pass on what is written may be the user's code.
        let sink = match self.holds_locks {
            true => None,
            false => Some(self.sink.take()),
        };
        let saved = value.save(self);
        if let Some(sink) = sink {
            self.sink = sink;
        }
        self.locks.close(self.arrays.len());
        if !self.holds_locks {
            self.locks.release(&mut self.arrays)?;
        }
        saved
    }
}

impl std::fmt::Debug for BodyWriter<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("form", &self.form)
            .field("position", &self.position())
            .finish_non_exhaustive()
    }
}
