//! A cache of lexed files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::enclosing::FileGroups;
use crate::source::token::LexedFile;

type Files = HashMap<PathBuf, Option<Arc<FileGroups>>>;

/// Returns the file at `path`, if it can be read.
pub(super) fn file(path: &Path) -> Option<Arc<FileGroups>> {
    static FILES: LazyLock<Mutex<Files>> = LazyLock::new(Mutex::default);
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = files.get(path) {
        return known.clone();
    }
    let text = std::fs::read_to_string(path).ok();
    let file = text.map(|text| Arc::new(FileGroups::new(LexedFile::new(path.to_owned(), text))));
    files.insert(path.to_owned(), file.clone());
    file
}

/// Returns the files of the compiled package that contain the name of the macro
/// `name`.
pub(super) fn naming(name: &str) -> Vec<Arc<FileGroups>> {
    static NAMING: LazyLock<Mutex<HashMap<String, Vec<Arc<FileGroups>>>>> =
        LazyLock::new(Mutex::default);
    let mut naming = NAMING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = naming.get(name) {
        return known.clone();
    }
    let has_name = |path: &&PathBuf| {
        let text = std::fs::read_to_string(path);
        text.is_ok_and(|text| text.contains(name))
    };
    let found: Vec<_> = package()
        .iter()
        .filter(has_name)
        .filter_map(|path| file(path))
        .collect();
    naming.insert(name.to_owned(), found.clone());
    found
}

/// Returns the source files of the compiled package.
fn package() -> &'static [PathBuf] {
    static FILES: LazyLock<Vec<PathBuf>> = LazyLock::new(|| {
        let mut found = Vec::new();
        if let Some(directory) = std::env::var_os("CARGO_MANIFEST_DIR") {
            collect(Path::new(&directory), &mut found);
        }
        found
    });
    &FILES
}

/// Adds the source files below `directory`. Skips the directories of other packages
/// and build outputs.
fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_other = name.starts_with('.')
            || path.join("Cargo.toml").exists()
            || path.join("CACHEDIR.TAG").exists();
        if path.is_dir() && !path.is_symlink() {
            if !is_other {
                collect(&path, found);
            }
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
}
