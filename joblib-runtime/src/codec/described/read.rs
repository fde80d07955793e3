//! The decoder of the self-describing encoding.
//!
//! It is as lenient as JSON if a type has changed since: an option is decoded from its
//! content and vice versa, a variant from a map with one entry, a sequence from bytes,
//! and a number from the text of a key and vice versa. The type's `Deserialize` decides
//! about all other mismatches.

mod key;
mod parts;

use serde::de::value::SeqDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, Expected, Unexpected, Visitor,
};

use self::parts::{DescribedParts, DescribedVariant};
use super::kind;
use crate::codec::decode::{Decoder, Result, expect_end};
use crate::codec::{DecodeError, MAX_DEPTH};
use crate::stack;

/// Decodes a value from all of `bytes`, which are in the self-describing encoding.
///
/// Never panics, and allocates at most in proportion to the length of `bytes`, whatever
/// they contain.
///
/// # Errors
///
/// Fails if the bytes are not exactly one value of the type.
pub fn decode_described<T: DeserializeOwned>(mut bytes: &[u8]) -> Result<T> {
    let reader = Decoder::new(&mut bytes, MAX_DEPTH);
    let value = T::deserialize(DescribedReader::new(reader, true))?;
    expect_end(value, bytes)
}

/// Decodes what [`describe_part`](super::describe_part) wrote, from all of `bytes`.
///
/// # Errors
///
/// As for [`decode_described`].
pub fn decode_part<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    decode_part_deep(bytes, MAX_DEPTH)
}

/// Decodes like [`decode_part`], with a nesting of at most `most` levels.
pub(in crate::codec) fn decode_part_deep<T: DeserializeOwned>(
    bytes: &[u8],
    most: usize,
) -> Result<T> {
    read_part(|described| T::deserialize(described), bytes, most)
}

/// Decodes like [`decode_part`], with the function `deserialize`.
///
/// # Errors
///
/// As for [`decode_part`].
pub fn decode_part_with<'de, T>(
    deserialize: impl FnOnce(DescribedReader<'_, 'de>) -> Result<T>,
    bytes: &'de [u8],
) -> Result<T> {
    read_part(deserialize, bytes, MAX_DEPTH)
}

fn read_part<'de, T>(
    deserialize: impl FnOnce(DescribedReader<'_, 'de>) -> Result<T>,
    bytes: &'de [u8],
    most: usize,
) -> Result<T> {
    let (mut bytes, human_readable) = match bytes.split_first() {
        Some((&kind::HUMAN_READABLE, rest)) => (rest, true),
        _ => (bytes, false),
    };
    let reader = Decoder::new(&mut bytes, most);
    let value = deserialize(DescribedReader::new(reader, human_readable))?;
    expect_end(value, bytes)
}

/// Decodes one value from the front of the bytes.
#[derive(Debug)]
pub struct DescribedReader<'a, 'de> {
    reader: Decoder<'a, 'de>,
    /// Whether the format is human-readable, which types can query.
    human_readable: bool,
    /// Whether the value is the key of a map.
    is_key: bool,
    /// Whether the value is in an option.
    is_some: bool,
}

impl<'a, 'de> DescribedReader<'a, 'de> {
    fn new(reader: Decoder<'a, 'de>, human_readable: bool) -> Self {
        DescribedReader {
            reader,
            human_readable,
            is_key: false,
            is_some: false,
        }
    }

    fn kind(&mut self) -> Result<u8> {
        self.reader.array().map(|[kind]| kind)
    }

    /// Returns the decoder for the next level of nesting.
    fn nested(self) -> Result<Self> {
        Ok(DescribedReader {
            reader: self.reader.nested()?,
            ..self
        })
    }

    /// Reborrows the decoder for a nested value at the same level.
    fn reborrow(&mut self) -> DescribedReader<'_, 'de> {
        DescribedReader::new(self.reader.reborrow(), self.human_readable)
    }

    /// Skips the `Some`s around the value, for a type that is not an option.
    #[inline]
    fn present(mut self) -> Result<Self> {
        while self.reader.peek()? == kind::SOME {
            self.kind()?;
            self = self.nested()?;
            self.is_some = true;
        }
        Ok(self)
    }

    /// Decodes a value for a type that is not an option, which does not accept a `None`.
    #[inline]
    fn plain<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
        match self.reader.peek()? {
            kind::NONE => {
                self.kind()?;
                self.none(visitor)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    /// Passes a `None`, whose kind is consumed, to a type that is not an option.
    #[cold]
    fn none<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let expected = (&visitor as &dyn Expected).to_string();
        visitor
            .visit_none()
            .map_err(|_: DecodeError| match self.is_some {
                true => DecodeError::custom(format!(
                    "expected {expected} or `None`, found `Some(None)`, which only an \
                 `Option<Option<_>>` accepts"
                )),
                false => DecodeError::custom(format!("expected {expected}, found `None`")),
            })
    }

    /// Deserializes a value at this level.
    #[inline]
    fn value<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        match self.reader.must_check_stack() {
            true => stack::with_deserializer_room(|| seed.deserialize(self)),
            false => seed.deserialize(self),
        }
    }

    fn some<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let mut some = self.nested()?;
        some.is_some = true;
        match some.reader.must_check_stack() {
            true => stack::with_deserializer_room(|| visitor.visit_some(some)),
            false => visitor.visit_some(some),
        }
    }

    fn parts(mut self, is_struct: bool) -> Result<DescribedParts<'a, 'de>> {
        let left = self.reader.len()?;
        Ok(DescribedParts {
            within: DescribedReader::new(self.reader.nested()?, self.human_readable),
            left,
            is_struct,
            key: &[],
        })
    }

    /// Reads a variant after its kind.
    fn variant(mut self, is_unit: bool) -> Result<DescribedVariant<'a, 'de>> {
        Ok(DescribedVariant {
            name: Some(self.reader.text()?),
            is_unit,
            within: DescribedReader::new(self.reader.nested()?, self.human_readable),
        })
    }

    /// Reads a variant from a map with one entry, after the kind of the map.
    fn entry(mut self, is_struct: bool) -> Result<DescribedVariant<'a, 'de>> {
        let entries = self.reader.len()?;
        let mut entry = self.nested()?;
        if entries == 1 {
            let is_named = is_struct || matches!(entry.kind()?, kind::STR | kind::UNIT_VARIANT);
            if is_named {
                return entry.variant(false);
            }
        }
        let expected = &"a variant, or a map with one entry whose key is the name of a variant";
        Err(DecodeError::invalid_length(entries, expected))
    }
}

/// Returns the description of a kind for messages.
fn unexpected(kind: u8) -> Unexpected<'static> {
    match kind {
        kind::UNIT => Unexpected::Unit,
        kind::BOOL => Unexpected::Other("boolean"),
        kind::U8..=kind::I128 => Unexpected::Other("integer"),
        kind::F32 | kind::F64 => Unexpected::Other("floating point number"),
        kind::CHAR => Unexpected::Other("character"),
        kind::STR => Unexpected::Other("string"),
        kind::BYTES => Unexpected::Other("bytes"),
        kind::NONE | kind::SOME => Unexpected::Option,
        kind::SEQ => Unexpected::Seq,
        kind::MAP => Unexpected::Map,
        kind::STRUCT => Unexpected::Other("struct"),
        kind::UNIT_VARIANT => Unexpected::UnitVariant,
        kind::VARIANT => Unexpected::NewtypeVariant,
        _ => Unexpected::Other("unknown kind of value"),
    }
}

/// Decodes from a value of any kind.
macro_rules! present {
    ($($method:ident($($argument:ident: $ty:ty),*);)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(
            self,
            $($argument: $ty,)*
            visitor: V,
        ) -> Result<V::Value> {
            self.present()?.plain(visitor)
        }
    )*};
}

/// Like `present`, and a key that is text is parsed as a number.
macro_rules! numbers {
    ($($method:ident: $ty:ty, $visit:ident;)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let mut value = self.present()?;
            match value.key_as_number::<$ty>(&visitor)? {
                Some(number) => visitor.$visit(number),
                None => value.plain(visitor),
            }
        }
    )*};
}

/// Like `present`, and a key that is a number is converted to text.
macro_rules! texts {
    ($($method:ident)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let mut value = self.present()?;
            match value.key_as_text()? {
                Some(text) => visitor.visit_string(text),
                None => value.plain(visitor),
            }
        }
    )*};
}

/// Like `present`, and a sequence can be decoded from bytes.
macro_rules! sequences {
    ($($method:ident($($argument:ident: $ty:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(
            self,
            $($argument: $ty,)*
            visitor: V,
        ) -> Result<V::Value> {
            let mut value = self.present()?;
            if value.reader.peek()? != kind::BYTES {
                return value.plain(visitor);
            }
            value.kind()?;
            let bytes = value.reader.bytes()?.iter().copied();
            let mut bytes = SeqDeserializer::<_, DecodeError>::new(bytes);
            let value = visitor.visit_seq(&mut bytes)?;
            bytes.end().map(|()| value)
        }
    )*};
}

impl<'de> Deserializer<'de> for DescribedReader<'_, 'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
        match self.kind()? {
            kind::UNIT => visitor.visit_unit(),
            kind::BOOL => self.reader.deserialize_bool(visitor),
            kind::U8 => self.reader.deserialize_u8(visitor),
            kind::U16 => self.reader.deserialize_u16(visitor),
            kind::U32 => self.reader.deserialize_u32(visitor),
            kind::U64 => self.reader.deserialize_u64(visitor),
            kind::U128 => self.reader.deserialize_u128(visitor),
            kind::I8 => self.reader.deserialize_i8(visitor),
            kind::I16 => self.reader.deserialize_i16(visitor),
            kind::I32 => self.reader.deserialize_i32(visitor),
            kind::I64 => self.reader.deserialize_i64(visitor),
            kind::I128 => self.reader.deserialize_i128(visitor),
            kind::F32 => self.reader.deserialize_f32(visitor),
            kind::F64 => self.reader.deserialize_f64(visitor),
            kind::CHAR => self.reader.deserialize_char(visitor),
            kind::STR => self.reader.deserialize_str(visitor),
            kind::BYTES => self.reader.deserialize_bytes(visitor),
            kind::NONE => visitor.visit_none(),
            kind::SOME => self.some(visitor),
            kind::SEQ => self.parts(false)?.seq(visitor),
            kind::MAP => self.parts(false)?.map(visitor),
            kind::STRUCT => self.parts(true)?.map(visitor),
            kind::UNIT_VARIANT => self.reader.deserialize_str(visitor),
            kind::VARIANT => visitor.visit_map(self.variant(false)?),
            other => Err(invalid(other, "value kind")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
        match self.reader.peek()? {
            kind::NONE => {
                self.kind()?;
                visitor.visit_none()
            }
            kind::SOME => {
                self.kind()?;
                self.some(visitor)
            }
            // `null` in JSON.
            kind::UNIT => {
                self.kind()?;
                visitor.visit_unit()
            }
            _ => self.some(visitor),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let mut value = self.present()?;
        match value.reader.peek()? {
            kind::NONE if !value.is_some => {
                value.kind()?;
                visitor.visit_unit()
            }
            _ => value.plain(visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        let within = self.nested()?;
        match within.reader.must_check_stack() {
            true => stack::with_deserializer_room(|| visitor.visit_newtype_struct(within)),
            false => visitor.visit_newtype_struct(within),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let mut value = self.present()?;
        match value.kind()? {
            kind::NONE => value.none(visitor),
            kind::UNIT_VARIANT | kind::STR => visitor.visit_enum(value.variant(true)?),
            kind::VARIANT => visitor.visit_enum(value.variant(false)?),
            kind::MAP => visitor.visit_enum(value.entry(false)?),
            kind::STRUCT => visitor.visit_enum(value.entry(true)?),
            other => Err(DecodeError::invalid_type(unexpected(other), &visitor)),
        }
    }

    numbers! {
        deserialize_bool: bool, visit_bool;
        deserialize_u8: u8, visit_u8;
        deserialize_u16: u16, visit_u16;
        deserialize_u32: u32, visit_u32;
        deserialize_u64: u64, visit_u64;
        deserialize_u128: u128, visit_u128;
        deserialize_i8: i8, visit_i8;
        deserialize_i16: i16, visit_i16;
        deserialize_i32: i32, visit_i32;
        deserialize_i64: i64, visit_i64;
        deserialize_i128: i128, visit_i128;
    }

    texts! {
        deserialize_str
        deserialize_string
        deserialize_identifier
    }

    present! {
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_map();
        deserialize_struct(_name: &'static str, _fields: &'static [&'static str]);
    }

    sequences! {
        deserialize_seq();
        deserialize_tuple(_len: usize);
        deserialize_tuple_struct(_name: &'static str, _len: usize);
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_any(visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.human_readable
    }
}

fn invalid(byte: u8, expected: &'static str) -> DecodeError {
    DecodeError::Invalid { byte, expected }
}
