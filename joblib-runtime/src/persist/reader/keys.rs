//! Keys, and numbers beside them, as a reader takes them from maps and sets.

use super::BodyReader;
use crate::persist::body_encoding::BodyEncoding;
use crate::persist::error::Error;
use crate::persist::number::{Number, swap};
use crate::persist::sorted_keys::OrderCheck;
use crate::persist::traits::Save;

impl BodyReader<'_> {
    /// Whether parts were read that had another form in caches of before.
    pub(in crate::persist) fn has_later(&self) -> bool {
        self.has_later
    }

    /// Takes a number as its bytes in an array are.
    ///
    /// # Errors
    ///
    /// There are not as many, or they are no such number.
    #[inline]
    pub(in crate::persist) fn fixed<N: Number>(&mut self) -> Result<N, Error> {
        let mut room = [0; 16];
        let bytes = &mut room[..size_of::<N>()];
        bytes.copy_from_slice(self.take(size_of::<N>())?);
        swap(N::KIND, bytes);
        match N::are_valid(bytes) {
            // SAFETY: the bytes are those of a value, wherever they lie.
            true => Ok(unsafe { bytes.as_ptr().cast::<N>().read_unaligned() }),
            false => Err(Error::small(format!("a number is no {}", N::KIND.name()))),
        }
    }

    /// Whether maps and sets with keys of the type `K` have them in their order, and
    /// their numbers as bytes.
    #[inline]
    pub(in crate::persist) fn is_ordered<K: Save>(&mut self) -> bool {
        let is_ordered = K::ORDER.is_of_keys() && !self.is_older;
        self.has_later |= is_ordered;
        is_ordered
    }

    /// What makes sure that the keys of a map ascend. They had another order where
    /// they come from a value of another type, or of before.
    pub(in crate::persist) fn ascent<K: Save>(&self) -> OrderCheck {
        let is_of_before = self.is_older && K::ORDER.is_of_keys();
        OrderCheck::new(self.form != BodyEncoding::Adapted && !is_of_before)
    }
}
