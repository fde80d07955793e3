//! Evaluates the arguments of `include!`, `env!` and similar macros to files and
//! texts, in the crate that contains them.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};

use super::attribute;
use super::database::{CrateDb, CrateId};
use super::literal::LiteralContext;
use super::token::{LexedFile, Span};

impl CrateDb {
    /// Returns the text of an argument in `krate`. `fragment` stands for the input of
    /// a macro.
    pub(super) fn text_argument(
        &self,
        krate: CrateId,
        file: &LexedFile,
        argument: Span,
        fragment: Option<&str>,
    ) -> Option<String> {
        let variable = |name: &str| self.variable(krate, name);
        let known = LiteralContext {
            variable: &variable,
            fragment,
        };
        known.text(file, argument)
    }

    /// Returns the texts of the arguments of a macro: of all arguments together, and
    /// of each one.
    pub(super) fn text_arguments(
        &self,
        krate: CrateId,
        file: &LexedFile,
        inside: Span,
    ) -> Vec<String> {
        let parts = attribute::split(file, inside.clone());
        let spans = parts.into_iter().chain([inside]);
        let texts = spans.filter_map(|span| self.text_argument(krate, file, span, None));
        texts.filter(|text| !text.is_empty()).collect()
    }

    /// Returns the file that an argument of `include!` or a similar macro names.
    pub(super) fn file_argument(
        &self,
        krate: CrateId,
        file: &LexedFile,
        argument: Span,
        fragment: Option<&str>,
    ) -> Option<PathBuf> {
        let text = self.text_argument(krate, file, argument, fragment)?;
        let path = file.path.parent()?.join(text);
        path.is_file().then_some(path)
    }

    /// Returns every file that the build script of `krate` wrote.
    pub(super) fn generated(&self, krate: CrateId) -> Vec<PathBuf> {
        let dir = self.variable(krate, "OUT_DIR");
        dir.map_or_else(Vec::new, |dir| files_below(Path::new(&dir), &|_| false))
    }
}

/// The files below a directory.
#[derive(Debug, Default)]
pub(super) struct DirectoryFiles {
    pub(super) paths: Vec<PathBuf>,
    /// The directories that were searched.
    pub(super) directories: Vec<PathBuf>,
    /// Whether there are more files than the limit.
    pub(super) has_more: bool,
}

/// Returns the files below `dir`, following links, except in directories for which
/// `is_left_out` returns true.
pub(super) fn files_below(dir: &Path, is_left_out: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    files_below_up_to(dir, usize::MAX, is_left_out).paths
}

/// Returns at most `most` of these files: the first in the order of their names,
/// level by level, independent of the order of the file system.
pub(super) fn files_below_up_to(
    dir: &Path,
    most: usize,
    is_left_out: &dyn Fn(&Path) -> bool,
) -> DirectoryFiles {
    let mut found = DirectoryFiles::default();
    let mut seen = HashSet::new();
    let mut queue = VecDeque::from([dir.to_owned()]);
    while let Some(dir) = queue.pop_front() {
        // A link may lead back to a parent directory.
        let is_new = dir.canonicalize().is_ok_and(|dir| seen.insert(dir));
        let listed = is_new.then(|| std::fs::read_dir(&dir).into_iter().flatten());
        let listed = listed.into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = listed.map(|entry| entry.path()).collect();
        paths.sort();
        found.directories.push(dir);
        for path in paths {
            match path.metadata() {
                Ok(metadata) if metadata.is_dir() && !is_left_out(&path) => queue.push_back(path),
                Ok(metadata) if metadata.is_file() => found.paths.push(path),
                _ => {}
            }
        }
        if found.paths.len() > most {
            found.paths.truncate(most);
            found.has_more = true;
            break;
        }
    }
    found.paths.sort();
    found
}

/// Returns whether a walk over a package skips a directory: it is hidden, another
/// package, or a build output.
pub(super) fn is_skipped_dir(dir: &Path, target_dir: Option<&Path>) -> bool {
    let name = dir.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with('.'))
        || Some(dir) == target_dir
        || is_tool_output(dir)
        || dir.join("Cargo.toml").is_file()
}

/// Returns whether tools create the contents of a directory. Such a directory does
/// not count even if a macro names a parent directory.
pub(super) fn is_tool_output(dir: &Path) -> bool {
    dir.file_name().is_some_and(|name| name == ".git") || dir.join("CACHEDIR.TAG").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_taken_in_the_order_of_their_names() {
        let dir = tempfile::TempDir::new().unwrap();
        for name in ["c/x", "a/x", "b/x", "d"] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, name).unwrap();
        }
        let names = |most| {
            let files = files_below_up_to(dir.path(), most, &|_| false);
            let below = |path: &PathBuf| path.strip_prefix(dir.path()).unwrap().to_owned();
            (
                files.paths.iter().map(below).collect::<Vec<_>>(),
                files.has_more,
            )
        };
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(names(2), (paths(&["a/x", "d"]), true));
        assert_eq!(names(4), (paths(&["a/x", "b/x", "c/x", "d"]), false));
    }
}
