//! Decodes the contents of compound values: elements, entries, fields and variants.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};

use super::DescribedReader;
use crate::codec::DecodeError;
use crate::codec::decode::{Decoder, Result};
use crate::codec::described::kind;

/// The elements of a sequence, map or struct that remain.
pub(super) struct DescribedParts<'a, 'de> {
    pub(super) within: DescribedReader<'a, 'de>,
    pub(super) left: usize,
    pub(super) is_struct: bool,
    /// The remaining input at the key of the value that is being decoded.
    pub(super) key: &'de [u8],
}

impl<'de> DescribedParts<'_, 'de> {
    pub(super) fn seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
        let value = visitor.visit_seq(&mut self)?;
        self.end().map(|()| value)
    }

    pub(super) fn map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
        let value = visitor.visit_map(&mut self)?;
        self.end().map(|()| value)
    }

    /// Returns the name of the field or entry that is being decoded.
    fn name(&self) -> Result<&'de str> {
        let mut rest = self.key;
        let mut key = Decoder::new(&mut rest, 0);
        if !self.is_struct && key.array()? != [kind::STR] {
            return Ok("");
        }
        key.text()
    }

    /// Fails if the type did not consume all elements: the next value would be decoded
    /// from what remains.
    fn end(&self) -> Result<()> {
        match self.left {
            0 => Ok(()),
            left => Err(DecodeError::custom(format!(
                "the value has {left} more elements than the type"
            ))),
        }
    }

    fn is_next(&mut self) -> bool {
        let is_next = self.left > 0;
        self.left -= usize::from(is_next);
        is_next
    }

    fn part<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        self.within.reborrow().value(seed)
    }
}

impl<'de> SeqAccess<'de> for DescribedParts<'_, 'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        self.is_next().then(|| self.part(seed)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for DescribedParts<'_, 'de> {
    type Error = DecodeError;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if !self.is_next() {
            return Ok(None);
        }
        self.key = self.within.reader.rest();
        match self.is_struct {
            true => seed.deserialize(BorrowedStrDeserializer::new(self.within.reader.text()?)),
            false => self.within.reborrow().key().value(seed),
        }
        .map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        self.part(seed).map_err(|error| match self.name() {
            Ok(name) => error.within(name),
            Err(_) => error,
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// A variant. A type that accepts anything sees it as a map with one entry.
pub(super) struct DescribedVariant<'a, 'de> {
    pub(super) name: Option<&'de str>,
    pub(super) is_unit: bool,
    pub(super) within: DescribedReader<'a, 'de>,
}

impl<'de> MapAccess<'de> for DescribedVariant<'_, 'de> {
    type Error = DecodeError;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let name = self.name.take();
        name.map(|name| seed.deserialize(BorrowedStrDeserializer::new(name)))
            .transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        self.within.reborrow().value(seed)
    }
}

impl<'a, 'de> EnumAccess<'de> for DescribedVariant<'a, 'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<(T::Value, Self)> {
        let name = self.name.take().unwrap_or_default();
        let variant = seed.deserialize(BorrowedStrDeserializer::<DecodeError>::new(name))?;
        Ok((variant, self))
    }
}

impl<'a, 'de> DescribedVariant<'a, 'de> {
    fn value(self, expected: &str) -> Result<DescribedReader<'a, 'de>> {
        match self.is_unit {
            true => Err(DecodeError::invalid_type(
                Unexpected::UnitVariant,
                &expected,
            )),
            false => Ok(self.within),
        }
    }
}

impl<'de> VariantAccess<'de> for DescribedVariant<'_, 'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<()> {
        match self.is_unit {
            true => Ok(()),
            false => Deserialize::deserialize(self.within),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        self.value("newtype variant")?.value(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.value("tuple variant")?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.value("struct variant")?.deserialize_any(visitor)
    }
}
