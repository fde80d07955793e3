//! Whether two results are the same: bit for bit, but for the order of what is
//! hashed, which is another in every process.

use twox_hash::XxHash3_128;

use super::erased::AnyResult;
use crate::codec::{EncodeError, Purpose};

/// How often a value is decoded to see whether it comes in the same order.
const TRIES: usize = 8;

/// What a result is compared by: hashes, so that large results may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct ComparedForm {
    exact: u128,
    /// Without the order of its maps and sequences.
    unordered: u128,
}

impl ComparedForm {
    pub(super) fn of(result: &dyn AnyResult) -> Result<ComparedForm, EncodeError> {
        Ok(ComparedForm {
            unordered: hash(result, Purpose::CompareUnordered)?,
            exact: hash(result, Purpose::Compare)?,
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
    pub(super) fn is_that_of(self, other: &dyn AnyResult, form: ComparedForm) -> bool {
        self.exact == form.exact
            || self.unordered == form.unordered && has_no_order(other).unwrap_or(false)
    }
}

fn hash(result: &dyn AnyResult, purpose: Purpose) -> Result<u128, EncodeError> {
    let mut described = Vec::new();
    result.describe(purpose, &mut described)?;
    Ok(XxHash3_128::oneshot(&described))
}

/// Whether what is decoded of a result comes in one order now and another then.
fn has_no_order(result: &dyn AnyResult) -> Option<bool> {
    let encoding = result.format().of_descriptions();
    let mut kept = Vec::new();
    result.describe(Purpose::Keep, &mut kept).ok()?;
    let decoded = || {
        let back = result.read_back(encoding, &kept).ok()?;
        hash(&*back, Purpose::Compare).ok()
    };
    let first = decoded()?;
    for _ in 1..TRIES {
        if decoded()? != first {
            return Some(true);
        }
    }
    Some(false)
}
