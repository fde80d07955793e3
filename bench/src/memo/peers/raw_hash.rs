//! The hash function alone, over the bytes of the numbers. This is the upper bound for
//! hashing numbers.

use twox_hash::XxHash3_128;

use crate::Result;
use crate::memo::peer::{Peer, compute};

pub(crate) struct RawHash;

impl Peer for RawHash {
    fn call(&self, argument: u64) -> u64 {
        compute(argument)
    }

    fn hash(&self, numbers: &[f64]) -> Result<u128> {
        // SAFETY: the pointer and length are those of a live slice of floats, which has
        // no padding, and any byte is a valid `u8`.
        let bytes = unsafe {
            std::slice::from_raw_parts(numbers.as_ptr().cast::<u8>(), size_of_val(numbers))
        };
        Ok(XxHash3_128::oneshot(bytes))
    }
}
