//! The files of a package as text in memory, and edits of them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Files by their path relative to the source directory.
pub(crate) type Tree = BTreeMap<String, String>;

/// One edit of the files.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edit {
    /// Replaces the only occurrence of `.1` in the file with `.2`.
    Replace(&'static str, &'static str, &'static str),
    /// Writes this text to the file and creates the file if it is missing.
    Write(&'static str, &'static str),
    /// Removes the file.
    Remove(&'static str),
    /// Swaps the contents of the two files.
    Exchange(&'static str, &'static str),
}

impl Edit {
    /// Applies the edit.
    ///
    /// # Errors
    ///
    /// Fails if a file is missing or does not contain the replaced text exactly once.
    pub(crate) fn make(self, tree: &mut Tree) -> Result<(), String> {
        let missing = |file: &str| format!("{file} is missing");
        match self {
            Edit::Replace(file, from, to) => {
                let text = tree.get_mut(file).ok_or_else(|| missing(file))?;
                let count = text.matches(from).count();
                if count != 1 {
                    return Err(format!(
                        "{file}: expected {from:?} once, found it {count} times"
                    ));
                }
                *text = text.replace(from, to);
            }
            Edit::Write(file, text) => {
                tree.insert(file.to_owned(), text.to_owned());
            }
            Edit::Remove(file) => {
                tree.remove(file).ok_or_else(|| missing(file))?;
            }
            Edit::Exchange(one, two) => {
                let first = tree.get(one).ok_or_else(|| missing(one))?.clone();
                let second = tree.insert(two.to_owned(), first);
                tree.insert(one.to_owned(), second.ok_or_else(|| missing(two))?);
            }
        }
        Ok(())
    }
}

/// Makes the files in `dir` equal to `to`. Files that are the same in `from` are not
/// written and keep their modification time.
pub(crate) fn save(dir: &Path, from: &Tree, to: &Tree) -> io::Result<()> {
    for gone in from.keys().filter(|path| !to.contains_key(*path)) {
        fs::remove_file(dir.join(gone))?;
    }
    for (path, text) in to
        .iter()
        .filter(|(path, text)| from.get(*path) != Some(text))
    {
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}
