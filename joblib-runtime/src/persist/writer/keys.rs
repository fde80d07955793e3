//! Writes the keys of maps and sets, and the numbers stored with them.

use super::{BodyWriter, PIECE};
use crate::persist::body_encoding::BodyEncoding;
use crate::persist::error::Error;
use crate::persist::number::{Number, swap};
use crate::persist::sorted_keys::KeyOrder;
use crate::persist::traits::Save;

impl BodyWriter<'_, '_> {
    /// Appends a number with a fixed size, as in an array.
    #[inline]
    pub(in crate::persist) fn fixed<N: Number>(&mut self, number: &N) {
        let mut bytes = [0; 16];
        let bytes = &mut bytes[..size_of::<N>()];
        bytes.copy_from_slice(bytemuck::bytes_of(number));
        swap(N::KIND, bytes);
        self.raw(bytes);
    }

    /// Appends the number of the type `T` with this rank, in its encoding in maps and
    /// sets sorted by key.
    ///
    /// # Errors
    ///
    /// The errors of writing the file.
    #[inline]
    pub(in crate::persist) fn rank<T: Save>(&mut self, rank: u64) -> Result<(), Error> {
        if self.small.len() >= PIECE {
            self.pass_on()?;
        }
        T::save_rank(rank, self);
        Ok(())
    }

    /// Notes that the encoding of what follows differs from that of version 1.
    pub(in crate::persist) fn note_differs_from_version_1(&mut self) {
        self.differs_from_version_1 = true;
    }

    /// Appends to `out` the bytes by which `value` is sorted as a key.
    #[inline]
    pub(in crate::persist) fn key<T: Save>(value: &T, out: &mut Vec<u8>) -> Result<(), Error> {
        match T::ORDER {
            KeyOrder::OfEncoding => {}
            KeyOrder::OfBytes => {
                value.order(&mut |bytes| out.extend_from_slice(bytes));
                return Ok(());
            }
            KeyOrder::OfRank => {
                out.extend_from_slice(&value.rank().to_be_bytes());
                return Ok(());
            }
        }
        let mut writer = BodyWriter::new(BodyEncoding::Flat);
        writer.small = std::mem::take(out);
        value.save(&mut writer)?;
        *out = writer.small;
        Ok(())
    }
}
