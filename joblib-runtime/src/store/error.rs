//! The errors of the store.

use std::io;
use std::path::{Path, PathBuf};

use super::fs;

/// An error of a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system rejected an operation.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// The operation, such as "open".
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Other users could have written to the directory.
    #[error("{} is refused: {why}; {way_out}", path.display())]
    Refused {
        /// The directory.
        path: PathBuf,
        /// The problem.
        why: String,
        /// The remedy.
        way_out: &'static str,
    },
    /// A file has unexpected contents.
    #[error("{} is damaged at byte {offset}: {what}; the entry counts as missing", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The offset in the file.
        offset: u64,
        /// The problem.
        what: &'static str,
    },
    /// A key table is damaged, has a later format, or belongs to another log.
    #[error("the key table {} is not used: {why}; its log is read without it", path.display())]
    Table {
        /// The table.
        path: PathBuf,
        /// The problem.
        why: String,
    },
    /// The store is read-only.
    #[error("{} is opened read-only and cannot be written to", path.display())]
    ReadOnly {
        /// The directory.
        path: PathBuf,
    },
    /// The directory was written by a later version.
    #[error("{} has the format {found}, which is newer than {known}; update joblib or choose another directory", path.display())]
    Future {
        /// The directory.
        path: PathBuf,
        /// The format of the directory.
        found: String,
        /// The newest supported format.
        known: u32,
    },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// Whether the file does not exist any more, because another process removed it.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Error::Io { source, .. } if fs::is_gone(source))
    }
}
