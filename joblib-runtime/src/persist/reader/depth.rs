//! Nesting depth and stack size while reading.

use super::BodyReader;
use crate::persist::MAX_NESTED;
use crate::persist::body_encoding::BodyEncoding;
use crate::persist::error::{Error, ErrorKind};
use crate::stack;

impl BodyReader<'_> {
    /// Runs `load` with enough stack for values of the type `T`: recursive types contain
    /// themselves through values that are read this way.
    ///
    /// # Errors
    ///
    /// The errors of `load`; also fails if a stack cannot be allocated.
    #[inline]
    pub(in crate::persist) fn with_room<T, R>(
        &mut self,
        load: impl FnOnce(&mut Self) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.with_room_for(size_of::<T>(), load)
    }

    /// As [`with_room`](BodyReader::with_room), for values of this size in bytes.
    #[inline]
    pub(in crate::persist) fn with_room_for<R>(
        &mut self,
        bytes: usize,
        load: impl FnOnce(&mut Self) -> Result<R, Error>,
    ) -> Result<R, Error> {
        stack::with_room(stack::for_values_of(bytes), || load(self))?
    }

    /// Enters a struct or a variant, until [`leave`](BodyReader::leave). Returns which
    /// older version of the type follows; zero is the type itself.
    ///
    /// # Errors
    ///
    /// Fails if it is nested too deeply.
    #[inline]
    pub fn enter(&mut self) -> Result<u8, Error> {
        if self.depth == self.max_depth {
            return Err(ErrorKind::TooDeep.into());
        }
        self.depth += 1;
        match self.form {
            BodyEncoding::Adapted => self.raw().map(|[old]| old),
            BodyEncoding::File | BodyEncoding::Flat => Ok(0),
        }
    }

    /// As [`enter`](BodyReader::enter), for a type without older versions.
    ///
    /// # Errors
    ///
    /// Fails if it is nested too deeply.
    #[inline]
    pub fn enter_own(&mut self) -> Result<(), Error> {
        match self.enter()? {
            0 => Ok(()),
            other => self.unknown_version(other),
        }
    }

    /// Returns the error for an invalid index of an older type.
    #[cold]
    pub fn unknown_version<T>(&self, number: u8) -> Result<T, Error> {
        self.no_variant(number.into())
    }

    /// Runs `load` for some of the fields. Derived code splits many fields into
    /// several closures, which limits the compile time.
    ///
    /// # Errors
    ///
    /// The errors of `load`.
    #[inline]
    pub fn piece<T>(
        &mut self,
        load: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        load(self)
    }

    /// Leaves a struct or a variant.
    #[inline]
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// As [`enter`](BodyReader::enter), for any node of a value whose type is only known
    /// from its file, where sequences and tuples can be recursive as well. Ends with
    /// [`ascend`](BodyReader::ascend).
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
