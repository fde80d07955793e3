//! What a peer is: a way of keeping a value in a file.

use std::path::Path;

use crate::Result;

/// Keeps a `T` in a file.
pub(crate) trait Format<T> {
    /// What is written and read: the value, in the form that the peer takes.
    type Held: PartialEq;

    /// Brings the value into that form.
    fn hold(value: T) -> Result<Self::Held>;

    /// Writes it to a file that is not there yet.
    fn dump(value: &Self::Held, path: &Path) -> Result;

    /// Reads it.
    fn load(path: &Path) -> Result<Self::Held>;
}

/// Maps a file that has a `T`.
pub(crate) trait Maps<T>: Format<T> {
    /// The number at `index` of the first array.
    fn open(path: &Path, index: usize) -> Result<f64>;
}
