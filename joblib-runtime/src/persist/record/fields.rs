//! The fields of a struct, one after another, as they stand in its record.

use super::{InvalidRecord, RecordLayout, aligned};

/// A record being put together, whose bytes are zero.
#[derive(Debug)]
pub struct RecordWriter<'o> {
    out: &'o mut [u8],
    at: usize,
}

impl<'o> RecordWriter<'o> {
    /// In `out`, which has its size.
    #[inline]
    pub fn new(out: &'o mut [u8]) -> Self {
        RecordWriter { out, at: 0 }
    }

    /// Puts the next field there, which lies like `record`.
    #[inline]
    pub fn field<F>(
        &mut self,
        record: Option<RecordLayout>,
        field: &F,
        store: impl FnOnce(&F, &mut [u8]),
    ) {
        let Some(record) = record else { return };
        let start = aligned(self.at, record.align);
        self.at = start + record.size;
        store(field, &mut self.out[start..self.at]);
    }
}

/// A record being taken apart.
#[derive(Debug)]
pub struct RecordReader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> RecordReader<'b> {
    /// Of these bytes.
    #[inline]
    pub fn new(bytes: &'b [u8]) -> Self {
        RecordReader { bytes, at: 0 }
    }

    /// Takes the next field, which lies like `record`.
    ///
    /// # Errors
    ///
    /// It is no value of its type.
    #[inline]
    pub fn field<F>(
        &mut self,
        record: Option<RecordLayout>,
        fetch: impl FnOnce(&[u8]) -> Result<F, InvalidRecord>,
    ) -> Result<F, InvalidRecord> {
        let record = record.ok_or(InvalidRecord::Type)?;
        self.gap(aligned(self.at, record.align))?;
        let start = self.at;
        self.at += record.size;
        fetch(
            self.bytes
                .get(start..self.at)
                .ok_or(InvalidRecord::Length)?,
        )
    }

    /// Some of many fields.
    ///
    /// # Errors
    ///
    /// Those of `fetch`.
    #[inline]
    pub fn piece<T>(
        &mut self,
        fetch: impl FnOnce(&mut Self) -> Result<T, InvalidRecord>,
    ) -> Result<T, InvalidRecord> {
        fetch(self)
    }

    /// Makes sure that nothing follows.
    ///
    /// # Errors
    ///
    /// Something does.
    #[inline]
    pub fn end(&mut self) -> Result<(), InvalidRecord> {
        self.gap(self.bytes.len())
    }

    /// Passes over what is between two fields.
    #[inline]
    fn gap(&mut self, end: usize) -> Result<(), InvalidRecord> {
        let gap = self.bytes.get(self.at..end).ok_or(InvalidRecord::Length)?;
        self.at = end;
        match gap.iter().fold(0, |all, byte| all | byte) {
            0 => Ok(()),
            _ => Err(InvalidRecord::Gap),
        }
    }
}
