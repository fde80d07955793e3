//! The error type of the memoization API.

use std::path::PathBuf;

use crate::codec;
use crate::memo::EntryKey;
use crate::store;

/// The error of a direct operation on a cache. Calls of memoized functions never fail
/// because of the cache.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory was refused or could not be opened at its first use. The warning
    /// from that time gives the reason.
    #[error("the cache at {} cannot be used; see the warning from when it was opened", dir.display())]
    Unusable {
        /// The directory.
        dir: PathBuf,
    },
    /// The stored result was dropped: explicitly, by its age or for space.
    #[error("the result {key} is no longer stored; call the function again")]
    Gone {
        /// The entry's key.
        key: EntryKey,
    },
    /// The stored bytes are intact but do not decode to the requested type.
    #[error("the stored result cannot be decoded: {0}")]
    Decode(#[from] codec::DecodeError),
    /// The directory cannot be read or written.
    #[error(transparent)]
    Store(#[from] store::Error),
}
