//! A value as bytes within something that has a type and checksums already:
//! the end of the small part, the small part, and the arrays, each aligned as
//! in a file.

use std::mem::MaybeUninit;

use super::block::ReadAt;
use super::error::{Error, ErrorKind};
use super::file::InMemory;
use super::form::{Form, gap};
use super::layout::ALIGNMENT;
use super::number::Kind;
use super::reader::{Reader, Source};
use super::save::{Persist, Save};
use super::writer::{Data, Writer};

/// What says where the small part ends.
const PREFIX: usize = 8;

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
    let (small, arrays) = writer.finish()?;
    *out = small;
    saved?;
    let end = (out.len() - start) as u64;
    out[start..start + PREFIX].copy_from_slice(&end.to_le_bytes());
    for array in arrays {
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
    }
    Ok(())
}

/// The value that `bytes` are, all of them.
///
/// # Errors
///
/// They are no such value.
pub(crate) fn decode<T: Persist>(bytes: &[u8]) -> Result<T, Error> {
    let prefix = bytes.first_chunk::<PREFIX>().ok_or(ErrorKind::Truncated)?;
    let end = usize::try_from(u64::from_le_bytes(*prefix)).unwrap_or(usize::MAX);
    let small = bytes.get(PREFIX..end).ok_or(ErrorKind::Truncated)?;
    let mut arrays = Arrays { bytes, end };
    let mut reader = Reader::lent(small, Form::File, &mut arrays);
    let value = T::load(&mut reader)?;
    reader.end()?;
    drop(reader);
    match arrays.end == bytes.len() {
        true => Ok(value),
        false => Err(Error::small("bytes follow the last array")),
    }
}

/// The arrays, which are read one after another.
struct Arrays<'b> {
    bytes: &'b [u8],
    /// The end of the last one that was read.
    end: usize,
}

impl Source for Arrays<'_> {
    fn more(&mut self, _: &mut Vec<u8>) -> Result<(), Error> {
        Err(ErrorKind::Truncated.into())
    }

    fn is_segment(&mut self, _: u64, _: Kind, _: u64) -> bool {
        // How long it is, and of what, stands in the small part only.
        true
    }

    fn has(&self, _: u64) -> bool {
        false
    }

    fn fill(&mut self, _: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        let gap = gap(self.end as u64, ALIGNMENT as usize);
        let start = self.end + gap;
        let is_empty = |gap: &[u8]| gap.iter().all(|byte| *byte == 0);
        if !self.bytes.get(self.end..start).is_some_and(is_empty) {
            return Err(Error::small("a gap before an array is not empty"));
        }
        InMemory(self.bytes).read(start as u64, out)?;
        self.end = start + out.len();
        Ok(())
    }

    fn offset(&self, _: u64) -> Result<usize, &'static str> {
        Err("it is part of something else")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
