//! Keys that were read, which must ascend.

use super::encoded_keys::EncodedKeys;
use crate::persist::error::Error;
use crate::persist::traits::Save;

/// Keys that were read, which must ascend.
#[derive(Debug)]
pub(in crate::persist) struct OrderCheck {
    is_asked: bool,
    /// The first is the last that was compared.
    keys: EncodedKeys,
    /// The last one, of those that a number tells the order of.
    last: Option<u64>,
}

impl OrderCheck {
    /// Of the keys of a map, if they have to.
    pub(in crate::persist) fn new(is_asked: bool) -> Self {
        OrderCheck {
            is_asked,
            keys: EncodedKeys::default(),
            last: None,
        }
    }

    /// Notes the next key. [`check`](OrderCheck::check) comes after the last.
    pub(in crate::persist) fn note<K: Save>(&mut self, key: &K) -> Result<(), Error> {
        if !self.is_asked {
            return Ok(());
        }
        if K::ORDER.is_of_rank() {
            let rank = key.rank();
            // A key that is there twice is told of as such.
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

    /// Fails if a key was not above the one before it.
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
    Error::small("keys are not in their order")
}
