//! Creates views of records: their numbers are read, and rows of numbers are borrowed
//! from the map.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::{Viewer, borrow, unmappable};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::mode::MapMode;
use crate::persist::number::{Number, NumberKind};
use crate::persist::reader::{ArrayLocation, bytes_for};
use crate::persist::record::{InvalidRecord, RecordLayout, gap};
use crate::persist::row::Element;
use crate::persist::traits::Persist;
use crate::stack;

/// A reader that creates views of records.
#[derive(Debug)]
pub struct RecordView<'m, M> {
    /// The bytes of all records, verified.
    bytes: Cow<'m, [u8]>,
    at: usize,
    /// The address of the same bytes, valid for `'m`, or the reason why they cannot be
    /// borrowed. Each row is borrowed once.
    borrowed: Result<*mut u8, &'static str>,
    /// The current field, for messages.
    field: &'static str,
    mode: PhantomData<fn(&'m ()) -> M>,
}

impl<'m, M: MapMode> Viewer<'m, M> {
    /// Creates views of many records of the type `T`. `find` creates the view of the
    /// given number of records.
    pub(in crate::persist) fn records<T: Persist, V>(
        &mut self,
        record: RecordLayout,
        find: impl FnOnce(&mut RecordView<'m, M>, usize) -> Result<V, Error>,
    ) -> Result<V, Error> {
        let count = self.reader.record_shape::<T>()?;
        let len = record.bytes(count)?;
        let place = self
            .reader
            .array_location_aligned(NumberKind::U8, record.align, len as u64)?;
        let (bytes, borrowed) = match place {
            ArrayLocation::Here => self.inline_records(len)?,
            ArrayLocation::Segment(index, _) => self.segment_records(record, index, len)?,
        };
        let mut records = RecordView {
            bytes,
            at: 0,
            borrowed: match cfg!(target_endian = "big") {
                true => Err("this machine is big-endian"),
                false => borrowed,
            },
            field: self.field,
            mode: PhantomData,
        };
        let room = stack::for_type::<T::View<'m, M>>();
        stack::with_room(room, || find(&mut records, count))?
    }

    /// Returns records that are inline in the body.
    fn inline_records(&mut self, len: usize) -> Result<RecordBytes<'m>, Error> {
        let start = self.reader.position() as usize;
        self.reader.take(len)?;
        let borrowed = self.areas.small.wrapping_add(start);
        Ok((Cow::Borrowed(&self.small[start..start + len]), Ok(borrowed)))
    }

    /// Returns records in a segment. Their numbers are read, so all bytes are read and
    /// verified now; rows are borrowed from the map and may be accessed at any time.
    fn segment_records(
        &mut self,
        record: RecordLayout,
        index: u64,
        len: usize,
    ) -> Result<RecordBytes<'m>, Error> {
        let borrowed = match self.reader.offset(index) {
            Ok(offset) => Ok(self.areas.map.wrapping_add(offset)),
            Err(why) if record.has_rows => return Err(self.unmappable(why)),
            Err(why) => Err(why),
        };
        let bytes = self.reader.segment(index, len)?;
        Ok((Cow::Owned(bytes), borrowed))
    }
}

/// The bytes of records, and their address in the map or the reason why they cannot be
/// borrowed.
type RecordBytes<'m> = (Cow<'m, [u8]>, Result<*mut u8, &'static str>);

impl<'m, M: MapMode> RecordView<'m, M> {
    /// Skips the padding before or after a value with the layout `record`.
    ///
    /// # Errors
    ///
    /// Fails if the type has no records, or the padding is missing or not zero.
    #[inline]
    pub fn align(&mut self, record: Option<RecordLayout>) -> Result<(), Error> {
        let record = record.ok_or(InvalidRecord::Type)?;
        let gap = gap(self.at as u64, record.align);
        match self.take(gap)?.iter().all(|byte| *byte == 0) {
            true => Ok(()),
            false => Err(InvalidRecord::Gap.into()),
        }
    }

    /// Reads the next `len` bytes.
    #[inline]
    fn take(&mut self, len: usize) -> Result<&[u8], Error> {
        let start = self.at;
        let end = start
            .checked_add(len)
            .filter(|end| *end <= self.bytes.len());
        self.at = end.ok_or(InvalidRecord::Length)?;
        Ok(&self.bytes[start..self.at])
    }

    /// Reads the next number, or a value that is written as one.
    ///
    /// # Errors
    ///
    /// Fails if it is not a valid value.
    #[inline]
    pub(in crate::persist) fn value<T: Persist>(&mut self) -> Result<T, Error> {
        self.align(T::RECORD)?;
        let bytes = self.take(T::RECORD.map_or(0, |record| record.size))?;
        T::fetch(bytes).map_err(Error::from)
    }

    /// Borrows the next `count` numbers, or rows of numbers.
    ///
    /// # Errors
    ///
    /// Fails if they cannot be borrowed, or are not valid values.
    pub(in crate::persist) fn slice<E: Element>(
        &mut self,
        count: usize,
    ) -> Result<M::Slice<'m, E>, Error> {
        let start = self.borrowed.map_err(|why| self.unmappable(why))?;
        let gap = gap(self.at as u64, <E::Number as Number>::KIND.part());
        self.take(gap)?;
        let at = self.at;
        let len = bytes_for::<E>(count)?;
        self.take(len)?;
        // SAFETY: `take` succeeded, so the bytes are within the records, which are valid
        // for `'m`. Each range is borrowed once.
        unsafe { borrow::<E, M>(start.wrapping_add(at), count, self.field) }
    }

    /// Creates `count` views, each with `find`.
    ///
    /// # Errors
    ///
    /// The errors of `find`; also fails if the allocation fails.
    pub(in crate::persist) fn many_by<V>(
        &mut self,
        count: usize,
        find: impl Fn(&mut Self) -> Result<V, Error>,
    ) -> Result<Vec<V>, Error> {
        let mut views = Vec::new();
        let no_memory = |_| ErrorKind::OutOfMemory {
            bytes: bytes_for::<V>(count).unwrap_or(usize::MAX) as u64,
        };
        views.try_reserve_exact(count).map_err(no_memory)?;
        for _ in 0..count {
            views.push(find(self)?);
        }
        Ok(views)
    }

    /// Creates the views of `count` contiguous values.
    ///
    /// # Errors
    ///
    /// Fails if one of them is not valid.
    pub fn many<T: Persist>(&mut self, count: usize) -> Result<Vec<T::View<'m, M>>, Error> {
        self.many_by(count, T::view_record)
    }

    /// Runs `find` for some of the fields. Derived code splits many fields into
    /// several closures, which limits the compile time.
    ///
    /// # Errors
    ///
    /// The errors of `find`.
    #[inline]
    pub fn piece<T>(
        &mut self,
        find: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        find(self)
    }

    #[cold]
    fn unmappable(&self, why: &str) -> Error {
        unmappable(self.field, why)
    }
}
