//! Creates views of values in a map: arrays are borrowed, and the rest is read from the
//! body, which is in memory.

mod record_view;

use std::marker::PhantomData;

pub use self::record_view::RecordView;
use super::body_encoding::BodyEncoding;
use super::error::{Error, ErrorKind, invalid_numbers};
use super::mode::MapMode;
use super::number::{Number, are_valid};
use super::reader::{ArrayLocation, BodyReader, bytes_for};
use super::record::RecordLayout;
use super::row::{Element, IsElement};
use super::source::BodySource;
use super::traits::Persist;
use crate::stack;

/// A reader that creates the view of a value in a map.
pub struct Viewer<'m, M> {
    reader: BodyReader<'m>,
    small: &'m [u8],
    areas: ArrayRegions,
    /// The current field, for messages.
    field: &'static str,
    mode: PhantomData<fn(&'m ()) -> M>,
}

#[inline]
fn text_of(bytes: &[u8]) -> Result<&str, Error> {
    if bytes.is_ascii() {
        // SAFETY: ASCII is UTF-8. The ASCII check is faster for short texts.
        return Ok(unsafe { std::str::from_utf8_unchecked(bytes) });
    }
    std::str::from_utf8(bytes).map_err(|_| Error::damaged_body("invalid UTF-8 in text"))
}

/// The memory regions of arrays. Each array is borrowed once.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArrayRegions {
    /// The start of the region for arrays in the body: the body itself or, if they are
    /// writable, a copy.
    pub(super) small: *mut u8,
    /// The start of the map.
    pub(super) map: *mut u8,
}

impl<'m, M: MapMode> Viewer<'m, M> {
    /// Creates a viewer of the body `small` and of `areas`; `source` has the offsets of
    /// segments.
    ///
    /// # Safety
    ///
    /// `areas` are valid for `'m`: the small region has the length of `small`, and the
    /// map contains all segments at the offsets of `source`. If they are writable, there
    /// are no other references to them during `'m`.
    pub(super) unsafe fn new(
        small: &'m [u8],
        form: BodyEncoding,
        areas: ArrayRegions,
        source: Box<dyn BodySource + 'm>,
    ) -> Self {
        Viewer {
            reader: BodyReader::whole(small, form, source, u64::MAX),
            small,
            areas,
            field: "",
            mode: PhantomData,
        }
    }

    /// Returns the reader of values that are not borrowed.
    #[inline]
    pub fn reader(&mut self) -> &mut BodyReader<'m> {
        &mut self.reader
    }

    /// Enters a struct or a variant, until [`leave`](Viewer::leave).
    ///
    /// # Errors
    ///
    /// Fails if it is nested too deeply, or the file has an older version of the type.
    pub fn enter(&mut self) -> Result<(), Error> {
        match self.reader.enter()? {
            0 => Ok(()),
            _ => Err(self.unmappable("the file has an older version of the type")),
        }
    }

    /// Runs `find` for some of the fields. Derived code splits many fields into
    /// several closures, which limits the compile time.
    ///
    /// # Errors
    ///
    /// The errors of `find`.
    pub fn piece<T>(
        &mut self,
        find: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        find(self)
    }

    /// Leaves a struct or a variant.
    pub fn leave(&mut self) {
        self.reader.leave();
    }

    /// Reads the index of a variant.
    ///
    /// # Errors
    ///
    /// Fails if there is no valid number.
    pub fn varint(&mut self) -> Result<u64, Error> {
        self.reader.varint()
    }

    /// Returns the error for an invalid variant index.
    pub fn no_variant<T>(&self, number: u64) -> Result<T, Error> {
        self.reader.no_variant(number)
    }

    /// Sets the name of the current field.
    #[inline]
    pub fn at(&mut self, field: &'static str) {
        self.field = field;
    }

    /// Borrows length-prefixed bytes.
    ///
    /// # Errors
    ///
    /// Fails if there are not enough bytes.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'m [u8], Error> {
        let len = self.reader.length()?;
        let start = self.reader.position() as usize;
        self.reader.take(len)?;
        Ok(&self.small[start..start + len])
    }

    /// Borrows length-prefixed text.
    ///
    /// # Errors
    ///
    /// Fails if it is not UTF-8.
    #[inline]
    pub fn text(&mut self) -> Result<&'m str, Error> {
        self.bytes().and_then(text_of)
    }

    /// Borrows a sequence of texts.
    ///
    /// # Errors
    ///
    /// Fails if one of them is missing or not UTF-8.
    pub fn texts(&mut self) -> Result<Vec<&'m str>, Error> {
        /// The number of bytes checked for ASCII at once. Short texts, and the lengths
        /// between them, are usually all ASCII.
        const LOOK: usize = 4096;
        let count = self.reader.length()?;
        let mut texts = self.reader.reserve(count)?;
        let (mut looked, mut is_ascii) = (0, false);
        for _ in 0..count {
            let bytes = self.bytes()?;
            let end = self.reader.position() as usize;
            if end > looked {
                let start = end - bytes.len();
                looked = end.max(self.small.len().min(start + LOOK));
                is_ascii = self.small[start..looked].is_ascii();
            }
            texts.push(match is_ascii {
                // SAFETY: ASCII is UTF-8.
                true => unsafe { std::str::from_utf8_unchecked(bytes) },
                false => text_of(bytes)?,
            });
        }
        Ok(texts)
    }

    /// Creates the views of many values, which are a sequence or an array of records.
    ///
    /// # Errors
    ///
    /// The errors of the values.
    pub fn many<T: Persist>(&mut self) -> Result<Vec<T::View<'m, M>>, Error> {
        match RecordLayout::many::<T>() {
            Some(record) => self.records::<T, _>(record, |records, count| {
                records.many_by(count, T::view_record)
            }),
            None => self.many_by(T::view),
        }
    }

    /// As [`many`](Viewer::many), for a sequence; `find` creates each view.
    pub(super) fn many_by<V>(
        &mut self,
        find: impl Fn(&mut Self) -> Result<V, Error>,
    ) -> Result<Vec<V>, Error> {
        let count = self.reader.length()?;
        let mut views = self.reader.reserve(count)?;
        self.with_room::<V, _>(|viewer| {
            for _ in 0..count {
                views.push(viewer.element(&find)?);
            }
            Ok(())
        })?;
        Ok(views)
    }

    /// As [`BodyReader::with_room`].
    #[inline]
    pub(super) fn with_room<T, R>(
        &mut self,
        find: impl FnOnce(&mut Self) -> Result<R, Error>,
    ) -> Result<R, Error> {
        stack::with_room(stack::for_type::<T>(), || find(self))?
    }

    /// Creates the view of an element of a sequence.
    ///
    /// # Errors
    ///
    /// The errors of the value.
    #[inline]
    pub(super) fn element<V>(
        &mut self,
        find: impl FnOnce(&mut Self) -> Result<V, Error>,
    ) -> Result<V, Error> {
        let before = self.reader.position();
        let view = find(self)?;
        if self.reader.position() == before {
            self.reader.element(|_| Ok(()))?;
        }
        Ok(view)
    }

    /// Borrows `count` numbers from the map.
    ///
    /// # Errors
    ///
    /// Fails if they are missing, or do not have the same layout as in memory.
    pub fn numbers<N: Number>(&mut self, count: usize) -> Result<M::Slice<'m, N>, Error> {
        self.elements(count)
    }

    /// Borrows many rows of numbers from the map.
    ///
    /// # Errors
    ///
    /// Fails if they are missing, or do not have the same layout as in memory.
    pub(super) fn rows<E: Element>(&mut self) -> Result<M::Slice<'m, E>, Error> {
        let mut lengths = Vec::new();
        E::lengths(&mut |len| lengths.push(len as u64));
        let grid = self.reader.rows_shape(&lengths)?;
        match grid.order {
            0 => self.elements(grid.rows()?),
            _ => Err(self.unmappable("it is stored in column-major order")),
        }
    }

    fn elements<E: Element>(&mut self, count: usize) -> Result<M::Slice<'m, E>, Error> {
        if cfg!(target_endian = "big") {
            return Err(self.unmappable("this machine is big-endian"));
        }
        let expected = IsElement::<E>::new().kind;
        let len = bytes_for::<E>(count)?;
        let start = match self.reader.array_location(expected, len as u64)? {
            ArrayLocation::Here => {
                let start = self.reader.position() as usize;
                self.reader.take(len)?;
                self.areas.small.wrapping_add(start)
            }
            ArrayLocation::Segment(_, kind) if kind != expected => {
                let (has, expected) = (kind.name(), expected.name());
                return Err(
                    self.unmappable(&format!("the file has {has}, {expected} was expected"))
                );
            }
            ArrayLocation::Segment(index, _) => match self.reader.offset(index) {
                Ok(offset) => self.areas.map.wrapping_add(offset),
                Err(why) => return Err(self.unmappable(why)),
            },
        };
        // SAFETY: `take` succeeded, or the source returned an offset within the map. So
        // the bytes are valid for `'m`. Each array of a file is in a different range and
        // borrowed once.
        unsafe { borrow::<E, M>(start, count, self.field) }
    }

    /// Returns the error for an array that does not have the same layout in the file as
    /// in memory.
    #[cold]
    pub fn unmappable(&self, why: &str) -> Error {
        unmappable(self.field, why)
    }
}

#[cold]
fn unmappable(field: &str, why: &str) -> Error {
    let (field, why) = (field.to_owned(), why.to_owned());
    ErrorKind::Unmappable { field, why }.into()
}

/// Borrows the `count` elements at `start`, which are in `field`.
///
/// # Safety
///
/// Their bytes are initialized and valid for `'m`. If they are writable, there are no
/// other references to them during `'m`.
unsafe fn borrow<'m, E: Element, M: MapMode>(
    start: *mut u8,
    count: usize,
    field: &str,
) -> Result<M::Slice<'m, E>, Error> {
    let len = count * size_of::<E>();
    let start = match len {
        0 => std::ptr::NonNull::<E>::dangling().as_ptr(),
        _ => start.cast::<E>(),
    };
    if !start.is_aligned() {
        return Err(unmappable(field, "it is not aligned"));
    }
    // SAFETY: the caller guarantees that the bytes are valid and initialized.
    let bytes = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), len) };
    if !are_valid::<E::Number>(bytes) {
        return Err(invalid_numbers(<E::Number as Number>::KIND));
    }
    // SAFETY: these are aligned, contiguous and valid numbers, and the caller guarantees
    // the rest.
    Ok(unsafe { M::slice(start, count) })
}

impl<M> std::fmt::Debug for Viewer<'_, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Viewer")
            .field("reader", &self.reader)
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}
