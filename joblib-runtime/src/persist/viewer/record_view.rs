//! Records being found in a map: numbers are read where they lie, and rows of them
//! are borrowed.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::Viewer;
use crate::persist::error::{Error, ErrorKind, invalid};
use crate::persist::mode::MapMode;
use crate::persist::number::{Number, NumberKind};
use crate::persist::reader::{ArrayLocation, bytes_for};
use crate::persist::record::{InvalidRecord, RecordLayout, gap};
use crate::persist::row::Element;
use crate::persist::traits::Persist;
use crate::stack;

/// Records being found in a map.
#[derive(Debug)]
pub struct RecordView<'m, M> {
    /// All of them, verified.
    bytes: Cow<'m, [u8]>,
    at: usize,
    /// Where the same bytes lie for `'m`; why they do not, if they do not. Each is
    /// handed out once.
    borrowed: Result<*mut u8, &'static str>,
    /// The field that is being looked for, for messages.
    field: &'static str,
    mode: PhantomData<fn(&'m ()) -> M>,
}

impl<'m, M: MapMode> Viewer<'m, M> {
    /// Many records of the type `T`, as `find` finds so many.
    pub(in crate::persist) fn records<T: Persist, V>(
        &mut self,
        record: RecordLayout,
        find: impl FnOnce(&mut RecordView<'m, M>, usize) -> Result<V, Error>,
    ) -> Result<V, Error> {
        let count = self.reader.record_shape::<T>()?;
        let len = record.bytes(count)?;
        let place = self
            .reader
            .place_at(NumberKind::U8, record.align, len as u64)?;
        let (bytes, borrowed) = match place {
            ArrayLocation::Here => self.here(len)?,
            ArrayLocation::Segment(index, _) => self.there(record, index, len)?,
        };
        let mut sight = RecordView {
            bytes,
            at: 0,
            borrowed: match cfg!(target_endian = "big") {
                true => Err("this machine has the highest byte first"),
                false => borrowed,
            },
            field: self.field,
            mode: PhantomData,
        };
        let room = stack::for_type::<T::View<'m, M>>();
        stack::with_room(room, || find(&mut sight, count))?
    }

    /// Records in the small part.
    fn here(&mut self, len: usize) -> Result<Found<'m>, Error> {
        let start = self.reader.position() as usize;
        self.reader.take(len)?;
        // SAFETY: `areas` have as many bytes as `small`, which has these.
        let borrowed = unsafe { self.areas.small.add(start) };
        Ok((Cow::Borrowed(&self.small[start..start + len]), Ok(borrowed)))
    }

    /// Records in a segment. Numbers of theirs are taken now, and so they are verified
    /// now; rows may be looked at at any time, and are in the map.
    fn there(&mut self, record: RecordLayout, index: u64, len: usize) -> Result<Found<'m>, Error> {
        let borrowed = match self.reader.offset(index) {
            // SAFETY: the source says where in the map they are.
            Ok(offset) => Ok(unsafe { self.areas.map.add(offset) }),
            Err(why) if record.has_rows => return Err(self.unmappable(why)),
            Err(why) => Err(why),
        };
        let bytes = self.reader.segment(index, len)?;
        Ok((Cow::Owned(bytes), borrowed))
    }
}

/// The bytes of records, and where they lie.
type Found<'m> = (Cow<'m, [u8]>, Result<*mut u8, &'static str>);

impl<'m, M: MapMode> RecordView<'m, M> {
    /// Begins what lies like `record`, or ends it.
    ///
    /// # Errors
    ///
    /// It does not lie so.
    #[inline]
    pub fn align(&mut self, record: Option<RecordLayout>) -> Result<(), Error> {
        let record = record.ok_or(InvalidRecord::Type)?;
        let gap = gap(self.at as u64, record.align);
        match self.take(gap)?.iter().all(|byte| *byte == 0) {
            true => Ok(()),
            false => Err(InvalidRecord::Gap.into()),
        }
    }

    /// The next bytes.
    #[inline]
    fn take(&mut self, len: usize) -> Result<&[u8], Error> {
        let start = self.at;
        let end = start
            .checked_add(len)
            .filter(|end| *end <= self.bytes.len());
        self.at = end.ok_or(InvalidRecord::Length)?;
        Ok(&self.bytes[start..self.at])
    }

    /// The next number, or what is written as one.
    ///
    /// # Errors
    ///
    /// It is none.
    #[inline]
    pub(in crate::persist) fn value<T: Persist>(&mut self) -> Result<T, Error> {
        self.align(T::RECORD)?;
        let bytes = self.take(T::RECORD.map_or(0, |record| record.size))?;
        T::fetch(bytes).map_err(Error::from)
    }

    /// The next numbers, or rows of them, where they lie.
    ///
    /// # Errors
    ///
    /// They cannot be borrowed, or are none.
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
        let start = match len {
            0 => std::ptr::NonNull::<E>::dangling().as_ptr(),
            // SAFETY: these bytes lie there, as many as were taken.
            _ => unsafe { start.add(at) }.cast::<E>(),
        };
        if !start.is_aligned() {
            return Err(self.unmappable("it is not aligned"));
        }
        // SAFETY: these bytes are there for `'m`, and are nothing but bytes; what can be
        // written to was handed out before, and is other bytes.
        let bytes = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), len) };
        if !<E::Number as Number>::are_valid(bytes) {
            return Err(invalid(<E::Number as Number>::KIND));
        }
        // SAFETY: aligned, valid numbers and nothing between them, there for `'m`; what
        // was taken is handed out this once.
        Ok(unsafe { M::slice(start, count) })
    }

    /// So many values, each as `find` finds it.
    ///
    /// # Errors
    ///
    /// Those of `find`, or there is no memory.
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

    /// So many values, one after another.
    ///
    /// # Errors
    ///
    /// One of them is none.
    pub fn many<T: Persist>(&mut self, count: usize) -> Result<Vec<T::View<'m, M>>, Error> {
        self.many_by(count, T::view_record)
    }

    /// Some of many fields.
    ///
    /// # Errors
    ///
    /// Those of `find`.
    #[inline]
    pub fn piece<T>(
        &mut self,
        find: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        find(self)
    }

    #[cold]
    fn unmappable(&self, why: &str) -> Error {
        let (field, why) = (self.field.to_owned(), why.to_owned());
        ErrorKind::Unmappable { field, why }.into()
    }
}
