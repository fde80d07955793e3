//! A value as bytes within something that has a type and checksums already:
//! the end of the small part, the small part, and the arrays, each aligned as
//! in a file.

use std::mem::MaybeUninit;

use super::block::ReadAt;
use super::error::{Error, ErrorKind};
use super::file::InMemory;
use super::form::{Encoding, Form, gap};
use super::kept::{self, Owner};
use super::layout::ALIGNMENT;
use super::number::Kind;
use super::reader::Reader;
use super::save::{Persist, Save};
use super::schema::Schema;
use super::source::Source;
use super::writer::{Array, Data, Writer};

/// What says where the small part ends.
const PREFIX: usize = 8;

/// Set where the small part has parts that serde describes, with descriptions.
/// Without it, they are as in files of version 1.
const DESCRIBED: u64 = 1 << 63;

/// Set where rows of numbers are one array, and maps and sets are in the order of
/// their keys. Without it, they are one after another, and in the order of their
/// encodings, as in files of version 1.
const LATER: u64 = 1 << 62;

/// Set where structs of numbers are arrays of records. Without it, they are one after
/// another, as in files of version 1.
const RECORDS: u64 = 1 << 61;

/// Appends `value` to `out`. Arrays are aligned if the end of `out` is.
///
/// # Errors
///
/// The value cannot be written; `out` is then as it was.
pub(crate) fn encode<T: Save + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), Error> {
    let start = out.len();
    let encoded = append(value, start, out);
    encoded.inspect_err(|_| out.truncate(start))
}

fn append<T: Save + ?Sized>(value: &T, start: usize, out: &mut Vec<u8>) -> Result<(), Error> {
    out.extend_from_slice(&[0; PREFIX]);
    let mut writer = Writer::appending(std::mem::take(out), start + PREFIX);
    let saved = value.save(&mut writer);
    let described = if writer.has_serde() { DESCRIBED } else { 0 };
    let later = if writer.has_later() { LATER } else { 0 };
    let records = if writer.has_records() { RECORDS } else { 0 };
    let (small, arrays) = writer.finish()?;
    *out = small;
    saved?;
    let end = (out.len() - start) as u64 | described | later | records;
    out[start..start + PREFIX].copy_from_slice(&end.to_le_bytes());
    arrays.each(|array| {
        let position = (out.len() - start) as u64;
        out.resize(out.len() + gap(position, ALIGNMENT as usize), 0);
        match array.data {
            Data::Lent(bytes) => out.extend_from_slice(bytes),
            Data::Owned(bytes) => out.extend_from_slice(&bytes),
            Data::Strided(strided) => strided.write(&mut |piece| {
                out.extend_from_slice(piece);
                Ok(())
            })?,
        }
        Ok(())
    })
}

/// Whether values of the type have parts that serde describes.
pub(crate) fn has_serde<T: Save + ?Sized>() -> bool {
    Schema::of::<T>().has_serde()
}

/// The bytes of an array: where they lie, or by themselves.
pub(crate) enum Bytes<'v> {
    Lent(&'v [u8]),
    Owned(Vec<u8>),
}

/// The small part of `value`, and its arrays, for another process of the
/// program.
///
/// # Errors
///
/// The value cannot be written.
pub(crate) fn parts<T: Save + ?Sized>(value: &T) -> Result<(Vec<u8>, Vec<Bytes<'_>>), Error> {
    let mut writer = Writer::travelling();
    value.save(&mut writer)?;
    let (small, arrays) = writer.finish()?;
    let arrays = arrays
        .released()?
        .into_iter()
        .map(bytes)
        .collect::<Result<_, Error>>()?;
    Ok((small, arrays))
}

fn bytes(array: Array<'_>) -> Result<Bytes<'_>, Error> {
    match array.data {
        Data::Lent(bytes) => Ok(Bytes::Lent(bytes)),
        data => data.into_owned().map(Bytes::Owned),
    }
}

/// Arrays one after another.
pub(crate) trait Sequence {
    /// Whether the next one may be so many bytes.
    fn has(&self, kind: Kind, len: u64) -> bool;

    /// Fills `out` with all bytes of the next one, and does so whole or fails.
    fn fill(&mut self, out: &mut [MaybeUninit<u8>]) -> Result<(), Error>;

    /// The `len` bytes of the next one, where they stay: see
    /// [`kept`](super::kept). It is still the next one if there is nothing.
    fn keep(&mut self, _len: usize) -> Result<Option<(*const u8, Owner)>, Error> {
        Ok(None)
    }
}

/// The value of which `small` is the small part, from [`parts`].
///
/// # Errors
///
/// They are no such value.
pub(crate) fn from_parts<T: Persist>(small: &[u8], arrays: &mut dyn Sequence) -> Result<T, Error> {
    let mut source = InOrder(arrays);
    let mut reader = Reader::lent(small, Form::File, &mut source).travelling();
    let value = reader.with_room::<T, _>(T::load)?;
    reader.end()?;
    Ok(value)
}

/// The value that `bytes` are, all of them.
///
/// # Errors
///
/// They are no such value.
pub(crate) fn decode<T: Persist>(bytes: &[u8]) -> Result<T, Error> {
    let prefix = bytes.first_chunk::<PREFIX>().ok_or(ErrorKind::Truncated)?;
    let end = u64::from_le_bytes(*prefix);
    let flags = end & (DESCRIBED | LATER | RECORDS);
    let end = usize::try_from(end & !flags).unwrap_or(usize::MAX);
    let small = bytes.get(PREFIX..end).ok_or(ErrorKind::Truncated)?;
    let mut arrays = Arrays { bytes, end };
    let value = small_part(small, flags, &mut arrays)?;
    match arrays.end == bytes.len() {
        true => Ok(value),
        false => Err(Error::small("bytes follow the last array")),
    }
}

/// Whether what was encoded has parts that had another form before.
#[cfg(feature = "fuzz")]
pub(crate) fn is_later(bytes: &[u8]) -> bool {
    let prefix = bytes.first_chunk::<PREFIX>();
    prefix.is_some_and(|prefix| u64::from_le_bytes(*prefix) & LATER != 0)
}

/// The same of arrays of records.
#[cfg(feature = "fuzz")]
pub(crate) fn has_records(bytes: &[u8]) -> bool {
    let prefix = bytes.first_chunk::<PREFIX>();
    prefix.is_some_and(|prefix| u64::from_le_bytes(*prefix) & RECORDS != 0)
}

fn small_part<T: Persist>(small: &[u8], flags: u64, arrays: &mut dyn Sequence) -> Result<T, Error> {
    let mut source = InOrder(arrays);
    let (is_described, is_later) = (flags & DESCRIBED != 0, flags & LATER != 0);
    let encoding = match is_described {
        true => Encoding::Described,
        false => Encoding::Compact,
    };
    let reader = Reader::lent(small, Form::File, &mut source);
    let has_records = flags & RECORDS != 0;
    let reader = reader.with_encoding(encoding).older(!is_later);
    let mut reader = reader.apart(!has_records);
    let value = reader.with_room::<T, _>(T::load)?;
    reader.end()?;
    if is_described && !reader.has_serde() {
        return Err(Error::small("nothing in it has a description"));
    }
    if has_records && !reader.has_records() {
        return Err(Error::small("nothing in it is a record"));
    }
    match is_later && !reader.has_later() {
        true => Err(Error::small("nothing in it is of a later form")),
        false => Ok(value),
    }
}

/// The arrays, which are read one after another.
struct Arrays<'b> {
    bytes: &'b [u8],
    /// The end of the last one that was read.
    end: usize,
}

impl Sequence for Arrays<'_> {
    fn has(&self, _: Kind, len: u64) -> bool {
        len <= (self.bytes.len() - self.end) as u64
    }

    fn fill(&mut self, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        let start = self.start()?;
        InMemory(self.bytes).read(start as u64, out)?;
        self.end = start + out.len();
        Ok(())
    }

    fn keep(&mut self, len: usize) -> Result<Option<(*const u8, Owner)>, Error> {
        let Some(owner) = kept::owner() else {
            return Ok(None);
        };
        let start = self.start()?;
        let bytes = self.bytes.get(start..).and_then(|rest| rest.get(..len));
        let bytes = bytes.ok_or(ErrorKind::Truncated)?;
        // Within a log, payloads start anywhere.
        if !bytes.as_ptr().cast::<u128>().is_aligned() {
            return Ok(None);
        }
        self.end = start + len;
        Ok(Some((bytes.as_ptr(), owner)))
    }
}

impl Arrays<'_> {
    /// Where the next one starts.
    fn start(&self) -> Result<usize, Error> {
        let start = self.end + gap(self.end as u64, ALIGNMENT as usize);
        let is_empty = |gap: &[u8]| gap.iter().all(|byte| *byte == 0);
        match self.bytes.get(self.end..start).is_some_and(is_empty) {
            true => Ok(start),
            false => Err(Error::small("a gap before an array is not empty")),
        }
    }
}

/// A sequence as a reader asks for it: always for the next one.
struct InOrder<'a>(&'a mut dyn Sequence);

impl Source for InOrder<'_> {
    fn more(&mut self, _: &mut Vec<u8>) -> Result<(), Error> {
        Err(ErrorKind::Truncated.into())
    }

    fn is_segment(&mut self, _: u64, kind: Kind, len: u64) -> bool {
        self.0.has(kind, len)
    }

    fn has(&self, _: u64) -> bool {
        false
    }

    fn fill(&mut self, _: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        self.0.fill(out)
    }

    fn offset(&self, _: u64) -> Result<usize, &'static str> {
        Err("it is part of something else")
    }

    fn keep(&mut self, _: u64, len: usize) -> Result<Option<(*const u8, Owner)>, Error> {
        self.0.keep(len)
    }
}

#[cfg(test)]
mod tests {
    use super::super::derived::{Apart, Schemas, Viewer};
    use super::super::mode::Mode;
    use super::super::writer::Check;
    use super::*;

    /// What serde describes.
    #[derive(Debug, PartialEq)]
    struct Field(Vec<Option<u32>>);

    impl Save for Field {
        fn schema(schemas: &mut Schemas) -> u32 {
            schemas.serde::<Vec<Option<u32>>>()
        }

        fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
            writer.serde("Field.0", &self.0)
        }
    }

    impl Persist for Field {
        type View<'m, M: Mode> = Field;
        type Views<'m, M: Mode> = Vec<Field>;
        type Rows = Apart;

        fn load(reader: &mut Reader<'_>) -> Result<Self, Error> {
            reader.serde("Field.0").map(Field)
        }

        fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
            Self::load(viewer.reader())
        }

        fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<Self>, Error> {
            viewer.many::<Self>()
        }
    }

    #[test]
    fn what_serde_describes_comes_back_with_descriptions_and_by_places() {
        let value = (7_u8, Field(vec![None, Some(300)]));
        let mut described = Vec::new();
        encode(&value, &mut described).unwrap();
        assert_eq!(described[7], 0x80, "the highest bit tells");
        assert_eq!(decode::<(u8, Field)>(&described).unwrap(), value);
        // As it was written before there were descriptions.
        let by_places = [&[15, 0, 0, 0, 0, 0, 0, 0][..], &[7, 5, 2, 0, 1, 0xac, 2]].concat();
        assert_eq!(decode::<(u8, Field)>(&by_places).unwrap(), value);
        // A description that is not there is not told of.
        let mut plain = Vec::new();
        encode(&7_u8, &mut plain).unwrap();
        assert_eq!(decode::<u8>(&plain).unwrap(), 7);
        plain[7] |= 0x80;
        assert!(decode::<u8>(&plain).is_err());
    }

    #[test]
    fn what_is_not_checked_is_written_as_it_is() {
        let field = Field(vec![Some(1)]);
        let mut writer = Writer::new(Form::File).checking(Check::Nothing);
        field.save(&mut writer).unwrap();
        let (small, _) = writer.finish().unwrap();
        assert_eq!(small, [5, 19, 1, 18, 4, 1]);
    }

    #[test]
    fn values_come_back_from_within_other_bytes() {
        let value = (
            vec![1.5; 1000],
            "text".to_owned(),
            vec![7_u8; 5000],
            vec![(); 3],
        );
        let mut out = vec![0; 64];
        encode(&value, &mut out).unwrap();
        let bytes = &out[64..];
        assert_eq!(
            decode::<(Vec<f64>, String, Vec<u8>, Vec<()>)>(bytes).unwrap(),
            value
        );
        for len in 0..bytes.len() {
            assert!(decode::<(Vec<f64>, String, Vec<u8>, Vec<()>)>(&bytes[..len]).is_err());
        }
        let mut longer = bytes.to_vec();
        longer.push(0);
        assert!(decode::<(Vec<f64>, String, Vec<u8>, Vec<()>)>(&longer).is_err());
    }

    #[test]
    fn a_length_beyond_the_bytes_allocates_nothing() {
        let mut out = Vec::new();
        encode(&vec![0_u8; 2000], &mut out).unwrap();
        // The length, as a varint of two bytes, becomes one of 2^62.
        let mut forged = 17_u64.to_le_bytes().to_vec();
        forged.extend_from_slice(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]);
        assert!(decode::<Vec<u8>>(&forged).is_err());
    }
}
