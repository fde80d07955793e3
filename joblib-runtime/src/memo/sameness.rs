//! Whether two results are the same: bit for bit, but for the order of what is
//! hashed, which is another in every process.

use twox_hash::XxHash3_128;

use crate::codec::dispatch::Stored;
use crate::codec::{EncodeError, Purpose};

/// How often a value is decoded to see whether it comes in the same order.
const TRIES: usize = 8;

/// What a result is compared by: hashes, so that large results may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    exact: u128,
    /// Without the order of its maps and sequences.
    unordered: u128,
}

impl Form {
    pub(super) fn of<R, S: Stored<R>>(stored: &S, value: &R) -> Result<Form, EncodeError> {
        Ok(Form {
            unordered: hash(stored, value, Purpose::CompareUnordered)?,
            exact: hash(stored, value, Purpose::Compare)?,
        })
    }

    /// What stands for the result in a message.
    pub(super) fn hash(self) -> u128 {
        self.exact
    }

    /// Whether `other`, which has the other form, is the same result.
    ///
    /// Maps and sets that are known to be hashed have one form. Of others serde
    /// does not show that they are: where two results differ by an order alone,
    /// and decoding one of them does not give it the same order every time,
    /// the order is none of theirs.
    pub(super) fn is_that_of<R, S: Stored<R>>(self, stored: &S, other: &R, form: Form) -> bool {
        self.exact == form.exact
            || self.unordered == form.unordered && has_no_order(stored, other).unwrap_or(false)
    }
}

fn hash<R, S: Stored<R>>(stored: &S, value: &R, purpose: Purpose) -> Result<u128, EncodeError> {
    let mut described = Vec::new();
    stored.describe(value, purpose, &mut described)?;
    Ok(XxHash3_128::oneshot(&described))
}

/// Whether what is decoded of `value` comes in one order now and another then.
fn has_no_order<R, S: Stored<R>>(stored: &S, value: &R) -> Option<bool> {
    let mut kept = Vec::new();
    stored.describe(value, Purpose::Keep, &mut kept).ok()?;
    let decoded = || hash(stored, &S::decode_described(&kept).ok()?, Purpose::Compare).ok();
    let first = decoded()?;
    for _ in 1..TRIES {
        if decoded()? != first {
            return Some(true);
        }
    }
    Some(false)
}
