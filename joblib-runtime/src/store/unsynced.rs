//! Files that are not durable yet, stored until they are synced.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::directory::StoreDir;
use super::fs::{FileSystem, is_gone};
use crate::guarded_fd::{FileIdentity, Guarded};

/// A file that must be synced.
pub(crate) struct UnsyncedFile {
    /// `None` if the program closed it, or if no descriptors were left.
    file: Option<Guarded<File>>,
    identity: FileIdentity,
    path: PathBuf,
}

impl UnsyncedFile {
    /// Wraps a file that was just written.
    pub(crate) fn new(file: File, path: PathBuf) -> UnsyncedFile {
        let file = Guarded::new(file);
        let identity = file.identity();
        let file = Some(file);
        UnsyncedFile {
            file,
            identity,
            path,
        }
    }

    /// Wraps a file that is still being written.
    pub(crate) fn shared(file: &Guarded<File>, path: PathBuf) -> UnsyncedFile {
        let identity = file.identity();
        let other = file.get().and_then(File::try_clone).ok();
        let file = other.map(|other| Guarded::with_identity(other, identity));
        UnsyncedFile {
            file,
            identity,
            path,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file durable. A file that the program closed is reopened, and one that
    /// was removed needs no sync.
    pub(crate) fn sync(&self, files: &dyn FileSystem, directory: &StoreDir) -> io::Result<()> {
        if let Some(Ok(file)) = self.file.as_ref().map(Guarded::get) {
            return files.sync(file);
        }
        match directory.open_file(files, &self.path).map(Guarded::new) {
            Ok(again) if again.identity() == self.identity => files.sync(again.get()?),
            Ok(_) => Ok(()),
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
