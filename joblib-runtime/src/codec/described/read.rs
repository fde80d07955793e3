//! The reader of the encoding that describes itself.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::kind;
use crate::codec::DecodeError;
use crate::codec::decode::Reader;

/// Decodes a description that takes all of `bytes`.
///
/// Never panics, and allocates no more than in proportion to the bytes,
/// whatever they are.
///
/// # Errors
///
/// The bytes are not exactly one value of the type.
pub fn decode_described<T: DeserializeOwned>(mut bytes: &[u8]) -> Result<T, DecodeError> {
    let value = T::deserialize(Described(Reader::new(&mut bytes)))?;
    match bytes.len() {
        0 => Ok(value),
        trailing => Err(DecodeError::Trailing(trailing)),
    }
}

/// Reads one value from the front of the bytes.
struct Described<'a, 'de>(Reader<'a, 'de>);

impl<'a, 'de> Described<'a, 'de> {
    fn kind(&mut self) -> Result<u8, DecodeError> {
        self.0.array().map(|[kind]| kind)
    }

    fn parts(mut self) -> Result<Parts<'a, 'de>, DecodeError> {
        let left = self.0.len()?;
        Ok(Parts {
            reader: self.0.nested()?,
            left,
            is_struct: false,
        })
    }

    fn fields(self) -> Result<Parts<'a, 'de>, DecodeError> {
        Ok(Parts {
            is_struct: true,
            ..self.parts()?
        })
    }

    /// A variant, after its kind.
    fn variant(mut self, is_unit: bool) -> Result<Variant<'a, 'de>, DecodeError> {
        Ok(Variant {
            name: Some(self.0.text()?),
            is_unit,
            reader: self.0.nested()?,
        })
    }
}

fn invalid(byte: u8, expected: &'static str) -> DecodeError {
    DecodeError::Invalid { byte, expected }
}

impl<'de> Deserializer<'de> for Described<'_, 'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.kind()? {
            kind::UNIT => visitor.visit_unit(),
            kind::BOOL => self.0.deserialize_bool(visitor),
            kind::U8 => self.0.deserialize_u8(visitor),
            kind::U16 => self.0.deserialize_u16(visitor),
            kind::U32 => self.0.deserialize_u32(visitor),
            kind::U64 => self.0.deserialize_u64(visitor),
            kind::U128 => self.0.deserialize_u128(visitor),
            kind::I8 => self.0.deserialize_i8(visitor),
            kind::I16 => self.0.deserialize_i16(visitor),
            kind::I32 => self.0.deserialize_i32(visitor),
            kind::I64 => self.0.deserialize_i64(visitor),
            kind::I128 => self.0.deserialize_i128(visitor),
            kind::F32 => self.0.deserialize_f32(visitor),
            kind::F64 => self.0.deserialize_f64(visitor),
            kind::CHAR => self.0.deserialize_char(visitor),
            kind::STR => self.0.deserialize_str(visitor),
            kind::BYTES => self.0.deserialize_bytes(visitor),
            kind::NONE => visitor.visit_none(),
            kind::SOME => visitor.visit_some(Described(self.0.nested()?)),
            kind::SEQ => visitor.visit_seq(self.parts()?),
            kind::MAP => visitor.visit_map(self.parts()?),
            kind::STRUCT => visitor.visit_map(self.fields()?),
            kind::UNIT_VARIANT => self.0.deserialize_str(visitor),
            kind::VARIANT => visitor.visit_map(self.variant(false)?),
            other => Err(invalid(other, "kind of a value")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.kind()? {
            kind::NONE => visitor.visit_none(),
            kind::SOME => visitor.visit_some(Described(self.0.nested()?)),
            other => Err(invalid(other, "option")),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(Described(self.0.nested()?))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self.kind()? {
            kind::UNIT_VARIANT | kind::STR => visitor.visit_enum(self.variant(true)?),
            kind::VARIANT => visitor.visit_enum(self.variant(false)?),
            other => Err(invalid(other, "variant")),
        }
    }

    forward_to_deserialize_any! {
        bool u8 u16 u32 u64 u128 i8 i16 i32 i64 i128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        true
    }
}

/// What is left of a sequence, map or struct.
struct Parts<'a, 'de> {
    reader: Reader<'a, 'de>,
    left: usize,
    is_struct: bool,
}

impl<'de> Parts<'_, 'de> {
    fn is_next(&mut self) -> bool {
        let is_next = self.left > 0;
        self.left -= usize::from(is_next);
        is_next
    }

    fn part<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, DecodeError> {
        seed.deserialize(Described(self.reader.again()))
    }
}

impl<'de> SeqAccess<'de> for Parts<'_, 'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        self.is_next().then(|| self.part(seed)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Parts<'_, 'de> {
    type Error = DecodeError;

    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        if !self.is_next() {
            return Ok(None);
        }
        match self.is_struct {
            true => seed.deserialize(BorrowedStrDeserializer::new(self.reader.text()?)),
            false => self.part(seed),
        }
        .map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        self.part(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// A variant as such, or as a map of one entry to whoever asks for anything.
struct Variant<'a, 'de> {
    name: Option<&'de str>,
    is_unit: bool,
    reader: Reader<'a, 'de>,
}

impl<'de> MapAccess<'de> for Variant<'_, 'de> {
    type Error = DecodeError;

    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let name = self.name.take();
        name.map(|name| seed.deserialize(BorrowedStrDeserializer::new(name)))
            .transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        seed.deserialize(Described(self.reader.again()))
    }
}

impl<'a, 'de> EnumAccess<'de> for Variant<'a, 'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(
        mut self,
        seed: T,
    ) -> Result<(T::Value, Self), DecodeError> {
        let name = self.name.take().unwrap_or_default();
        let variant = seed.deserialize(BorrowedStrDeserializer::<DecodeError>::new(name))?;
        Ok((variant, self))
    }
}

impl<'de> Variant<'_, 'de> {
    fn value(self) -> Result<Self, DecodeError> {
        match self.is_unit {
            true => Err(invalid(kind::UNIT_VARIANT, "variant with a value")),
            false => Ok(self),
        }
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        match self.is_unit {
            true => Ok(()),
            false => Err(invalid(kind::VARIANT, "variant without a value")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        seed.deserialize(Described(self.value()?.reader))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        Described(self.value()?.reader).deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        Described(self.value()?.reader).deserialize_any(visitor)
    }
}
