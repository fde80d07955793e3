//! Compares two results: bit for bit, except for the order of hash maps and sets, which
//! differs in every process.

use super::erased::AnyResult;
use crate::codec::{EncodeError, Purpose};
use crate::xxh3;

/// How often a value is decoded to find out whether its order varies.
const TRIES: usize = 8;

/// The hashes that results are compared by, so that large results need not be kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct ComparedForm {
    exact: u128,
    /// The hash without the order of maps and sequences.
    unordered: u128,
}

impl ComparedForm {
    pub(super) fn of(result: &dyn AnyResult) -> Result<ComparedForm, EncodeError> {
        Ok(ComparedForm {
            unordered: hash(result, Purpose::CompareUnordered)?,
            exact: hash(result, Purpose::Compare)?,
        })
    }

    /// Returns the hash that represents the result in messages.
    pub(super) fn hash(self) -> u128 {
        self.exact
    }

    /// Returns whether `other`, whose form is `form`, is the same result.
    ///
    /// Maps and sets of known hashed types have one form. For other types serde does
    /// not show whether they are hashed. So if two results differ only in an order, and
    /// decoding one of them several times yields different orders, the order is not
    /// part of the value.
    pub(super) fn is_same(self, other: &dyn AnyResult, form: ComparedForm) -> bool {
        self.exact == form.exact
            || self.unordered == form.unordered && order_varies(other).unwrap_or(false)
    }
}

fn hash(result: &dyn AnyResult, purpose: Purpose) -> Result<u128, EncodeError> {
    let mut described = Vec::new();
    result.describe(purpose, &mut described)?;
    Ok(xxh3::hash128(&described))
}

/// Returns whether decoding a result several times yields different orders.
fn order_varies(result: &dyn AnyResult) -> Option<bool> {
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
