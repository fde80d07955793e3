//! Encodes a value: the body in order, and a list of its arrays, which are borrowed and
//! written after the body without a copy.
//!
//! Small values use postcard's wire format (postcard.jamesmunns.com).

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

/// The approximate size of the chunks in which the body is passed to the sink.
const PIECE: usize = 1 << 18;

/// A sink for the chunks of the body, in order.
pub(super) trait BodySink {
    fn write(&mut self, piece: &[u8]) -> Result<(), Error>;
}

/// A writer that encodes a value.
pub struct BodyWriter<'v, 's> {
    form: BodyEncoding,
    small: Vec<u8>,
    /// The offset of the body in `small`.
    start: usize,
    /// The number of bytes passed to the sink.
    passed: u64,
    sink: Option<&'s mut (dyn BodySink + 's)>,
    arrays: Vec<PendingArray<'v>>,
    locks: HeldLocks<'v>,
    /// Whether locks are held until the arrays behind them are written.
    holds_locks: bool,
    compress: Option<Compress>,
    depth: usize,
    purpose: WritePurpose,
    /// Whether fields that use serde were written.
    has_serde: bool,
    /// Whether elements were written whose encoding differs from that of version 1: rows
    /// of numbers, and sorted keys.
    differs_from_version_1: bool,
    /// Whether arrays of records were written.
    has_records: bool,
}

/// The limits and checks that depend on the purpose of the writer.
#[derive(Clone, Copy, Debug)]
struct WritePurpose {
    /// The maximum nesting depth.
    max_depth: usize,
    /// Whether the value is for another process of the same program, and never for a
    /// later version of it, so that self-describing encodings are omitted where possible.
    travels: bool,
    check: ReadBack,
}

/// An array that is written after the body.
pub(super) struct PendingArray<'v> {
    pub(super) kind: NumberKind,
    pub(super) data: ArrayData<'v>,
    /// The compression configured for its field, if any.
    pub(super) compress: Option<Compress>,
}

/// The bytes of an array.
pub(super) enum ArrayData<'v> {
    Lent(&'v [u8]),
    Owned(Vec<u8>),
    /// Non-contiguous numbers.
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
    /// Creates a writer that buffers the whole body.
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
            purpose: WritePurpose {
                max_depth: MAX_DEPTH,
                travels: false,
                check: match form {
                    BodyEncoding::Flat => ReadBack::Nothing,
                    BodyEncoding::File | BodyEncoding::Adapted => ReadBack::Form,
                },
            },
            has_serde: false,
            differs_from_version_1: false,
            has_records: false,
        }
    }

    /// Sets that no locks are held while arrays are written, because that may run the
    /// user's code.
    pub(super) fn without_locks(self) -> Self {
        BodyWriter {
            holds_locks: false,
            ..self
        }
    }

    /// Creates a writer of values for another process of the same program.
    pub(super) fn for_process() -> Self {
        let mut writer = BodyWriter::new(BodyEncoding::File);
        writer.purpose.max_depth = codec::TRAVEL_DEPTH;
        writer.purpose.travels = true;
        writer
    }

    /// Sets how fields that use serde are deserialized again.
    pub(super) fn checking(mut self, check: ReadBack) -> Self {
        self.purpose.check = check;
        self
    }

    /// Whether fields that use serde were written.
    pub(super) fn has_serde(&self) -> bool {
        self.has_serde
    }

    /// Whether elements were written whose encoding differs from that of version 1.
    pub(super) fn differs_from_version_1(&self) -> bool {
        self.differs_from_version_1
    }

    /// Creates a writer that appends the body to `small`; the body starts at `start`.
    pub(super) fn appending(small: Vec<u8>, start: usize) -> Self {
        BodyWriter {
            small,
            start,
            ..BodyWriter::new(BodyEncoding::File)
        }
    }

    /// Creates a writer that passes the body to `sink`.
    pub(super) fn into_sink(sink: &'s mut (dyn BodySink + 's)) -> Self {
        BodyWriter {
            sink: Some(sink),
            ..BodyWriter::new(BodyEncoding::File)
        }
    }

    /// Returns the remaining body and all arrays.
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

    /// Appends raw bytes.
    #[inline]
    pub fn raw(&mut self, bytes: &[u8]) {
        self.small.extend_from_slice(bytes);
    }

    /// Appends a number as a varint.
    #[inline]
    pub fn varint(&mut self, number: u64) {
        varint::write(number, &mut self.small);
    }

    /// Appends a number as a zigzag-encoded varint.
    #[inline]
    pub fn signed(&mut self, number: i64) {
        self.varint(varint::zigzag(number));
    }

    /// As [`varint`](BodyWriter::varint), for 128 bits.
    pub fn wide(&mut self, number: u128) {
        varint::write_wide(number, &mut self.small);
    }

    /// As [`signed`](BodyWriter::signed), for 128 bits.
    pub fn wide_signed(&mut self, number: i128) {
        self.wide(varint::zigzag_wide(number));
    }

    /// Appends the number of elements that follow.
    #[inline]
    pub fn length(&mut self, len: usize) {
        self.varint(len as u64);
    }

    /// Appends length-prefixed bytes.
    ///
    /// # Errors
    ///
    /// The errors of writing the file.
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

    /// Appends an element of a sequence. A filler byte is appended for an element without
    /// bytes, so that no length exceeds the number of bytes after it.
    ///
    /// # Errors
    ///
    /// The errors of the value.
    #[inline]
    pub fn element<T: Save>(&mut self, value: &'v T) -> Result<(), Error> {
        self.element_by(value, T::save)
    }

    /// As [`element`](BodyWriter::element), with `save` to append the value.
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

    /// Runs `save`, for a value behind a pointer or in a sequence, with enough stack:
    /// recursive types contain themselves this way.
    ///
    /// # Errors
    ///
    /// The errors of `save`; also fails if a stack cannot be allocated.
    #[inline]
    pub(super) fn with_room(
        &mut self,
        save: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        stack::with_room(stack::DEFAULT_ROOM, || save(self))?
    }

    /// Enters a struct or a variant, until [`leave`](BodyWriter::leave).
    ///
    /// # Errors
    ///
    /// Fails if it is nested too deeply.
    #[inline]
    pub fn enter(&mut self) -> Result<(), Error> {
        if self.depth == self.purpose.max_depth {
            return Err(ErrorKind::TooDeep.into());
        }
        self.depth += 1;
        if self.form == BodyEncoding::Adapted {
            self.small.push(0);
        }
        Ok(())
    }

    /// Leaves a struct or a variant.
    #[inline]
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Appends a length-prefixed sequence of `count` values.
    ///
    /// # Errors
    ///
    /// The errors of the values.
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

    /// Returns the length of the buffered body.
    pub(super) fn body_len(&self) -> usize {
        self.small.len()
    }

    /// Replaces the last byte.
    pub(super) fn replace_last(&mut self, byte: u8) {
        if let Some(last) = self.small.last_mut() {
            *last = byte;
        }
    }

    /// Appends a value that does not live as long as the writer. Its arrays are copied.
    ///
    /// # Errors
    ///
    /// The errors of `save`.
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
            purpose: self.purpose,
            has_serde: self.has_serde,
            differs_from_version_1: self.differs_from_version_1,
            has_records: self.has_records,
        };
        let saved = save(&mut inner);
        self.has_serde = inner.has_serde;
        self.differs_from_version_1 = inner.differs_from_version_1;
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

    /// Appends the value behind a lock. `lock` returns the guard; `try_lock` returns
    /// `None` where it would have to wait. If locks may be held, arrays behind the lock
    /// are written without a copy.
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
        // SAFETY: only arrays keep references to values, and `GuardedArrays` keeps the
        // locks as long as the arrays.
        let value = unsafe { self.locks.hold(guard, self.arrays.len()) };
        // Without locks, the sink is disconnected meanwhile, because it may run the
        // user's code.
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
        f.debug_struct("BodyWriter")
            .field("form", &self.form)
            .field("position", &self.position())
            .finish_non_exhaustive()
    }
}
