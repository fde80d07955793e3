//! The files of a package, as text in memory, and what edits make of them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Files by their path below the directory of the sources.
pub(crate) type Tree = BTreeMap<String, String>;

/// One edit of the files.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edit {
    /// The one place in the file that reads `.1` becomes `.2`.
    Replace(&'static str, &'static str, &'static str),
    /// The file gets this text, and is made if it is not there.
    Write(&'static str, &'static str),
    /// The file is no longer there.
    Remove(&'static str),
    /// The two files exchange their texts.
    Exchange(&'static str, &'static str),
}

impl Edit {
    /// Makes the edit, or says why the files do not have what it is about.
    pub(crate) fn make(self, tree: &mut Tree) -> Result<(), String> {
        let missing = |file: &str| format!("{file} is not there");
        match self {
            Edit::Replace(file, from, to) => {
                let text = tree.get_mut(file).ok_or_else(|| missing(file))?;
                let count = text.matches(from).count();
                if count != 1 {
                    return Err(format!("{file} has {from:?} {count} times, not once"));
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

/// Makes the files below `dir` those of `to`. Files that are the same in `from`
/// are not touched, and keep the time at which they were saved.
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
