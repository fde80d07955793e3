//! What goes wrong between the store and the file system.

use std::io;
use std::path::{Path, PathBuf};

use super::fs;

/// A fault of a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused an operation.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as in "open".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory could be under another's control.
    #[error("{} is refused: {why}; {way_out}", path.display())]
    Refused {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// What the user can do.
        way_out: &'static str,
    },
    /// Bytes are not what was written.
    #[error("{} is damaged at byte {offset}: {what}; the entry counts as missing", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in the file.
        offset: u64,
        /// What was found.
        what: &'static str,
    },
    /// A key table is damaged, of a later format, or of another log.
    #[error("the key table {} is not used: {why}; its log is read without it", path.display())]
    Table {
        /// The table.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The store was opened to be read only.
    #[error("{} is opened read-only, so nothing is written to it", path.display())]
    ReadOnly {
        /// The directory.
        path: PathBuf,
    },
    /// The directory was written by a later version.
    #[error("{} has the format {found}, which is newer than {known}; update joblib or name another directory", path.display())]
    Future {
        /// The directory.
        path: PathBuf,
        /// The format found.
        found: String,
        /// The newest format known here.
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

    /// Whether the file has gone: another process dropped it.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Error::Io { source, .. } if fs::is_gone(source))
    }
}
