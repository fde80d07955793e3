//! The files whose code is loaded into this process.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::proc::{EXECUTABLE, FileMapping, file_mappings};

/// Opens the executable as it was started, even if the file was replaced on disk since.
pub(super) fn executable() -> io::Result<File> {
    File::open(EXECUTABLE)
}

/// Opens every other file that is mapped as executable, each once.
pub(super) fn libraries() -> io::Result<Vec<File>> {
    let own = std::fs::read_link(EXECUTABLE)?;
    let paths = mapped(&own)?;
    let files = paths.iter().map(|path| open(path)).collect();
    // If a library was replaced in between, its path in the second list differs.
    match mapped(&own)? == paths {
        true => files,
        false => Err(io::Error::other("libraries are being loaded or replaced")),
    }
}

fn mapped(own: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mappings = file_mappings()?.into_iter();
    Ok(mappings
        .filter_map(code_path)
        .filter(|path| path != own)
        .collect())
}

fn code_path(mapping: FileMapping) -> Option<PathBuf> {
    mapping.is_executable.then_some(mapping.path)
}

fn open(path: &Path) -> io::Result<File> {
    let name = path.display();
    if path.as_os_str().as_bytes().ends_with(b" (deleted)") {
        return Err(io::Error::other(format!(
            "{name} was replaced since it was loaded"
        )));
    }
    File::open(path).map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_no_library() {
        let own = std::fs::read_link(EXECUTABLE).unwrap();
        assert!(!mapped(&own).unwrap().contains(&own));
    }

    #[test]
    fn a_library_that_was_replaced_is_reported() {
        let error = open("/usr/lib/libgone.so (deleted)".as_ref()).unwrap_err();
        assert!(error.to_string().contains("was replaced"), "{error}");
    }
}
