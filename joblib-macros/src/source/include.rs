//! Files and texts that the arguments of `include!`, `env!` and their like
//! name, in the crate that they stand in.

use std::path::{Path, PathBuf};

use super::attribute;
use super::literal::Known;
use super::token::{File, Span};
use super::world::{CrateId, World};

impl World {
    /// The text that an argument in `krate` comes to, where `fragment` stands
    /// for what a macro is given.
    pub(super) fn text_argument(
        &self,
        krate: CrateId,
        file: &File,
        argument: Span,
        fragment: Option<&str>,
    ) -> Option<String> {
        let variable = |name: &str| self.variable(krate, name);
        let known = Known {
            variable: &variable,
            fragment,
        };
        known.text(file, argument)
    }

    /// The texts that the arguments of a macro come to: of all of them as one,
    /// and of each.
    pub(super) fn text_arguments(&self, krate: CrateId, file: &File, inside: Span) -> Vec<String> {
        let parts = attribute::split(file, inside.clone());
        let spans = parts.into_iter().chain([inside]);
        let texts = spans.filter_map(|span| self.text_argument(krate, file, span, None));
        texts.filter(|text| !text.is_empty()).collect()
    }

    /// The file that an argument of `include!` or its like names.
    pub(super) fn file_argument(
        &self,
        krate: CrateId,
        file: &File,
        argument: Span,
        fragment: Option<&str>,
    ) -> Option<PathBuf> {
        let text = self.text_argument(krate, file, argument, fragment)?;
        let path = file.path.parent()?.join(text);
        path.is_file().then_some(path)
    }

    /// Every file that the build script of `krate` wrote.
    pub(super) fn generated(&self, krate: CrateId) -> Vec<PathBuf> {
        let dir = self.variable(krate, "OUT_DIR");
        let mut files = dir.map_or_else(Vec::new, |dir| files_below(Path::new(&dir)));
        files.sort();
        files
    }
}

/// How many files of a directory are taken.
const MOST_FILES: usize = 1_000;

/// The files in `dir` and the directories in it.
pub(super) fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut queue = vec![dir.to_owned()];
    while let Some(dir) = queue.pop() {
        let listed = std::fs::read_dir(dir).into_iter().flatten().flatten();
        for entry in listed {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => queue.push(entry.path()),
                _ => files.push(entry.path()),
            }
        }
        if files.len() > MOST_FILES {
            break;
        }
    }
    files
}
