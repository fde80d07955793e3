//! The input of macros, and the parts of files that depend on it.

use std::sync::Arc;

use super::{Include, Widening};
use crate::source::database::CrateId;
use crate::source::name::Name;
use crate::source::token::{LexedFile, Span};

/// Returns the names in a text that may be names of crates: the whole text, or the
/// identifier before a `::`.
pub(super) fn starts_of_paths(text: &str) -> Vec<Name> {
    let is_part = |c: char| c == '_' || c.is_alphanumeric();
    let before = text.match_indices("::").map(|(at, _)| &text[..at]);
    let names = before
        .chain([text])
        .filter_map(|text| text.rsplit(|c| !is_part(c)).next());
    names
        .filter(|name| !name.is_empty())
        .map(Name::new)
        .collect()
}

/// Adds a part of a file, unless it is already in the list. Included code is read
/// again when there is more input to build its name from.
pub(super) fn add_part(
    parts: &mut Vec<(CrateId, Arc<LexedFile>, Span)>,
    krate: CrateId,
    file: &Arc<LexedFile>,
    span: &Span,
) {
    let is_same = |(of, known, at): &(CrateId, Arc<LexedFile>, Span)| {
        *of == krate && known.path == file.path && at == span
    };
    if !parts.iter().any(is_same) {
        parts.push((krate, Arc::clone(file), span.clone()));
    }
}

impl Widening {
    pub(super) fn add_include(&mut self, include: Include) {
        let is_same = |known: &Include| {
            known.module == include.module
                && known.file.path == include.file.path
                && known.argument == include.argument
                && known.is_code == include.is_code
        };
        if !self.includes.iter().any(is_same) {
            self.includes.push(include);
        }
    }

    /// Returns the words that macros receive.
    pub(in crate::source) fn words(&self) -> Vec<Name> {
        self.words.iter().copied().collect()
    }

    /// Returns the string literals and words that macros receive.
    pub(super) fn given(&self) -> impl Iterator<Item = &Name> {
        self.texts.iter().chain(&self.words)
    }
}
