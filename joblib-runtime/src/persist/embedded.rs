//! Values as bytes within a container that has its own type information and checksums.
//! The layout is the end of the body, the body, and the arrays, each aligned as in a
//! file.

use std::mem::MaybeUninit;

use super::block::ReadAt;
use super::body_encoding::{BodyEncoding, SerdeEncoding, gap};
use super::error::{Error, ErrorKind};
use super::file::MemoryFile;
use super::layout::ALIGNMENT;
use super::number::NumberKind;
use super::owner::{self, Owner};
use super::reader::BodyReader;
use super::schema::Schema;
use super::source::BodySource;
use super::traits::{Persist, Save};
use super::writer::{ArrayData, BodyWriter, PendingArray};

/// The size of the prefix, which states the end of the body.
const PREFIX: usize = 8;

/// Set if the body has self-describing serde fields. If not set, serde fields are
/// encoded by position, as in files of version 1.
const DESCRIBED: u64 = 1 << 63;

/// Set if rows of numbers are stored as one array, and maps and sets are sorted by key.
/// If not set, rows are stored one by one, and maps and sets are sorted by encoding, as
/// in files of version 1.
const DIFFERS_FROM_VERSION_1: u64 = 1 << 62;

/// Set if structs of numbers are stored as arrays of records. If not set, they are
/// stored one by one, as in files of version 1.
const RECORDS: u64 = 1 << 61;

/// Appends `value` to `out`. Arrays are aligned if the end of `out` is.
///
/// # Errors
///
/// Fails if the value cannot be written; `out` is unchanged then.
pub(crate) fn encode<T: Save + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), Error> {
    let start = out.len();
    let encoded = append(value, start, out);
    encoded.inspect_err(|_| out.truncate(start))
}

fn append<T: Save + ?Sized>(value: &T, start: usize, out: &mut Vec<u8>) -> Result<(), Error> {
    out.extend_from_slice(&[0; PREFIX]);
    let mut writer = BodyWriter::appending(std::mem::take(out), start + PREFIX);
    let saved = value.save(&mut writer);
    let described = if writer.has_serde() { DESCRIBED } else { 0 };
    let differs = if writer.differs_from_version_1() {
        DIFFERS_FROM_VERSION_1
    } else {
        0
    };
    let records = if writer.has_records() { RECORDS } else { 0 };
    let (small, arrays) = writer.finish()?;
    *out = small;
    saved?;
    let end = (out.len() - start) as u64 | described | differs | records;
    out[start..start + PREFIX].copy_from_slice(&end.to_le_bytes());
    arrays.each(|array| {
        let position = (out.len() - start) as u64;
        out.resize(out.len() + gap(position, ALIGNMENT as usize), 0);
        match array.data {
            ArrayData::Lent(bytes) => out.extend_from_slice(bytes),
            ArrayData::Owned(bytes) => out.extend_from_slice(&bytes),
            ArrayData::Strided(strided) => strided.write(&mut |piece| {
                out.extend_from_slice(piece);
                Ok(())
            })?,
        }
        Ok(())
    })
}

/// Whether values of the type have fields that use serde.
pub(crate) fn has_serde<T: Save + ?Sized>() -> bool {
    Schema::of::<T>().has_serde()
}

/// The bytes of an array: borrowed from the value, or owned.
pub(crate) enum ArrayBytes<'v> {
    Lent(&'v [u8]),
    Owned(Vec<u8>),
}

/// Encodes `value` for another process of the same program: its body and its arrays.
///
/// # Errors
///
/// Fails if the value cannot be written.
pub(crate) fn parts<T: Save + ?Sized>(value: &T) -> Result<(Vec<u8>, Vec<ArrayBytes<'_>>), Error> {
    let mut writer = BodyWriter::for_process();
    value.save(&mut writer)?;
    let (small, arrays) = writer.finish()?;
    let arrays = arrays
        .released()?
        .into_iter()
        .map(bytes)
        .collect::<Result<_, Error>>()?;
    Ok((small, arrays))
}

fn bytes(array: PendingArray<'_>) -> Result<ArrayBytes<'_>, Error> {
    match array.data {
        ArrayData::Lent(bytes) => Ok(ArrayBytes::Lent(bytes)),
        data => data.into_owned().map(ArrayBytes::Owned),
    }
}

/// A sequence of arrays.
pub(crate) trait ArraySource {
    /// Whether the next array can have `len` bytes.
    fn has(&self, kind: NumberKind, len: u64) -> bool;

    /// Fills `out` with all bytes of the next array, or fails.
    fn fill(&mut self, out: &mut [MaybeUninit<u8>]) -> Result<(), Error>;

    /// Returns the `len` bytes of the next array without a copy, if their memory stays
    /// valid; see [`owner`](super::owner). If it returns `None`, the array is not
    /// consumed.
    fn keep(&mut self, _len: usize) -> Result<Option<(*const u8, Owner)>, Error> {
        Ok(None)
    }
}

/// Decodes a value from its body `small` and its arrays, which [`parts`] returned.
///
/// # Errors
///
/// Fails if they do not encode a value of the type.
pub(crate) fn from_parts<T: Persist>(
    small: &[u8],
    arrays: &mut dyn ArraySource,
) -> Result<T, Error> {
    let mut source = SequentialArrays(arrays);
    let mut reader = BodyReader::lent(small, BodyEncoding::File, &mut source).for_process();
    let value = reader.with_room::<T, _>(T::load)?;
    reader.end()?;
    Ok(value)
}

/// Decodes a value from `bytes`, which must contain nothing else.
///
/// # Errors
///
/// Fails if they do not encode a value of the type.
pub(crate) fn decode<T: Persist>(bytes: &[u8]) -> Result<T, Error> {
    let prefix = bytes.first_chunk::<PREFIX>().ok_or(ErrorKind::Truncated)?;
    let end = u64::from_le_bytes(*prefix);
    let flags = end & (DESCRIBED | DIFFERS_FROM_VERSION_1 | RECORDS);
    let end = usize::try_from(end & !flags).unwrap_or(usize::MAX);
    let small = bytes.get(PREFIX..end).ok_or(ErrorKind::Truncated)?;
    let mut arrays = EmbeddedArrays { bytes, end };
    let value = small_part(small, flags, &mut arrays)?;
    match arrays.end == bytes.len() {
        true => Ok(value),
        false => Err(Error::damaged_body("extra bytes after the last array")),
    }
}

/// Whether an encoded value has the flag for elements that were encoded differently in
/// version 1.
#[cfg(feature = "fuzz")]
pub(crate) fn differs_from_version_1(bytes: &[u8]) -> bool {
    let prefix = bytes.first_chunk::<PREFIX>();
    prefix.is_some_and(|prefix| u64::from_le_bytes(*prefix) & DIFFERS_FROM_VERSION_1 != 0)
}

/// Whether an encoded value has the flag for arrays of records.
#[cfg(feature = "fuzz")]
pub(crate) fn has_records(bytes: &[u8]) -> bool {
    let prefix = bytes.first_chunk::<PREFIX>();
    prefix.is_some_and(|prefix| u64::from_le_bytes(*prefix) & RECORDS != 0)
}

fn small_part<T: Persist>(
    small: &[u8],
    flags: u64,
    arrays: &mut dyn ArraySource,
) -> Result<T, Error> {
    let mut source = SequentialArrays(arrays);
    let (is_described, differs) = (flags & DESCRIBED != 0, flags & DIFFERS_FROM_VERSION_1 != 0);
    let encoding = match is_described {
        true => SerdeEncoding::Described,
        false => SerdeEncoding::Compact,
    };
    let reader = BodyReader::lent(small, BodyEncoding::File, &mut source);
    let has_records = flags & RECORDS != 0;
    let reader = reader.with_encoding(encoding).version_1(!differs);
    let mut reader = reader.record_sequences(!has_records);
    let value = reader.with_room::<T, _>(T::load)?;
    reader.end()?;
    if is_described && !reader.has_serde() {
        return Err(Error::damaged_body(
            "its flags announce self-describing fields, but there are none",
        ));
    }
    if has_records && !reader.has_records() {
        return Err(Error::damaged_body(
            "its flags announce records, but there are none",
        ));
    }
    match differs && !reader.differs_from_version_1() {
        true => Err(Error::damaged_body(
            "its flags announce rows or sorted keys, but there are none",
        )),
        false => Ok(value),
    }
}

/// The arrays after the body, which are read in order.
struct EmbeddedArrays<'b> {
    bytes: &'b [u8],
    /// The end of the last array that was read, relative to the prefix.
    end: usize,
}

impl ArraySource for EmbeddedArrays<'_> {
    fn has(&self, _: NumberKind, len: u64) -> bool {
        len <= (self.bytes.len() - self.end) as u64
    }

    fn fill(&mut self, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        let start = self.start()?;
        MemoryFile(self.bytes).read(start as u64, out)?;
        self.end = start + out.len();
        Ok(())
    }

    fn keep(&mut self, len: usize) -> Result<Option<(*const u8, Owner)>, Error> {
        let Some(owner) = owner::owner_of(self.bytes) else {
            return Ok(None);
        };
        let start = self.start()?;
        let bytes = self.bytes.get(start..).and_then(|rest| rest.get(..len));
        let bytes = bytes.ok_or(ErrorKind::Truncated)?;
        // Payloads in a log are not aligned.
        if !bytes.as_ptr().cast::<u128>().is_aligned() {
            return Ok(None);
        }
        self.end = start + len;
        Ok(Some((bytes.as_ptr(), owner)))
    }
}

impl EmbeddedArrays<'_> {
    /// Returns the start of the next array, and verifies that the padding before it is
    /// zero.
    fn start(&self) -> Result<usize, Error> {
        let start = self.end + gap(self.end as u64, ALIGNMENT as usize);
        let is_empty = |gap: &[u8]| gap.iter().all(|byte| *byte == 0);
        match self.bytes.get(self.end..start).is_some_and(is_empty) {
            true => Ok(start),
            false => Err(Error::damaged_body("non-zero padding before an array")),
        }
    }
}

/// Adapts a sequence of arrays to a reader, which always requests the next array.
struct SequentialArrays<'a>(&'a mut dyn ArraySource);

impl BodySource for SequentialArrays<'_> {
    fn more(&mut self, _: &mut Vec<u8>) -> Result<(), Error> {
        Err(ErrorKind::Truncated.into())
    }

    fn is_segment(&mut self, _: u64, kind: NumberKind, len: u64) -> bool {
        self.0.has(kind, len)
    }

    fn has(&self, _: u64) -> bool {
        false
    }

    fn fill(&mut self, _: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        self.0.fill(out)
    }

    fn offset(&self, _: u64) -> Result<usize, &'static str> {
        Err("the value is embedded in another file")
    }

    fn keep(&mut self, _: u64, len: usize) -> Result<Option<(*const u8, Owner)>, Error> {
        self.0.keep(len)
    }
}

#[cfg(test)]
mod tests {
    use super::super::derive_support::{OneByOne, SchemaBuilder, Viewer};
    use super::super::mode::MapMode;
    use super::super::writer::ReadBack;
    use super::*;

    /// A field that uses serde.
    #[derive(Debug, PartialEq)]
    struct SerdePart(Vec<Option<u32>>);

    impl Save for SerdePart {
        fn schema(schemas: &mut SchemaBuilder) -> u32 {
            schemas.serde::<Vec<Option<u32>>>()
        }

        fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
            writer.serde("Field.0", &self.0)
        }
    }

    impl Persist for SerdePart {
        type View<'m, M: MapMode> = SerdePart;
        type Views<'m, M: MapMode> = Vec<SerdePart>;
        type Rows = OneByOne;

        fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
            reader.serde("Field.0").map(SerdePart)
        }

        fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
            Self::load(viewer.reader())
        }

        fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<Self>, Error> {
            viewer.many::<Self>()
        }
    }

    #[test]
    fn what_serde_describes_comes_back_with_descriptions_and_by_places() {
        let value = (7_u8, SerdePart(vec![None, Some(300)]));
        let mut described = Vec::new();
        encode(&value, &mut described).unwrap();
        assert_eq!(
            described[7], 0x80,
            "the highest bit marks self-describing fields"
        );
        assert_eq!(decode::<(u8, SerdePart)>(&described).unwrap(), value);
        // The encoding of version 1, by position.
        let by_places = [&[15, 0, 0, 0, 0, 0, 0, 0][..], &[7, 5, 2, 0, 1, 0xac, 2]].concat();
        assert_eq!(decode::<(u8, SerdePart)>(&by_places).unwrap(), value);
        // The flag without a self-describing field is an error.
        let mut plain = Vec::new();
        encode(&7_u8, &mut plain).unwrap();
        assert_eq!(decode::<u8>(&plain).unwrap(), 7);
        plain[7] |= 0x80;
        assert!(decode::<u8>(&plain).is_err());
    }

    #[test]
    fn what_is_not_checked_is_written_as_it_is() {
        let field = SerdePart(vec![Some(1)]);
        let mut writer = BodyWriter::new(BodyEncoding::File).checking(ReadBack::Nothing);
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
        // Replace the length, a varint of two bytes, with 2^62.
        let mut forged = 17_u64.to_le_bytes().to_vec();
        forged.extend_from_slice(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]);
        assert!(decode::<Vec<u8>>(&forged).is_err());
    }
}
