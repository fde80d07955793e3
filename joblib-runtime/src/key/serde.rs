//! The key of a type that only implements `serde::Serialize`: everything that it
//! serializes, tagged and delimited.
//!
//! The order of hashed maps and sets is ignored, and every other order is significant:
//! two values that a function can distinguish must not share a key, while a hashed map
//! that is not recognized only costs cache hits. A field that `Serialize` skips is not
//! part of the key.

use std::fmt::Display;

use serde::Serialize;
use serde::ser;

use super::{KeyError, KeyHasher, tag};
use crate::compound::serialize_compound;
use crate::unordered;

/// Feeds `value` as its `Serialize` presents it.
///
/// # Errors
///
/// Fails if its `Serialize` fails.
pub fn feed_serde<T: Serialize + ?Sized>(
    value: &T,
    hasher: &mut KeyHasher,
) -> Result<(), KeyError> {
    // A `Mutex` or an atomic implements `Serialize`, and nothing shows whether the value
    // contains one.
    hasher.mark_volatile();
    hasher.write_u8(tag::SERDE);
    value
        .serialize(KeySerializer { hasher })
        .map_err(|NotHashable(reason)| KeyError {
            type_name: std::any::type_name::<T>(),
            reason: format!("its `Serialize` failed: {reason}"),
        })
}

struct KeySerializer<'a> {
    hasher: &'a mut KeyHasher,
}

#[derive(Debug)]
struct NotHashable(String);

impl Display for NotHashable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotHashable {}

impl ser::Error for NotHashable {
    fn custom<T: Display>(message: T) -> Self {
        NotHashable(message.to_string())
    }
}

// The tags of components. They differ from the tags of primitives, so the end of a
// sequence is never mistaken for an element.
const SOME: u8 = 0x81;
const NONE: u8 = 0x82;
const NEWTYPE: u8 = 0x83;
const VARIANT: u8 = 0x84;
const SEQUENCE: u8 = 0x85;
const MAP: u8 = 0x86;
const STRUCT: u8 = 0x87;
const FIELD: u8 = 0x88;
const BYTES: u8 = 0x89;
const ORDERED_MAP: u8 = 0x8a;
const SET: u8 = 0x8b;
const END: u8 = 0x8f;

macro_rules! numbers {
    ($($method:ident: $ty:ty = $tag:ident),* $(,)?) => {
        $(fn $method(self, value: $ty) -> Result<(), NotHashable> {
            self.hasher.write_u8(tag::$tag);
            self.hasher.write(&value.to_le_bytes());
            Ok(())
        })*
    };
}

impl ser::Serializer for KeySerializer<'_> {
    type Ok = ();
    type Error = NotHashable;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers! {
        serialize_i8: i8 = I8, serialize_i16: i16 = I16, serialize_i32: i32 = I32, serialize_i64: i64 = I64,
        serialize_i128: i128 = I128, serialize_u8: u8 = U8, serialize_u16: u16 = U16, serialize_u32: u32 = U32,
        serialize_u64: u64 = U64, serialize_u128: u128 = U128, serialize_f32: f32 = F32, serialize_f64: f64 = F64,
    }

    fn serialize_bool(self, value: bool) -> Result<(), NotHashable> {
        self.hasher.write(&[tag::BOOL, u8::from(value)]);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), NotHashable> {
        self.hasher.write_u8(tag::CHAR);
        self.hasher.write(&u32::from(value).to_le_bytes());
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), NotHashable> {
        self.hasher.write_u8(tag::STR);
        self.hasher.write_bytes(value.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), NotHashable> {
        self.hasher.write_u8(BYTES);
        self.hasher.write_bytes(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), NotHashable> {
        self.hasher.write_u8(NONE);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NotHashable> {
        self.hasher.write_u8(SOME);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), NotHashable> {
        self.hasher.write_u8(tag::UNIT);
        Ok(())
    }

    fn serialize_unit_struct(mut self, name: &'static str) -> Result<(), NotHashable> {
        self.named(STRUCT, name);
        self.hasher.write_u8(END);
        Ok(())
    }

    fn serialize_unit_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<(), NotHashable> {
        self.variant(name, index, variant);
        self.hasher.write_u8(END);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NotHashable> {
        self.named(NEWTYPE, name);
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), NotHashable> {
        self.variant(name, index, variant);
        self.hasher.write_u8(NEWTYPE);
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, NotHashable> {
        self.hasher.write_u8(SEQUENCE);
        Ok(self)
    }

    fn serialize_tuple(self, len: usize) -> Result<Self, NotHashable> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(mut self, name: &'static str, _: usize) -> Result<Self, NotHashable> {
        self.named(STRUCT, name);
        Ok(self)
    }

    fn serialize_tuple_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self, NotHashable> {
        self.variant(name, index, variant);
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, NotHashable> {
        self.hasher.write_u8(ORDERED_MAP);
        Ok(self)
    }

    fn collect_map<K, V, I>(self, entries: I) -> Result<(), NotHashable>
    where
        K: Serialize,
        V: Serialize,
        I: IntoIterator<Item = (K, V)>,
    {
        if unordered::is_hashed::<I>() || unordered::is_sorted::<I>() {
            return self.unordered(MAP, entries, |(key, value), mut parts| {
                parts.part(&key)?;
                parts.part(&value)
            });
        }
        let mut parts = self.serialize_map(None)?;
        for (key, value) in entries {
            parts.part(&key)?;
            parts.part(&value)?;
        }
        parts.close()
    }

    fn collect_seq<I>(self, elements: I) -> Result<(), NotHashable>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        if unordered::is_hashed::<I>() {
            return self.unordered(SET, elements, |element, mut parts| parts.part(&element));
        }
        let mut parts = self.serialize_seq(None)?;
        for element in elements {
            parts.part(&element)?;
        }
        parts.close()
    }

    fn serialize_struct(mut self, name: &'static str, _: usize) -> Result<Self, NotHashable> {
        self.named(STRUCT, name);
        Ok(self)
    }

    fn serialize_struct_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self, NotHashable> {
        self.variant(name, index, variant);
        Ok(self)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

impl KeySerializer<'_> {
    /// Feeds the number of elements, then their hashes in ascending order.
    fn unordered<I: IntoIterator>(
        self,
        what: u8,
        all: I,
        feed: impl Fn(I::Item, KeySerializer<'_>) -> Result<(), NotHashable>,
    ) -> Result<(), NotHashable> {
        let mut hashes = Vec::new();
        for one in all {
            let mut hasher = KeyHasher::new();
            feed(
                one,
                KeySerializer {
                    hasher: &mut hasher,
                },
            )?;
            hashes.push(hasher.finish());
        }
        hashes.sort_unstable();
        self.hasher.write_u8(what);
        self.hasher.write_len(hashes.len());
        for hash in &hashes {
            self.hasher.write(&hash.to_le_bytes());
        }
        Ok(())
    }

    fn named(&mut self, what: u8, name: &str) {
        self.hasher.write_u8(what);
        self.hasher.write_bytes(name.as_bytes());
    }

    fn variant(&mut self, name: &str, index: u32, variant: &str) {
        self.named(VARIANT, name);
        self.hasher.write(&index.to_le_bytes());
        self.hasher.write_bytes(variant.as_bytes());
    }

    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotHashable> {
        value.serialize(KeySerializer {
            hasher: self.hasher,
        })
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), NotHashable> {
        self.hasher.write_u8(FIELD);
        self.hasher.write_bytes(name.as_bytes());
        self.part(value)
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NotHashable> {
        self.part(key)
    }

    fn close(self) -> Result<(), NotHashable> {
        self.hasher.write_u8(END);
        Ok(())
    }
}

serialize_compound!(KeySerializer<'_>, NotHashable);
