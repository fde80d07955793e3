//! How deeply what is read is nested, and the stack that it takes.

use super::super::error::{Error, ErrorKind};
use super::super::form::Form;
use super::super::{MAX_NESTED, SHALLOW};
use super::Reader;
use crate::stack;

impl Reader<'_> {
    /// Reads what a value refers to, with as much stack as that takes.
    ///
    /// # Errors
    ///
    /// Those of `load`.
    #[inline]
    pub fn within<T>(
        &mut self,
        load: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self.depth < SHALLOW {
            true => load(self),
            false => stack::ample(|| load(self)),
        }
    }

    /// Begins a struct or a variant, which [`leave`](Reader::leave) ends.
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
            Form::Adapted => self.raw().map(|[old]| old),
            Form::File | Form::Flat => Ok(0),
        }
    }

    /// Ends a struct or a variant.
    #[inline]
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// As [`enter`](Reader::enter), of any part of a value whose type is only
    /// known from its file: there, sequences and tuples may contain themselves
    /// as well. [`ascend`](Reader::ascend) ends it.
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
