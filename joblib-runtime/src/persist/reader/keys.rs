//! Reads the keys of maps and sets, and the numbers stored with them.

use super::BodyReader;
use crate::persist::body_encoding::BodyEncoding;
use crate::persist::error::Error;
use crate::persist::number::{Number, from_bytes, swap};
use crate::persist::sorted_keys::OrderCheck;
use crate::persist::traits::Save;

impl BodyReader<'_> {
    /// Whether elements were read whose encoding differs from that of version 1.
    pub(in crate::persist) fn differs_from_version_1(&self) -> bool {
        self.differs_from_version_1
    }

    /// Reads a number with a fixed size, as in an array.
    ///
    /// # Errors
    ///
    /// Fails if there are not enough bytes, or they are not a valid number.
    #[inline]
    pub(in crate::persist) fn fixed<N: Number>(&mut self) -> Result<N, Error> {
        let mut room = [0; 16];
        let bytes = &mut room[..size_of::<N>()];
        bytes.copy_from_slice(self.take(size_of::<N>())?);
        swap(N::KIND, bytes);
        from_bytes(bytes).ok_or_else(|| {
            Error::damaged_body(format!("a number is not a valid {}", N::KIND.name()))
        })
    }

    /// Whether maps and sets with keys of the type `K` are sorted by value, with numbers
    /// of a fixed size.
    #[inline]
    pub(in crate::persist) fn is_ordered<K: Save>(&mut self) -> bool {
        let is_ordered = K::ORDER.is_of_keys() && !self.is_version_1;
        self.differs_from_version_1 |= is_ordered;
        is_ordered
    }

    /// Returns a check that keys are in ascending order. It is disabled if the keys come
    /// from a value of another type or of version 1, where they have another order.
    pub(in crate::persist) fn order_check<K: Save>(&self) -> OrderCheck {
        let is_of_before = self.is_version_1 && K::ORDER.is_of_keys();
        OrderCheck::new(self.form != BodyEncoding::Adapted && !is_of_before)
    }
}
