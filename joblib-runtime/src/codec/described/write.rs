//! The encoder of the self-describing encoding.

use serde::{Serialize, Serializer};

use super::kind;
use crate::codec::encode::{Encoder, Result};
use crate::codec::encode_buffer::{BorrowedBuffer, EncodeBuffer};
use crate::codec::seq_serializer::known;
use crate::codec::{EncodeError, MAX_DEPTH, ShapeObserver, must_check_stack, varint};
use crate::compound::serialize_compound;
use crate::{stack, unordered};

/// The purpose of an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be decoded later. Types use their human-readable form.
    Keep,
    /// To be decoded later. Types use their compact form.
    Exact,
    /// To be compared with the encoding of another value: equal values have equal bytes.
    Compare,
    /// Like `Compare`, and the order of maps and sequences is ignored.
    CompareUnordered,
}

/// Appends the self-describing encoding of `value` to `out`.
///
/// # Errors
///
/// Fails if the value's `Serialize` fails, or if it is nested too deeply. `out` is then
/// unchanged.
pub fn describe<T: Serialize + ?Sized>(
    value: &T,
    purpose: Purpose,
    out: &mut Vec<u8>,
) -> Result<()> {
    describe_deep(value, purpose, MAX_DEPTH, out)
}

/// Encodes like [`describe`], with a nesting of at most `most` levels.
pub(in crate::codec) fn describe_deep<T: Serialize + ?Sized>(
    value: &T,
    purpose: Purpose,
    most: usize,
    out: &mut Vec<u8>,
) -> Result<()> {
    write(|describer| value.serialize(describer), purpose, most, out)
}

/// Encodes like [`describe`], with the function `serialize`.
///
/// # Errors
///
/// As for [`describe`].
pub fn describe_with(
    serialize: impl FnOnce(DescribedWriter<'_>) -> Result<()>,
    purpose: Purpose,
    out: &mut Vec<u8>,
) -> Result<()> {
    write(serialize, purpose, MAX_DEPTH, out)
}

fn write(
    serialize: impl FnOnce(DescribedWriter<'_>) -> Result<()>,
    purpose: Purpose,
    most: usize,
    out: &mut Vec<u8>,
) -> Result<()> {
    let start = out.len();
    let mut watch = ShapeObserver::default();
    let mut borrowed = BorrowedBuffer::new(&mut watch, out);
    let written = serialize(DescribedWriter {
        buffer: &mut borrowed.buffer,
        levels_left: most,
        purpose,
    });
    written.inspect_err(|_| borrowed.buffer.out.truncate(start))
}

/// Encodes one value.
#[derive(Debug)]
pub struct DescribedWriter<'a> {
    buffer: &'a mut EncodeBuffer,
    /// How many more levels of nesting are allowed.
    levels_left: usize,
    purpose: Purpose,
}

impl<'a> DescribedWriter<'a> {
    /// Writes the kind, and returns the encoder for the value itself.
    fn plain(self, kind: u8) -> Encoder<'a> {
        self.buffer.out.push(kind);
        Encoder {
            buffer: self.buffer,
            levels_left: self.levels_left,
        }
    }

    fn kind(&mut self, kind: u8) {
        self.buffer.out.push(kind);
    }

    fn name(&mut self, name: &str) {
        varint::write(name.len() as u64, &mut self.buffer.out);
        self.buffer.out.extend_from_slice(name.as_bytes());
    }

    fn variant(&mut self, kind: u8, name: &str) {
        self.kind(kind);
        self.name(name);
    }

    fn nested(self) -> Result<Self> {
        let Some(levels_left) = self.levels_left.checked_sub(1) else {
            return Err(EncodeError::TooDeep);
        };
        Ok(DescribedWriter {
            levels_left,
            ..self
        })
    }

    /// Serializes a value at this level.
    fn value<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        match must_check_stack(self.levels_left) {
            true => stack::with_deserializer_room(|| value.serialize(self)),
            false => value.serialize(self),
        }
    }

    /// Begins elements whose number is `announced` by their `Serialize`.
    fn parts(mut self, kind: u8, announced: Option<usize>) -> Result<PartsWriter<'a>> {
        self.kind(kind);
        let announced = announced.unwrap_or_default() as u64;
        let count = self.buffer.out.len();
        varint::write(announced, &mut self.buffer.out);
        let start = self.buffer.out.len();
        let is_unordered = kind != kind::STRUCT && self.purpose == Purpose::CompareUnordered;
        Ok(PartsWriter {
            within: self.nested()?,
            count,
            start,
            announced,
            found: 0,
            sorted: is_unordered.then(Vec::new),
        })
    }

    /// Begins elements whose order is significant.
    fn ordered(self, kind: u8, announced: usize) -> Result<PartsWriter<'a>> {
        Ok(PartsWriter {
            sorted: None,
            ..self.parts(kind, Some(announced))?
        })
    }
}

macro_rules! scalars {
    ($($method:ident($ty:ty) = $kind:ident;)*) => {$(
        fn $method(self, value: $ty) -> Result<()> {
            self.plain(kind::$kind).$method(value)
        }
    )*};
}

impl<'a> Serializer for DescribedWriter<'a> {
    type Ok = ();
    type Error = EncodeError;
    type SerializeSeq = PartsWriter<'a>;
    type SerializeTuple = PartsWriter<'a>;
    type SerializeTupleStruct = PartsWriter<'a>;
    type SerializeTupleVariant = PartsWriter<'a>;
    type SerializeMap = PartsWriter<'a>;
    type SerializeStruct = PartsWriter<'a>;
    type SerializeStructVariant = PartsWriter<'a>;

    scalars! {
        serialize_bool(bool) = BOOL;
        serialize_u8(u8) = U8;
        serialize_u16(u16) = U16;
        serialize_u32(u32) = U32;
        serialize_u64(u64) = U64;
        serialize_u128(u128) = U128;
        serialize_i8(i8) = I8;
        serialize_i16(i16) = I16;
        serialize_i32(i32) = I32;
        serialize_i64(i64) = I64;
        serialize_i128(i128) = I128;
        serialize_f32(f32) = F32;
        serialize_f64(f64) = F64;
        serialize_char(char) = CHAR;
        serialize_str(&str) = STR;
        serialize_bytes(&[u8]) = BYTES;
    }

    fn serialize_none(mut self) -> Result<()> {
        self.kind(kind::NONE);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(mut self, value: &T) -> Result<()> {
        self.kind(kind::SOME);
        self.nested()?.value(value)
    }

    fn serialize_unit(mut self) -> Result<()> {
        self.kind(kind::UNIT);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(mut self, _: &'static str, _: u32, name: &'static str) -> Result<()> {
        self.variant(kind::UNIT_VARIANT, name);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        self.nested()?.value(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(kind::VARIANT, name);
        self.nested()?.value(value)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<PartsWriter<'a>> {
        self.parts(kind::SEQ, len)
    }

    fn serialize_tuple(self, len: usize) -> Result<PartsWriter<'a>> {
        self.ordered(kind::SEQ, len)
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<PartsWriter<'a>> {
        self.ordered(kind::SEQ, len)
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        name: &'static str,
        len: usize,
    ) -> Result<PartsWriter<'a>> {
        self.variant(kind::VARIANT, name);
        self.ordered(kind::SEQ, len)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<PartsWriter<'a>> {
        self.parts(kind::MAP, len)
    }

    fn collect_seq<I>(self, elements: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let mut elements = elements.into_iter();
        let mut parts = self.parts(kind::SEQ, known(elements.size_hint()))?;
        parts.sort_if(unordered::is_hashed::<I>());
        elements.try_for_each(|element| parts.part(&element))?;
        parts.close()
    }

    fn collect_map<K, V, I>(self, entries: I) -> Result<()>
    where
        K: Serialize,
        V: Serialize,
        I: IntoIterator<Item = (K, V)>,
    {
        let mut entries = entries.into_iter();
        let mut parts = self.parts(kind::MAP, known(entries.size_hint()))?;
        parts.sort_if(unordered::is_hashed::<I>());
        entries.try_for_each(|(key, value)| parts.entry(&key, &value))?;
        parts.close()
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<PartsWriter<'a>> {
        self.parts(kind::STRUCT, Some(len))
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        name: &'static str,
        len: usize,
    ) -> Result<PartsWriter<'a>> {
        self.variant(kind::VARIANT, name);
        self.parts(kind::STRUCT, Some(len))
    }

    fn is_human_readable(&self) -> bool {
        self.purpose == Purpose::Keep
    }
}

/// Writes elements, with their number before them.
#[derive(Debug)]
pub struct PartsWriter<'a> {
    within: DescribedWriter<'a>,
    /// The offset of the number of elements.
    count: usize,
    /// The offset of the first element.
    start: usize,
    /// The number of elements that is written at `count`.
    announced: u64,
    found: u64,
    /// The encoded elements, if their order is not significant.
    sorted: Option<Vec<Vec<u8>>>,
}

impl PartsWriter<'_> {
    fn sort_if(&mut self, is_unordered: bool) {
        if is_unordered {
            self.sorted.get_or_insert_default();
        }
    }

    fn key<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let describer = DescribedWriter {
            buffer: self.within.buffer,
            levels_left: self.within.levels_left,
            purpose: self.within.purpose,
        };
        describer.value(value)
    }

    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.key(value)?;
        self.end_part();
        Ok(())
    }

    fn entry(
        &mut self,
        key: &(impl Serialize + ?Sized),
        value: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        self.key(key)?;
        self.part(value)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()> {
        self.within.name(name);
        self.part(value)
    }

    fn end_part(&mut self) {
        self.found += 1;
        if let Some(sorted) = &mut self.sorted {
            sorted.push(self.within.buffer.out.split_off(self.start));
        }
    }

    fn close(self) -> Result<()> {
        let out = &mut self.within.buffer.out;
        if let Some(mut parts) = self.sorted {
            parts.sort_unstable();
            out.extend(parts.into_iter().flatten());
        }
        if self.found != self.announced {
            let mut count = Vec::new();
            varint::write(self.found, &mut count);
            out.splice(self.count..self.start, count);
        }
        Ok(())
    }
}

serialize_compound!(PartsWriter<'_>, EncodeError);
