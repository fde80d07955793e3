//! The key of a type that has only `serde::Serialize`: what it describes of
//! itself, every part tagged and delimited.
//!
//! Maps count without their order. Sets do not, because serde shows a set as
//! the sequence it iterates over: a `HashSet` inside such a type makes keys
//! that differ from run to run, which costs hits. `#[derive(Key)]` knows sets.
//! A field that its `Serialize` leaves out is not part of the key.

use std::fmt::Display;

use serde::Serialize;
use serde::ser;

use super::{KeyHasher, Uncacheable, tag};

/// Feeds `value` as its `Serialize` describes it.
///
/// # Errors
///
/// Its `Serialize` fails.
pub fn feed_serde<T: Serialize + ?Sized>(
    value: &T,
    hasher: &mut KeyHasher,
) -> Result<(), Uncacheable> {
    hasher.write_u8(tag::SERDE);
    value
        .serialize(Feed { hasher })
        .map_err(|Failure(reason)| Uncacheable {
            type_name: std::any::type_name::<T>(),
            reason: format!("its `Serialize` failed: {reason}"),
        })
}

struct Feed<'a> {
    hasher: &'a mut KeyHasher,
}

#[derive(Debug)]
struct Failure(String);

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl ser::Error for Failure {
    fn custom<T: Display>(message: T) -> Self {
        Failure(message.to_string())
    }
}

// What follows each part of a value. They share no value with the tags of
// primitives, so the end of a sequence is never taken for an element.
const SOME: u8 = 0x81;
const NONE: u8 = 0x82;
const NEWTYPE: u8 = 0x83;
const VARIANT: u8 = 0x84;
const SEQUENCE: u8 = 0x85;
const MAP: u8 = 0x86;
const STRUCT: u8 = 0x87;
const FIELD: u8 = 0x88;
const BYTES: u8 = 0x89;
const END: u8 = 0x8f;

macro_rules! numbers {
    ($($method:ident: $ty:ty = $tag:ident),* $(,)?) => {
        $(fn $method(self, value: $ty) -> Result<(), Failure> {
            self.hasher.write_u8(tag::$tag);
            self.hasher.write(&value.to_le_bytes());
            Ok(())
        })*
    };
}

impl<'a> ser::Serializer for Feed<'a> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    numbers! {
        serialize_i8: i8 = I8, serialize_i16: i16 = I16, serialize_i32: i32 = I32, serialize_i64: i64 = I64,
        serialize_i128: i128 = I128, serialize_u8: u8 = U8, serialize_u16: u16 = U16, serialize_u32: u32 = U32,
        serialize_u64: u64 = U64, serialize_u128: u128 = U128, serialize_f32: f32 = F32, serialize_f64: f64 = F64,
    }

    fn serialize_bool(self, value: bool) -> Result<(), Failure> {
        self.hasher.write(&[tag::BOOL, u8::from(value)]);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Failure> {
        self.hasher.write_u8(tag::CHAR);
        self.hasher.write(&u32::from(value).to_le_bytes());
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Failure> {
        self.hasher.write_u8(tag::STR);
        self.hasher.write_bytes(value.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Failure> {
        self.hasher.write_u8(BYTES);
        self.hasher.write_bytes(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Failure> {
        self.hasher.write_u8(NONE);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failure> {
        self.hasher.write_u8(SOME);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Failure> {
        self.hasher.write_u8(tag::UNIT);
        Ok(())
    }

    fn serialize_unit_struct(mut self, name: &'static str) -> Result<(), Failure> {
        self.named(STRUCT, name);
        self.hasher.write_u8(END);
        Ok(())
    }

    fn serialize_unit_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<(), Failure> {
        self.variant(name, index, variant);
        self.hasher.write_u8(END);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        self.named(NEWTYPE, name);
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        self.variant(name, index, variant);
        self.hasher.write_u8(NEWTYPE);
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, Failure> {
        self.hasher.write_u8(SEQUENCE);
        Ok(Parts {
            hasher: self.hasher,
        })
    }

    fn serialize_tuple(self, len: usize) -> Result<Parts<'a>, Failure> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(
        mut self,
        name: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, Failure> {
        self.named(STRUCT, name);
        Ok(Parts {
            hasher: self.hasher,
        })
    }

    fn serialize_tuple_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, Failure> {
        self.variant(name, index, variant);
        Ok(Parts {
            hasher: self.hasher,
        })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'a>, Failure> {
        self.hasher.write_u8(MAP);
        Ok(Entries {
            hasher: self.hasher,
            entries: Vec::new(),
            key: KeyHasher::new(),
        })
    }

    fn serialize_struct(mut self, name: &'static str, _: usize) -> Result<Parts<'a>, Failure> {
        self.named(STRUCT, name);
        Ok(Parts {
            hasher: self.hasher,
        })
    }

    fn serialize_struct_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, Failure> {
        self.variant(name, index, variant);
        Ok(Parts {
            hasher: self.hasher,
        })
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

impl Feed<'_> {
    fn named(&mut self, what: u8, name: &str) {
        self.hasher.write_u8(what);
        self.hasher.write_bytes(name.as_bytes());
    }

    fn variant(&mut self, name: &str, index: u32, variant: &str) {
        self.named(VARIANT, name);
        self.hasher.write(&index.to_le_bytes());
        self.hasher.write_bytes(variant.as_bytes());
    }
}

/// The parts of a value, in order.
struct Parts<'a> {
    hasher: &'a mut KeyHasher,
}

impl Parts<'_> {
    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        value.serialize(Feed {
            hasher: self.hasher,
        })
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Failure> {
        self.hasher.write_u8(FIELD);
        self.hasher.write_bytes(name.as_bytes());
        self.part(value)
    }

    fn finish(self) -> Result<(), Failure> {
        self.hasher.write_u8(END);
        Ok(())
    }
}

macro_rules! parts {
    ($($trait:ident $method:ident $($name:ident)?),* $(,)?) => {
        $(impl ser::$trait for Parts<'_> {
            type Ok = ();
            type Error = Failure;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: &'static str,)?
                value: &T,
            ) -> Result<(), Failure> {
                parts!(@part self $($name)?, value)
            }

            fn end(self) -> Result<(), Failure> {
                self.finish()
            }
        })*
    };
    (@part $self:ident, $value:ident) => { $self.part($value) };
    (@part $self:ident $name:ident, $value:ident) => { $self.field($name, $value) };
}

parts! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
    SerializeStruct serialize_field name,
    SerializeStructVariant serialize_field name,
}

/// The entries of a map, hashed one by one so that their order does not count.
struct Entries<'a> {
    hasher: &'a mut KeyHasher,
    entries: Vec<u128>,
    key: KeyHasher,
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        self.key = KeyHasher::new();
        key.serialize(Feed {
            hasher: &mut self.key,
        })
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        value.serialize(Feed {
            hasher: &mut self.key,
        })?;
        self.entries.push(self.key.finish());
        Ok(())
    }

    fn end(mut self) -> Result<(), Failure> {
        self.entries.sort_unstable();
        self.hasher.write_len(self.entries.len());
        for entry in &self.entries {
            self.hasher.write(&entry.to_le_bytes());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;

    fn key<T: Serialize>(value: &T) -> u128 {
        let mut hasher = KeyHasher::new();
        feed_serde(value, &mut hasher).unwrap();
        hasher.finish()
    }

    #[derive(Serialize)]
    struct Settings {
        rates: HashMap<String, f64>,
        depth: Option<u32>,
    }

    fn settings(names: impl Iterator<Item = u32>) -> Settings {
        let rates = names.map(|n| (n.to_string(), f64::from(n))).collect();
        Settings { rates, depth: None }
    }

    #[test]
    fn order_of_a_map_does_not_count() {
        assert_eq!(key(&settings(0..100)), key(&settings((0..100).rev())));
        assert_ne!(key(&settings(0..100)), key(&settings(0..99)));
    }

    #[test]
    fn where_parts_end_counts() {
        assert_ne!(
            key(&(vec![1u8, 2], vec![3u8])),
            key(&(vec![1u8], vec![2u8, 3]))
        );
        assert_ne!(key(&("ab", "c")), key(&("a", "bc")));
        assert_ne!(key(&Some(1u8)), key(&1u8));
        assert_ne!(key(&1u32), key(&1u64));
        assert_ne!(key(&0.0f64), key(&-0.0f64));
    }

    #[test]
    fn what_cannot_be_serialized_names_its_type() {
        #[derive(Debug)]
        struct Broken;
        impl Serialize for Broken {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(ser::Error::custom("it is broken"))
            }
        }
        let error = feed_serde(&BTreeMap::from([(1, Broken)]), &mut KeyHasher::new()).unwrap_err();
        assert!(error.to_string().contains("Broken"), "{error}");
        assert!(error.to_string().contains("it is broken"), "{error}");
    }
}
