//! Checks that keys are read in ascending order.

use super::encoded_keys::EncodedKeys;
use crate::persist::error::Error;
use crate::persist::traits::Save;

/// Checks that keys are read in ascending order.
#[derive(Debug)]
pub(in crate::persist) struct OrderCheck {
    is_enabled: bool,
    /// The keys to compare. The first is the last key of the previous comparison.
    keys: EncodedKeys,
    /// The last rank, for keys sorted by rank.
    last: Option<u64>,
}

impl OrderCheck {
    /// Creates a check. It does nothing unless `is_enabled`.
    pub(in crate::persist) fn new(is_enabled: bool) -> Self {
        OrderCheck {
            is_enabled,
            keys: EncodedKeys::default(),
            last: None,
        }
    }

    /// Adds the next key. Call [`check`](OrderCheck::check) after the last.
    pub(in crate::persist) fn note<K: Save>(&mut self, key: &K) -> Result<(), Error> {
        if !self.is_enabled {
            return Ok(());
        }
        if K::ORDER.is_of_rank() {
            let rank = key.rank();
            // The caller reports duplicate keys.
            return match self.last.replace(rank).is_some_and(|last| last > rank) {
                true => Err(out_of_order()),
                false => Ok(()),
            };
        }
        self.keys.push(key)?;
        match self.keys.are_many() {
            true => self.check(),
            false => Ok(()),
        }
    }

    /// Fails if a key is not greater than the one before it.
    pub(in crate::persist) fn check(&mut self) -> Result<(), Error> {
        let keys = &self.keys;
        if (1..keys.len()).any(|at| keys.get(at - 1) >= keys.get(at)) {
            return Err(out_of_order());
        }
        self.keys.keep_last();
        Ok(())
    }
}

fn out_of_order() -> Error {
    Error::damaged_body("keys are not in ascending order")
}
