//! Whether two results are the same: bit for bit, but for the order of what is
//! hashed, which is another in every process.

use crate::codec::dispatch::Stored;
use crate::codec::{EncodeError, Purpose};

/// How often a value is decoded to see whether it comes in the same order.
const TRIES: usize = 8;

/// What a result is compared by.
#[derive(Debug)]
pub(super) struct Form {
    exact: Vec<u8>,
    /// Without the order of its maps and sequences.
    unordered: Vec<u8>,
}

impl Form {
    pub(super) fn of<R, S: Stored<R>>(stored: &S, value: &R) -> Result<Form, EncodeError> {
        let mut unordered = Vec::new();
        stored.describe(value, Purpose::CompareUnordered, &mut unordered)?;
        let exact = exact(stored, value)?;
        Ok(Form { exact, unordered })
    }

    /// What stands for the result in a message.
    pub(super) fn hash(&self) -> u128 {
        twox_hash::XxHash3_128::oneshot(&self.exact)
    }

    /// Whether `other`, of which that is the form, is the same result.
    ///
    /// Maps and sets that are known to be hashed have one form. Of others serde
    /// does not show that they are: where two results differ by an order alone,
    /// and decoding one of them does not give it the same order every time,
    /// the order is none of theirs.
    pub(super) fn is_that_of<R, S: Stored<R>>(&self, stored: &S, other: &R, form: &Form) -> bool {
        self.exact == form.exact
            || self.unordered == form.unordered && has_no_order(stored, other).unwrap_or(false)
    }
}

fn exact<R, S: Stored<R>>(stored: &S, value: &R) -> Result<Vec<u8>, EncodeError> {
    let mut exact = Vec::new();
    stored.describe(value, Purpose::Compare, &mut exact)?;
    Ok(exact)
}

/// Whether what is decoded of `value` comes in one order now and another then.
fn has_no_order<R, S: Stored<R>>(stored: &S, value: &R) -> Option<bool> {
    let mut kept = Vec::new();
    stored.describe(value, Purpose::Keep, &mut kept).ok()?;
    let decoded = || exact(stored, &S::decode_described(&kept).ok()?).ok();
    let first = decoded()?;
    for _ in 1..TRIES {
        if decoded()? != first {
            return Some(true);
        }
    }
    Some(false)
}
