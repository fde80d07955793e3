//! What macros reported to rustc as read, according to the dependency file of a
//! crate. Entries do not count if a source of the crate explains them, or if joblib
//! reported them itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::source::database::{CrateDb, CrateId};
use crate::source::include::is_skipped_dir;
use crate::source::literal::strings;
use crate::source::opaque_crates::LOCATION_VARIABLES;
use crate::source::token::LexedFile;

/// Files and variables that macros reported to rustc.
#[derive(Debug, Default)]
pub(in crate::source) struct TrackedPaths {
    pub(in crate::source) files: Vec<TrackedFile>,
    pub(in crate::source) variables: Vec<String>,
}

/// A file in the dependency file of a crate.
#[derive(Debug)]
pub(in crate::source) struct TrackedFile {
    /// A name that does not depend on the location of the package.
    pub(in crate::source) name: String,
    pub(in crate::source) path: PathBuf,
    /// Whether a source of the crate names it.
    pub(in crate::source) is_named: bool,
    /// Whether it is one of the files that count if any file of the package may be
    /// read.
    pub(in crate::source) is_of_package: bool,
}

/// Marks a path that joblib reported. No other path that rustc records contains it.
const MARK: &str = "/././";
/// The prefix of the variable that marks a variable which joblib reported.
const MARK_OF_VARIABLE: &str = "JOBLIB_TRACKS_";

/// Returns the path under which joblib reports a file to rustc.
pub(in crate::source) fn tracked_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    match text.rsplit_once('/') {
        Some((dir, name)) if std::path::MAIN_SEPARATOR == '/' => format!("{dir}{MARK}{name}"),
        // A path of another form is recorded as if a macro had reported it.
        _ => text.into_owned(),
    }
}

/// Returns the variable that marks another variable as reported by joblib.
pub(in crate::source) fn mark_of_variable(name: &str) -> String {
    format!("{MARK_OF_VARIABLE}{name}")
}

impl CrateDb {
    /// Returns what macros reported to rustc when it compiled `krate`. For the
    /// current compilation this is not known yet, so the previous one is used.
    pub(in crate::source) fn tracked(&mut self, krate: CrateId) -> Arc<TrackedPaths> {
        if let Some(known) = self.readers.tracked.get(&krate) {
            return Arc::clone(known);
        }
        let (files, variables) = self.noted(krate);
        let tracked = Arc::new(self.unexplained(krate, files, variables));
        self.readers.tracked.insert(krate, Arc::clone(&tracked));
        tracked
    }

    /// Returns the variables that rustc recorded for `krate`, regardless of who read
    /// them.
    pub(super) fn noted_variables(&self, krate: CrateId) -> Vec<String> {
        let (_, mut names) = self.noted(krate);
        names.retain(|name| !name.starts_with(MARK_OF_VARIABLE));
        names
    }

    /// Returns the files other than sources, and the variables, that rustc recorded.
    fn noted(&self, krate: CrateId) -> (Vec<PathBuf>, Vec<String>) {
        let Some(unit) = &self.krate(krate).origin.unit else {
            let before = self.context.seen_before();
            return (before.files, before.variables);
        };
        let is_source = |path: &&PathBuf| path.extension().is_some_and(|kind| kind == "rs");
        let files = unit.sources.iter().filter(|path| !is_source(path));
        let names = unit.variables.keys();
        let names = names.filter(|name| !LOCATION_VARIABLES.contains(&name.as_str()));
        (files.cloned().collect(), names.cloned().collect())
    }

    fn unexplained(
        &self,
        krate: CrateId,
        files: Vec<PathBuf>,
        variables: Vec<String>,
    ) -> TrackedPaths {
        let dir = &self.krate(krate).origin.dir;
        let dir = dir.canonicalize().unwrap_or(dir.clone());
        let target_dir = self.context.target_dir();
        let is_left_out = |path: &Path| is_skipped_dir(path, target_dir.as_deref());
        let sources = self.sources_of(krate);
        let mut tracked = TrackedPaths::default();
        for path in files {
            if !path.to_string_lossy().contains(MARK) {
                // A source may name it with `..` components.
                let path = path.canonicalize().unwrap_or(path);
                let below = path.strip_prefix(&dir).ok();
                let last = path.file_name().map(Path::new);
                let name = below.unwrap_or(last.unwrap_or(&path));
                let mut above = path.ancestors().skip(1);
                let mut within = above.by_ref().take_while(|above| *above != dir);
                tracked.files.push(TrackedFile {
                    name: name.display().to_string(),
                    is_named: self.is_named(krate, &sources, &path),
                    is_of_package: below.is_some() && !within.any(is_left_out),
                    path,
                });
            }
        }
        let is_named = |name: &String| {
            let mut texts = sources.iter().flat_map(|file| strings(file, file.all()));
            texts.any(|text| text == *name)
        };
        let is_marked = |name: &String| {
            name.starts_with(MARK_OF_VARIABLE) || variables.contains(&mark_of_variable(name))
        };
        let is_tracked = |name: &&String| !is_marked(name) && !is_named(name);
        tracked.variables = variables.iter().filter(is_tracked).cloned().collect();
        tracked
    }

    /// Returns the files that were read for a crate.
    fn sources_of(&self, krate: CrateId) -> Vec<Arc<LexedFile>> {
        let items = self.items.iter();
        let own = items.filter(|item| self.module(item.module).krate == krate);
        let mut files: Vec<usize> = own.map(|item| item.file).collect();
        files.sort_unstable();
        files.dedup();
        let files = files.into_iter().map(|file| Arc::clone(&self.files[file]));
        files.collect()
    }

    /// Returns whether a source names a file or a directory that contains it: in the
    /// argument of a built-in macro, or in a string literal that another macro may
    /// use as a path.
    fn is_named(&self, krate: CrateId, sources: &[Arc<LexedFile>], path: &Path) -> bool {
        let Ok(wanted) = path.canonicalize() else {
            return false;
        };
        let dir = &self.krate(krate).origin.dir;
        let own = [dir.clone(), dir.join("src")].map(|dir| dir.canonicalize().unwrap_or(dir));
        let above = wanted.ancestors();
        let above = above.take_while(|above| !own.contains(&above.to_path_buf()));
        let above: Vec<&Path> = above.filter(|above| !dir.starts_with(above)).collect();
        let is_wanted = |path: PathBuf| {
            let found = path.canonicalize();
            found.is_ok_and(|found| above.contains(&found.as_path()))
        };
        sources.iter().any(|file| {
            let places = super::places(dir, file);
            let mut texts = strings(file, file.all());
            let by_text = texts.any(|text| {
                let last = Path::new(&text).file_name();
                last.is_some_and(|last| above.iter().any(|path| path.file_name() == Some(last)))
                    && places.iter().any(|place| is_wanted(place.join(&text)))
            });
            by_text || self.includes(krate, file, &wanted)
        })
    }

    /// Returns whether `include_str!` or a similar macro names the file.
    fn includes(&self, krate: CrateId, file: &LexedFile, wanted: &Path) -> bool {
        let is_include = |at: &usize| {
            let words = ["include", "include_str", "include_bytes"];
            words.contains(&file.text(*at)) && file.is(at + 1, b'!') && file.opens(at + 2)
        };
        let mut calls = file.all().filter(is_include);
        calls.any(|at| {
            let found = self.file_argument(krate, file, file.inside(at + 2), None);
            found.is_some_and(|path| path.canonicalize().is_ok_and(|path| path == wanted))
        })
    }
}
