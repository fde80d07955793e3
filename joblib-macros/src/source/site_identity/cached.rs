//! The files that were looked at, lexed once each.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::super::token::File;
use super::around::Groups;

type Files = HashMap<PathBuf, Option<Arc<Groups>>>;

/// The file at `path`, if it can be read.
pub(super) fn file(path: &Path) -> Option<Arc<Groups>> {
    static FILES: LazyLock<Mutex<Files>> = LazyLock::new(Mutex::default);
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = files.get(path) {
        return known.clone();
    }
    let text = std::fs::read_to_string(path).ok();
    let file = text.map(|text| Arc::new(Groups::new(File::new(path.to_owned(), text))));
    files.insert(path.to_owned(), file.clone());
    file
}
