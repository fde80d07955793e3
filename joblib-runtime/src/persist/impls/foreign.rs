//! Checks of values of types of other crates.

use std::fmt::Debug;

use crate::persist::error::Error;

/// Returns the value, or the error for what a file has in its place.
pub(super) fn valid<T>(value: Option<T>, ty: &str, found: impl Debug) -> Result<T, Error> {
    value.ok_or_else(|| Error::damaged_body(format!("{found:?} is not a valid `{ty}`")))
}
