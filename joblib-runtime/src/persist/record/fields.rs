//! Writes and reads the fields of a struct in its record.

use super::{InvalidRecord, RecordLayout, aligned};

/// Writes a record. Its bytes are zero at the start.
#[derive(Debug)]
pub struct RecordWriter<'o> {
    out: &'o mut [u8],
    at: usize,
}

impl<'o> RecordWriter<'o> {
    /// Creates a writer to `out`, which has the size of the record.
    #[inline]
    pub fn new(out: &'o mut [u8]) -> Self {
        RecordWriter { out, at: 0 }
    }

    /// Writes the next field, which has the layout `record`.
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

/// Reads a record.
#[derive(Debug)]
pub struct RecordReader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> RecordReader<'b> {
    /// Creates a reader of `bytes`.
    #[inline]
    pub fn new(bytes: &'b [u8]) -> Self {
        RecordReader { bytes, at: 0 }
    }

    /// Reads the next field, which has the layout `record`.
    ///
    /// # Errors
    ///
    /// Fails if it is not a valid value of its type.
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

    /// Runs `fetch` for some of the fields. Derived code splits many fields into
    /// several closures, which limits the compile time.
    ///
    /// # Errors
    ///
    /// The errors of `fetch`.
    #[inline]
    pub fn piece<T>(
        &mut self,
        fetch: impl FnOnce(&mut Self) -> Result<T, InvalidRecord>,
    ) -> Result<T, InvalidRecord> {
        fetch(self)
    }

    /// Verifies that only padding follows.
    ///
    /// # Errors
    ///
    /// Fails if there are other bytes.
    #[inline]
    pub fn end(&mut self) -> Result<(), InvalidRecord> {
        self.gap(self.bytes.len())
    }

    /// Skips padding up to `end`, and verifies that it is zero.
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
