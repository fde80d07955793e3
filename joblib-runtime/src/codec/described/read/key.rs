//! Keys of maps: a text is parsed as a number if the type expects one, and vice versa, as
//! for JSON.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::de::{Deserializer, Error as _, Expected, Unexpected, Visitor};

use super::DescribedReader;
use crate::codec::DecodeError;
use crate::codec::decode::Result;
use crate::codec::described::kind;

impl<'a, 'de> DescribedReader<'a, 'de> {
    /// Returns the decoder for the key of a map.
    pub(super) fn key(self) -> DescribedReader<'a, 'de> {
        DescribedReader {
            is_key: true,
            ..self
        }
    }

    /// Parses a key that is text as a number. Returns `None` if the value is not text or
    /// not a key.
    #[inline]
    pub(super) fn key_as_number<N: FromStr + Display>(
        &mut self,
        expected: &dyn Expected,
    ) -> Result<Option<N>> {
        match self.is_key && self.reader.peek()? == kind::STR {
            true => self.number_of_text(expected).map(Some),
            false => Ok(None),
        }
    }

    fn number_of_text<N: FromStr + Display>(&mut self, expected: &dyn Expected) -> Result<N> {
        self.kind()?;
        let text = self.reader.text()?;
        // Only the canonical text is accepted, so that different keys stay different.
        let number = text.parse::<N>().ok().filter(|it| it.to_string() == text);
        number.ok_or_else(|| DecodeError::invalid_value(Unexpected::Str(text), expected))
    }

    /// Returns the text of a key that is an integer or a `bool`. Returns `None` if the
    /// value is something else or not a key.
    #[inline]
    pub(super) fn key_as_text(&mut self) -> Result<Option<String>> {
        match self.is_key && matches!(self.reader.peek()?, kind::BOOL..=kind::I128) {
            true => self.reborrow().deserialize_any(NumberText).map(Some),
            false => Ok(None),
        }
    }
}

/// A visitor that converts an integer or a `bool` to text.
struct NumberText;

macro_rules! visits {
    ($($method:ident: $ty:ty;)*) => {$(
        fn $method<E>(self, value: $ty) -> Result<String, E> {
            Ok(value.to_string())
        }
    )*};
}

impl Visitor<'_> for NumberText {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer or a boolean")
    }

    visits! {
        visit_bool: bool;
        visit_u64: u64;
        visit_i64: i64;
        visit_u128: u128;
        visit_i128: i128;
    }
}
