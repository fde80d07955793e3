//! A value being found in a map: arrays are borrowed where they lie, and the
//! rest is read from the small part, which is in memory.

mod record_view;

use std::marker::PhantomData;

pub use self::record_view::RecordView;
use super::body_encoding::BodyEncoding;
use super::error::{Error, ErrorKind, invalid};
use super::mode::MapMode;
use super::number::Number;
use super::reader::{ArrayLocation, BodyReader, bytes_for};
use super::record::RecordLayout;
use super::row::Element;
use super::source::BodySource;
use super::traits::Persist;
use crate::stack;

/// A value being found in a map.
pub struct Viewer<'m, M> {
    reader: BodyReader<'m>,
    small: &'m [u8],
    areas: ArrayRegions,
    /// The field that is being looked for, for messages.
    field: &'static str,
    mode: PhantomData<fn(&'m ()) -> M>,
}

#[inline]
fn text_of(bytes: &[u8]) -> Result<&str, Error> {
    if bytes.is_ascii() {
        // SAFETY: ASCII is UTF-8; this is the quicker look at a short text.
        return Ok(unsafe { std::str::from_utf8_unchecked(bytes) });
    }
    std::str::from_utf8(bytes).map_err(|_| Error::small("text is not UTF-8"))
}

/// Where arrays lie. Each is handed out once.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArrayRegions {
    /// The start of what arrays in the small part are borrowed from: of the
    /// small part itself or, where they can be written, of a copy.
    pub(super) small: *mut u8,
    /// The start of the map.
    pub(super) map: *mut u8,
}

impl<'m, M: MapMode> Viewer<'m, M> {
    /// Finds values in `small` and in `areas`, of which `source` tells.
    ///
    /// # Safety
    ///
    /// `areas` are valid for `'m`: its small part as long as `small`, its map
    /// wherever `offsets` of segments point. Where it can be written, nothing
    /// else refers to it during `'m`.
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

    /// What reads values that are owned.
    #[inline]
    pub fn reader(&mut self) -> &mut BodyReader<'m> {
        &mut self.reader
    }

    /// Begins a struct or a variant, which [`leave`](Viewer::leave) ends.
    ///
    /// # Errors
    ///
    /// Too many contain this one, or the file has it as an older type.
    pub fn enter(&mut self) -> Result<(), Error> {
        match self.reader.enter()? {
            0 => Ok(()),
            _ => Err(self.unmappable("it is in the file as an older type")),
        }
    }

    /// Some of many fields.
    ///
    /// # Errors
    ///
    /// Those of `find`.
    pub fn piece<T>(
        &mut self,
        find: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        find(self)
    }

    /// Ends a struct or a variant.
    pub fn leave(&mut self) {
        self.reader.leave();
    }

    /// The number of a variant.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn varint(&mut self) -> Result<u64, Error> {
        self.reader.varint()
    }

    /// The error for a number that no variant has.
    pub fn no_variant<T>(&self, number: u64) -> Result<T, Error> {
        self.reader.no_variant(number)
    }

    /// Notes that what follows is the field of that name.
    #[inline]
    pub fn at(&mut self, field: &'static str) {
        self.field = field;
    }

    /// Bytes, with their number before them.
    ///
    /// # Errors
    ///
    /// There are not as many.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'m [u8], Error> {
        let len = self.reader.length()?;
        let start = self.reader.position() as usize;
        self.reader.take(len)?;
        Ok(&self.small[start..start + len])
    }

    /// Text.
    ///
    /// # Errors
    ///
    /// It is not UTF-8.
    #[inline]
    pub fn text(&mut self) -> Result<&'m str, Error> {
        self.bytes().and_then(text_of)
    }

    /// Many texts, one after another.
    ///
    /// # Errors
    ///
    /// One of them is not UTF-8, or is not there.
    pub fn texts(&mut self) -> Result<Vec<&'m str>, Error> {
        /// So many bytes are looked at at once: short texts, and the lengths
        /// between them, tend to be ASCII all together.
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

    /// Many values, one after another, or in an array of records.
    ///
    /// # Errors
    ///
    /// Those of the values.
    pub fn many<T: Persist>(&mut self) -> Result<Vec<T::View<'m, M>>, Error> {
        match RecordLayout::many::<T>() {
            Some(record) => {
                self.records::<T, _>(record, |sight, count| sight.many_by(count, T::view_record))
            }
            None => self.many_by(T::view),
        }
    }

    /// As [`many`](Viewer::many), each as `find` finds it.
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

    /// One of many values.
    ///
    /// # Errors
    ///
    /// Those of the value.
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

    /// `count` numbers, where they lie.
    ///
    /// # Errors
    ///
    /// They are not there, or not as in memory.
    pub fn numbers<N: Number>(&mut self, count: usize) -> Result<M::Slice<'m, N>, Error> {
        self.elements(count)
    }

    /// Many rows of numbers, where they lie.
    ///
    /// # Errors
    ///
    /// They are not there, or not as in memory.
    pub(super) fn rows<E: Element>(&mut self) -> Result<M::Slice<'m, E>, Error> {
        let mut lengths = Vec::new();
        E::lengths(&mut |len| lengths.push(len as u64));
        let grid = self.reader.grid(&lengths)?;
        match grid.order {
            0 => self.elements(grid.rows()?),
            _ => Err(self.unmappable("its columns lie one after another, and not its rows")),
        }
    }

    fn elements<E: Element>(&mut self, count: usize) -> Result<M::Slice<'m, E>, Error> {
        if cfg!(target_endian = "big") {
            return Err(self.unmappable("this machine has the highest byte first"));
        }
        let asked = <E::Number as Number>::KIND;
        let len = bytes_for::<E>(count)?;
        let start = match self.reader.place(asked, len as u64)? {
            ArrayLocation::Here => {
                let start = self.reader.position() as usize;
                self.reader.take(len)?;
                // SAFETY: `small` has these bytes.
                unsafe { self.areas.small.add(start) }
            }
            ArrayLocation::Segment(_, kind) if kind != asked => {
                let (has, asked) = (kind.name(), asked.name());
                return Err(self.unmappable(&format!("it has {has}, asked for was {asked}")));
            }
            ArrayLocation::Segment(index, _) => match self.reader.offset(index) {
                // SAFETY: the source says where in the map they are.
                Ok(offset) => unsafe { self.areas.map.add(offset) },
                Err(why) => return Err(self.unmappable(why)),
            },
        };
        let start = match len {
            0 => std::ptr::NonNull::<E>::dangling().as_ptr(),
            _ => start.cast::<E>(),
        };
        if !start.is_aligned() {
            return Err(self.unmappable("it is not aligned"));
        }
        // SAFETY: these bytes are there for `'m`, and are nothing but bytes.
        let bytes = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), len) };
        if !<E::Number as Number>::are_valid(bytes) {
            return Err(invalid(asked));
        }
        // SAFETY: aligned, valid numbers and nothing between them, there for `'m`;
        // each array of a file is another part of it, so nothing else refers to
        // this one.
        Ok(unsafe { M::slice(start, count) })
    }

    /// The error for an array that lies otherwise in the file.
    #[cold]
    pub fn unmappable(&self, why: &str) -> Error {
        let field = self.field.to_owned();
        let why = why.to_owned();
        ErrorKind::Unmappable { field, why }.into()
    }
}

impl<M> std::fmt::Debug for Viewer<'_, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Viewer")
            .field("reader", &self.reader)
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}
