//! The decoder: a `serde::Deserializer` for exactly the format that the encoder writes.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};

use super::{DecodeError, MAX_DEPTH, must_check_stack, varint};
use crate::stack;

pub(super) type Result<T, E = DecodeError> = std::result::Result<T, E>;

/// Decodes a value from all of `bytes`.
///
/// Never panics, and allocates at most in proportion to the length of `bytes`, whatever
/// they contain.
///
/// # Errors
///
/// Fails if the bytes are not exactly one value of the type.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    decode_with(|reader| T::deserialize(reader), bytes)
}

/// Decodes like [`decode`], with the function `deserialize`.
///
/// # Errors
///
/// As for [`decode`].
pub fn decode_with<'de, T>(
    deserialize: impl FnOnce(Decoder<'_, 'de>) -> Result<T>,
    mut bytes: &'de [u8],
) -> Result<T> {
    let value = deserialize(Decoder::new(&mut bytes, MAX_DEPTH))?;
    expect_end(value, bytes)
}

/// Decodes like [`decode`], with a nesting of at most `most` levels.
pub(super) fn decode_deep<T: DeserializeOwned>(mut bytes: &[u8], most: usize) -> Result<T> {
    let value = T::deserialize(Decoder::new(&mut bytes, most))?;
    expect_end(value, bytes)
}

/// Returns the value if no bytes follow it.
pub(super) fn expect_end<T>(value: T, rest: &[u8]) -> Result<T> {
    match rest.len() {
        0 => Ok(value),
        trailing => Err(DecodeError::Trailing(trailing)),
    }
}

/// Decodes one value from the front of the bytes.
#[derive(Debug)]
pub struct Decoder<'a, 'de> {
    bytes: &'a mut &'de [u8],
    /// How many more levels of nesting are allowed.
    levels_left: usize,
}

impl<'a, 'de> Decoder<'a, 'de> {
    pub(super) fn new(bytes: &'a mut &'de [u8], levels_left: usize) -> Self {
        Decoder { bytes, levels_left }
    }

    /// Reborrows the decoder for a nested value at the same level.
    pub(super) fn reborrow(&mut self) -> Decoder<'_, 'de> {
        Decoder {
            bytes: self.bytes,
            levels_left: self.levels_left,
        }
    }

    /// Returns whether the stack must be checked at this level.
    #[inline]
    pub(super) fn must_check_stack(&self) -> bool {
        must_check_stack(self.levels_left)
    }

    /// Returns the bytes that remain.
    pub(super) fn rest(&self) -> &'de [u8] {
        self.bytes
    }

    /// Returns the next byte without consuming it.
    pub(super) fn peek(&self) -> Result<u8> {
        match self.bytes.first() {
            Some(&byte) => Ok(byte),
            None => Err(DecodeError::Truncated),
        }
    }

    /// Deserializes a value at this level.
    #[inline]
    fn value<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        match self.must_check_stack() {
            true => stack::with_deserializer_room(|| seed.deserialize(self)),
            false => seed.deserialize(self),
        }
    }

    /// Reads a length and that many bytes.
    pub(super) fn bytes(&mut self) -> Result<&'de [u8]> {
        let len = self.len()?;
        self.take(len)
    }

    fn take(&mut self, len: usize) -> Result<&'de [u8]> {
        let Some((taken, rest)) = self.bytes.split_at_checked(len) else {
            return Err(DecodeError::Truncated);
        };
        *self.bytes = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some((taken, rest)) = self.bytes.split_first_chunk() else {
            return Err(DecodeError::Truncated);
        };
        *self.bytes = rest;
        Ok(*taken)
    }

    fn flag(&mut self, expected: &'static str) -> Result<bool> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [byte] => Err(DecodeError::Invalid { byte, expected }),
        }
    }

    #[inline]
    fn number<N: TryFrom<u64>>(&mut self) -> Result<N> {
        N::try_from(varint::read(self.bytes)?).map_err(|_| DecodeError::Varint)
    }

    #[inline]
    fn signed<N: TryFrom<i64>>(&mut self) -> Result<N> {
        let number = varint::unzigzag(varint::read(self.bytes)?);
        N::try_from(number).map_err(|_| DecodeError::Varint)
    }

    fn wide(&mut self) -> Result<u128> {
        varint::read_wide(self.bytes)
    }

    /// Reads a length. Each counted element takes at least one byte, so a length beyond
    /// the input is an error.
    pub(super) fn len(&mut self) -> Result<usize> {
        let len = self.number()?;
        if len > self.bytes.len() {
            return Err(DecodeError::Truncated);
        }
        Ok(len)
    }

    pub(super) fn text(&mut self) -> Result<&'de str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| DecodeError::Utf8)
    }

    pub(super) fn nested(self) -> Result<Self> {
        let Some(levels_left) = self.levels_left.checked_sub(1) else {
            return Err(DecodeError::TooDeep);
        };
        Ok(Self {
            levels_left,
            ..self
        })
    }

    fn counted(mut self) -> Result<SeqReader<'a, 'de>> {
        let left = self.len()?;
        Ok(SeqReader {
            reader: self.nested()?,
            left,
            counted: true,
        })
    }

    fn fixed(self, left: usize) -> Result<SeqReader<'a, 'de>> {
        Ok(SeqReader {
            reader: self.nested()?,
            left,
            counted: false,
        })
    }
}

macro_rules! scalars {
    ($($method:ident = $visit:ident(|$reader:ident| $read:expr);)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let mut $reader = self;
            visitor.$visit($read)
        }
    )*};
}

impl<'de> Deserializer<'de> for Decoder<'_, 'de> {
    type Error = DecodeError;

    scalars! {
        deserialize_bool = visit_bool(|reader| reader.flag("bool")?);
        deserialize_u8 = visit_u8(|reader| u8::from_le_bytes(reader.array()?));
        deserialize_u16 = visit_u16(|reader| reader.number()?);
        deserialize_u32 = visit_u32(|reader| reader.number()?);
        deserialize_u64 = visit_u64(|reader| reader.number()?);
        deserialize_u128 = visit_u128(|reader| reader.wide()?);
        deserialize_i8 = visit_i8(|reader| i8::from_le_bytes(reader.array()?));
        deserialize_i16 = visit_i16(|reader| reader.signed()?);
        deserialize_i32 = visit_i32(|reader| reader.signed()?);
        deserialize_i64 = visit_i64(|reader| reader.signed()?);
        deserialize_i128 = visit_i128(|reader| varint::unzigzag_wide(reader.wide()?));
        deserialize_f32 = visit_f32(|reader| f32::from_le_bytes(reader.array()?));
        deserialize_f64 = visit_f64(|reader| f64::from_le_bytes(reader.array()?));
        deserialize_str = visit_borrowed_str(|reader| reader.text()?);
        deserialize_string = visit_borrowed_str(|reader| reader.text()?);
    }

    fn deserialize_char<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
        let mut chars = self.text()?.chars();
        match (chars.next(), chars.next()) {
            (Some(char), None) => visitor.visit_char(char),
            _ => Err(DecodeError::Utf8),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_bytes(self.bytes()?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
        match self.flag("option")? {
            false => visitor.visit_none(),
            true => {
                let some = self.nested()?;
                match some.must_check_stack() {
                    true => stack::with_deserializer_room(|| visitor.visit_some(some)),
                    false => visitor.visit_some(some),
                }
            }
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        let within = self.nested()?;
        match within.must_check_stack() {
            true => stack::with_deserializer_room(|| visitor.visit_newtype_struct(within)),
            false => visitor.visit_newtype_struct(within),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(self.counted()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(self.fixed(len)?)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_seq(self.fixed(len)?)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(self.counted()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_seq(self.fixed(fields.len())?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_enum(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
        Err(DecodeError::NotSelfDescribing)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
        Err(DecodeError::NotSelfDescribing)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
        Err(DecodeError::NotSelfDescribing)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The elements of a sequence, map or struct that remain.
struct SeqReader<'a, 'de> {
    reader: Decoder<'a, 'de>,
    left: usize,
    /// Whether the number of elements is in the input. Each element then takes at least
    /// one byte.
    counted: bool,
}

impl<'de> SeqReader<'_, 'de> {
    fn part<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        let before = self.reader.bytes.len();
        let part = self.reader.reborrow().value(seed)?;
        if self.counted && self.reader.bytes.len() == before {
            self.expect_filler()?;
        }
        Ok(part)
    }

    /// Reads the byte that stands for an element without content.
    fn expect_filler(&mut self) -> Result<()> {
        match self.reader.array()? {
            [0] => Ok(()),
            [byte] => Err(DecodeError::Invalid {
                byte,
                expected: "empty element",
            }),
        }
    }

    fn next<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.part(seed).map(Some)
    }

    fn hint(&self) -> usize {
        self.left.min(self.reader.bytes.len())
    }
}

impl<'de> SeqAccess<'de> for SeqReader<'_, 'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        self.next(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.hint())
    }
}

impl<'de> MapAccess<'de> for SeqReader<'_, 'de> {
    type Error = DecodeError;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        self.next(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        self.part(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.hint())
    }
}

impl<'de> EnumAccess<'de> for Decoder<'_, 'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<(T::Value, Self)> {
        let index: u32 = self.number()?;
        let variant =
            seed.deserialize(IntoDeserializer::<DecodeError>::into_deserializer(index))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Decoder<'_, 'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        self.nested()?.value(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(self.fixed(len)?)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_seq(self.fixed(fields.len())?)
    }
}
