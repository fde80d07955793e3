//! The one error of the crate.

use std::path::PathBuf;

use crate::codec;
use crate::memo::EntryKey;
use crate::store;

/// What can go wrong when a cache is asked for something directly. Calls of
/// memoized functions never fail for a fault of the cache.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory was refused or could not be opened when it was first
    /// used; the warning given then says why.
    #[error("the cache at {} is not in use; the warning given when it was opened says why", dir.display())]
    Unusable {
        /// The directory.
        dir: PathBuf,
    },
    /// The stored result is gone: forgotten, expired or dropped for space.
    #[error("the result {key} is no longer stored; call the function again")]
    Gone {
        /// The entry's key.
        key: EntryKey,
    },
    /// The stored bytes are whole but are not a value of the type asked for.
    #[error("the stored result cannot be decoded: {0}")]
    Decode(#[from] codec::DecodeError),
    /// The directory cannot be read or written.
    #[error(transparent)]
    Store(#[from] store::Error),
}
