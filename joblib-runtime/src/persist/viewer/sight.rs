//! Records being found in a map: numbers are read where they lie, and rows of them
//! are borrowed.

use std::marker::PhantomData;

use super::Viewer;
use crate::persist::error::{Error, ErrorKind, invalid};
use crate::persist::mode::Mode;
use crate::persist::number::{Kind, Number};
use crate::persist::reader::{Place, bytes_for};
use crate::persist::record::{Record, gap, no_record};
use crate::persist::row::Element;
use crate::persist::save::Persist;
use crate::stack;

/// Records being found in a map.
#[derive(Debug)]
pub struct Sight<'m, M> {
    /// The first of as many bytes as there are, for `'m` unless there is a reason why
    /// not. Each is handed out once.
    start: *mut u8,
    len: usize,
    at: usize,
    /// Why they cannot be borrowed, if they cannot.
    why_not: Option<&'static str>,
    /// The field that is being looked for, for messages.
    field: &'static str,
    mode: PhantomData<fn(&'m ()) -> M>,
}

impl<'m, M: Mode> Viewer<'m, M> {
    /// Many records of the type `T`, as `find` finds so many.
    pub(in crate::persist) fn records<T: Persist, V>(
        &mut self,
        record: Record,
        find: impl FnOnce(&mut Sight<'m, M>, usize) -> Result<V, Error>,
    ) -> Result<V, Error> {
        let count = self.reader.record_shape::<T>()?;
        let len = record.bytes(count)?;
        // What shows a record takes memory, which is no more than what lies there
        // can amount to.
        bytes_for::<T::View<'m, M>>(count)?;
        let place = self.reader.place_at(Kind::U8, record.align, len as u64)?;
        let (start, why_not, kept) = match place {
            Place::Here => {
                let start = self.reader.position() as usize;
                self.reader.take(len)?;
                // SAFETY: `small` has these bytes.
                (unsafe { self.areas.small.add(start) }, None, Vec::new())
            }
            Place::Segment(index, _) => match self.reader.offset(index) {
                // SAFETY: the source says where in the map they are.
                Ok(offset) => (unsafe { self.areas.map.add(offset) }, None, Vec::new()),
                Err(why) if record.has_rows => return Err(self.unmappable(why)),
                Err(why) => {
                    let mut bytes = self.reader.segment(index, len)?;
                    (bytes.as_mut_ptr(), Some(why), bytes)
                }
            },
        };
        let why_not = match cfg!(target_endian = "big") {
            true => Some("this machine has the highest byte first"),
            false => why_not,
        };
        let mut sight = Sight {
            start,
            len,
            at: 0,
            why_not,
            field: self.field,
            mode: PhantomData,
        };
        let found = stack::with_room(stack::for_type::<T::View<'m, M>>(), || {
            find(&mut sight, count)
        })?;
        drop(kept);
        found
    }
}

impl<'m, M: Mode> Sight<'m, M> {
    /// Begins what lies like `record`, or ends it.
    ///
    /// # Errors
    ///
    /// It does not lie so.
    #[inline]
    pub fn align(&mut self, record: Option<Record>) -> Result<(), Error> {
        let record = record.ok_or_else(no_record)?;
        let gap = gap(self.at as u64, record.align);
        match self.take(gap)?.iter().all(|byte| *byte == 0) {
            true => Ok(()),
            false => Err(Error::small("a gap within a record is not empty")),
        }
    }

    /// The next bytes.
    #[inline]
    fn take(&mut self, len: usize) -> Result<&[u8], Error> {
        let start = self.at;
        let end = start.checked_add(len).filter(|end| *end <= self.len);
        self.at = end.ok_or_else(|| Error::small("it ends within a record"))?;
        // SAFETY: as many bytes are there, and nothing that can be written to refers to
        // these: what comes next was not handed out.
        Ok(unsafe { std::slice::from_raw_parts(self.start.add(start), len) })
    }

    /// The next number, or what is written as one.
    ///
    /// # Errors
    ///
    /// It is none.
    #[inline]
    pub(in crate::persist) fn value<T: Persist>(&mut self) -> Result<T, Error> {
        self.align(T::RECORD)?;
        T::fetch(self.take(T::RECORD.map_or(0, |record| record.size))?)
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
        if let Some(why) = self.why_not {
            return Err(self.unmappable(why));
        }
        let gap = gap(self.at as u64, <E::Number as Number>::KIND.part());
        self.take(gap)?;
        let bytes = self.take(bytes_for::<E>(count)?)?;
        if !<E::Number as Number>::are_valid(bytes) {
            return Err(invalid(<E::Number as Number>::KIND));
        }
        let start = match bytes.len() {
            0 => std::ptr::NonNull::<E>::dangling().as_ptr(),
            len => {
                // SAFETY: these bytes were taken, and end here.
                let start = unsafe { self.start.add(self.at - len) };
                start.cast::<E>()
            }
        };
        if !start.is_aligned() {
            return Err(self.unmappable("it is not aligned"));
        }
        // SAFETY: aligned, valid numbers and nothing between them, there for `'m`, as
        // there is no reason why not; what was taken is handed out this once.
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
