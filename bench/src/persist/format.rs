//! The interface of a peer: a way of storing a value in a file.

use std::path::Path;

use crate::Result;

/// Stores a `T` in a file.
pub(crate) trait Format<T> {
    /// The type that is written and read: the value in the form that the peer requires.
    type Held: PartialEq;

    /// Converts the value to that form.
    fn hold(value: T) -> Result<Self::Held>;

    /// Writes it to a file that does not exist yet.
    fn dump(value: &Self::Held, path: &Path) -> Result;

    /// Reads it.
    fn load(path: &Path) -> Result<Self::Held>;
}

/// Maps a file that contains a `T`.
pub(crate) trait Maps<T>: Format<T> {
    /// Returns the number at `index` of the first array.
    fn open(path: &Path, index: usize) -> Result<f64>;
}
