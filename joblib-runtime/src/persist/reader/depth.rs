//! How deeply what is read is nested, and the stack that it takes.

use super::super::MAX_NESTED;
use super::super::body_encoding::BodyEncoding;
use super::super::error::{Error, ErrorKind};
use super::BodyReader;
use crate::stack;

impl BodyReader<'_> {
    /// Has `load` read values of the type `T` with room for them on the stack: a
    /// type may contain itself by what asks for it.
    ///
    /// # Errors
    ///
    /// Those of `load`, or there is no memory for a stack.
    #[inline]
    pub(in crate::persist) fn with_room<T, R>(
        &mut self,
        load: impl FnOnce(&mut Self) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.with_room_for(size_of::<T>(), load)
    }

    /// As [`with_room`](BodyReader::with_room), of values of so many bytes.
    #[inline]
    pub(in crate::persist) fn with_room_for<R>(
        &mut self,
        bytes: usize,
        load: impl FnOnce(&mut Self) -> Result<R, Error>,
    ) -> Result<R, Error> {
        stack::with_room(stack::for_values_of(bytes), || load(self))?
    }

    /// Begins a struct or a variant, which [`leave`](BodyReader::leave) ends.
    /// Which of the older types it is; zero is the type itself.
    ///
    /// # Errors
    ///
    /// Too many contain this one.
    #[inline]
    pub fn enter(&mut self) -> Result<u8, Error> {
        if self.depth == self.most {
            return Err(ErrorKind::TooDeep.into());
        }
        self.depth += 1;
        match self.form {
            BodyEncoding::Adapted => self.raw().map(|[old]| old),
            BodyEncoding::File | BodyEncoding::Flat => Ok(0),
        }
    }

    /// As [`enter`](BodyReader::enter), of a type that has no older ones.
    ///
    /// # Errors
    ///
    /// Too many contain this one.
    #[inline]
    pub fn enter_own(&mut self) -> Result<(), Error> {
        match self.enter()? {
            0 => Ok(()),
            other => self.no_old(other),
        }
    }

    /// The error for a number that no older type has.
    #[cold]
    pub fn no_old<T>(&self, number: u8) -> Result<T, Error> {
        self.no_variant(number.into())
    }

    /// Some of many fields.
    ///
    /// # Errors
    ///
    /// Those of `load`.
    #[inline]
    pub fn piece<T>(
        &mut self,
        load: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        load(self)
    }

    /// Ends a struct or a variant.
    #[inline]
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// As [`enter`](BodyReader::enter), of any part of a value whose type is only
    /// known from its file: there, sequences and tuples may contain themselves
    /// as well. [`ascend`](BodyReader::ascend) ends it.
    pub(in crate::persist) fn descend(&mut self) -> Result<(), Error> {
        if self.nested == MAX_NESTED {
            return Err(ErrorKind::TooDeep.into());
        }
        self.nested += 1;
        Ok(())
    }

    pub(in crate::persist) fn ascend(&mut self) {
        self.nested -= 1;
    }
}
