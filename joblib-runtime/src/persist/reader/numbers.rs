//! Reads numbers, flags and lengths.

use super::BodyReader;
use crate::codec::{DecodeError, varint};
use crate::persist::error::Error;

impl BodyReader<'_> {
    /// Reads `N` raw bytes.
    ///
    /// # Errors
    ///
    /// Fails if there are not enough bytes.
    #[inline]
    pub fn raw<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().expect("`take` returns `N` bytes"))
    }

    #[inline]
    fn numbered<N>(
        &mut self,
        longest: usize,
        read: impl Fn(&mut &[u8]) -> Result<N, DecodeError>,
    ) -> Result<N, Error> {
        if self.window.bytes().len() - self.at < longest {
            let there = (longest as u64).min(self.left());
            self.refill(there as usize)?;
        }
        let mut rest = &self.window.bytes()[self.at..];
        let before = rest.len();
        let number = read(&mut rest).map_err(Error::damaged_body)?;
        let consumed = before - rest.len();
        self.at += consumed;
        Ok(number)
    }

    /// Reads a varint, which must have its shortest form.
    ///
    /// # Errors
    ///
    /// Fails if there is no valid number.
    #[inline]
    pub fn varint(&mut self) -> Result<u64, Error> {
        self.numbered(10, varint::read)
    }

    /// Reads a zigzag-encoded varint.
    ///
    /// # Errors
    ///
    /// Fails if there is no valid number.
    #[inline]
    pub fn signed(&mut self) -> Result<i64, Error> {
        self.varint().map(varint::unzigzag)
    }

    /// As [`varint`](BodyReader::varint), for 128 bits.
    ///
    /// # Errors
    ///
    /// Fails if there is no valid number.
    pub fn wide(&mut self) -> Result<u128, Error> {
        self.numbered(19, varint::read_wide)
    }

    /// As [`signed`](BodyReader::signed), for 128 bits.
    ///
    /// # Errors
    ///
    /// Fails if there is no valid number.
    pub fn wide_signed(&mut self) -> Result<i128, Error> {
        self.wide().map(varint::unzigzag_wide)
    }

    /// Reads a byte that is 0 or 1.
    ///
    /// # Errors
    ///
    /// Fails for other bytes.
    #[inline]
    pub fn flag(&mut self) -> Result<bool, Error> {
        match self.raw()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [byte] => Err(Error::damaged_body(format!(
                "invalid bool byte {byte:#04x}"
            ))),
        }
    }

    /// Reads the number of elements that follow, each of at least one byte.
    ///
    /// # Errors
    ///
    /// Fails if the remaining bytes are fewer than that.
    #[inline]
    pub fn length(&mut self) -> Result<usize, Error> {
        // Most lengths take one byte.
        if let Some(&len @ ..0x80) = self.window.bytes().get(self.at)
            && u64::from(len) < self.left()
        {
            self.at += 1;
            return Ok(usize::from(len));
        }
        self.long_length()
    }

    fn long_length(&mut self) -> Result<usize, Error> {
        let len = self.varint()?;
        match usize::try_from(len) {
            Ok(count) if len <= self.left() => Ok(count),
            _ => Err(Error::damaged_body("unexpected end")),
        }
    }

    /// Reads the length of an array, whose bytes may be in a segment.
    ///
    /// # Errors
    ///
    /// Fails if there is no valid number, or it exceeds the address space.
    #[inline]
    pub fn count(&mut self) -> Result<usize, Error> {
        let count = self.varint()?;
        usize::try_from(count)
            .map_err(|_| Error::damaged_body("an array exceeds the address space"))
    }
}
