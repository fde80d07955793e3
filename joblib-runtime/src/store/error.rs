//! The errors of the store.

use std::io;
use std::path::{Path, PathBuf};

use super::directory::BIG_DIR;
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

    /// Returns a text that is the same for each error with the same cause: a full disk
    /// rejects the file of every result.
    pub(crate) fn cause(&self) -> String {
        match self {
            Error::Io { path, source, .. } => {
                let directory = path.ancestors().skip(1).find(|it| !it.ends_with(BIG_DIR));
                let directory = directory.unwrap_or(path).display();
                match source.kind() {
                    // The write after an incomplete one fails with one of the others.
                    io::ErrorKind::WriteZero
                    | io::ErrorKind::StorageFull
                    | io::ErrorKind::QuotaExceeded
                    | io::ErrorKind::FileTooLarge => format!("{directory}: full"),
                    _ => format!("{directory}: {source}"),
                }
            }
            error => error.to_string(),
        }
    }

    /// Whether the file does not exist any more, because another process removed it.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Error::Io { source, .. } if fs::is_gone(source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_files_of_a_directory_have_one_cause() {
        let cause = |action, path: &str, kind: io::ErrorKind| {
            Error::io(action, Path::new(path))(kind.into()).cause()
        };
        let full = io::ErrorKind::StorageFull;
        let one = cause("create", "cache/v2/0123.log", full);
        assert_eq!(one, cause("write", "cache/v2/big/4567-89ab", full));
        assert_eq!(one, cause("write to", "cache/v2/cdef.log", full));
        assert_eq!(
            one,
            cause("write to", "cache/v2/0123.log", io::ErrorKind::WriteZero)
        );
        assert_ne!(
            one,
            cause(
                "create",
                "cache/v2/0123.log",
                io::ErrorKind::ReadOnlyFilesystem
            )
        );
        assert_ne!(one, cause("create", "other/v2/0123.log", full));
    }
}
