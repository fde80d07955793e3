//! Names that macros emit from their own code: the words in the sources of procedural
//! macros and of their dependencies, and in the bodies of macros of crates that count
//! as a whole.

use std::collections::HashMap;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use super::build_unit;
use super::crates::ExternCrate;
use super::database::CrateDb;
use super::known::crates::{MACRO_HELPER_CRATES, names_nothing};
use super::literal;
use super::name::{Name, Set};
use super::name_pattern::NamePattern;
use super::syntax::{is_keyword, is_primitive};
use super::token::{LexedFile, Span};

/// The names that the macros of each compiled crate emit; `None` if their source is
/// not known.
#[derive(Debug, Default)]
pub(super) struct MacroWrittenNames {
    known: HashMap<PathBuf, Option<Arc<CodeNames>>>,
}

/// Names that some code contains or builds from parts.
#[derive(Clone, Debug, Default)]
pub(super) struct CodeNames {
    pub(super) names: Set<Name>,
    pub(super) patterns: Vec<NamePattern>,
}

/// The maximum distance from a crate to its procedural macro crates.
const DEPTH: usize = 4;

impl CrateDb {
    /// Returns the words in the code of the procedural macros that a crate contains
    /// or re-exports. Returns `None` if their sources are not known.
    pub(super) fn written_by(&mut self, artifact: &FilePath) -> Option<Arc<CodeNames>> {
        if let Some(known) = self.written.known.get(artifact) {
            return known.clone();
        }
        let words = self.read_written(artifact).map(Arc::new);
        let known = &mut self.written.known;
        known.insert(artifact.to_owned(), words.clone());
        words
    }

    fn read_written(&mut self, artifact: &FilePath) -> Option<CodeNames> {
        let seen = self.procedural_below(artifact)?;
        let mut crates = Vec::new();
        for artifact in seen.iter().filter(|artifact| is_procedural(artifact)) {
            self.helpers_of(artifact, &mut crates)?;
        }
        let mut words = CodeNames::default();
        for source in crates
            .iter()
            .flat_map(|artifact| build_unit::sources(artifact))
        {
            let text = std::fs::read_to_string(&source).unwrap_or_default();
            let file = LexedFile::new(source, text);
            words.take(&file, file.all());
        }
        Some(words)
    }

    /// Returns a crate and its dependencies down to the procedural macro crates. The
    /// search is breadth-first, because the shortest of several paths to a crate
    /// counts.
    fn procedural_below(&mut self, artifact: &FilePath) -> Option<Vec<PathBuf>> {
        let is_known =
            |name: Arc<str>| names_nothing(&name) || MACRO_HELPER_CRATES.contains(&&*name);
        let mut seen = Vec::new();
        let mut near = vec![artifact.to_owned()];
        for depth in 0..=DEPTH {
            let mut further = Vec::new();
            for artifact in near {
                if seen.contains(&artifact)
                    || self.published(&artifact).is_some_and(is_known)
                    || self.extern_kind(&artifact) == ExternCrate::Joblib
                {
                    continue;
                }
                if depth < DEPTH && !is_procedural(&artifact) {
                    let unit = self.unit(&artifact)?;
                    further.extend(unit.dependencies.iter().map(|(_, below)| below.clone()));
                }
                seen.push(artifact);
            }
            near = further;
        }
        Some(seen)
    }

    /// Adds a crate and its dependencies whose code it may emit.
    fn helpers_of(&mut self, artifact: &FilePath, found: &mut Vec<PathBuf>) -> Option<()> {
        let name = self.published(artifact);
        let is_helper = name.is_some_and(|name| MACRO_HELPER_CRATES.contains(&&*name));
        if is_helper || found.iter().any(|it| it == artifact) {
            return Some(());
        }
        found.push(artifact.to_owned());
        if self.extern_kind(artifact) == ExternCrate::Joblib {
            return Some(());
        }
        for (_, below) in self.unit(artifact)?.dependencies.iter() {
            self.helpers_of(below, found)?;
        }
        Some(())
    }
}

/// Returns whether a compiled file is a dynamic library, which the compiler loads.
pub(super) fn is_procedural(artifact: &FilePath) -> bool {
    let libraries = ["so", "dylib", "dll"];
    artifact
        .extension()
        .is_some_and(|end| libraries.iter().any(|library| end == *library))
}

impl CodeNames {
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.patterns.is_empty()
    }

    pub(super) fn extend(&mut self, other: &CodeNames) {
        self.names.extend(other.names.iter().copied());
        other
            .patterns
            .iter()
            .for_each(|it| self.add_pattern(it.clone()));
    }

    /// Adds the names in a token range and in its string literals.
    pub(super) fn take(&mut self, file: &LexedFile, span: Span) {
        let words = span.clone().filter_map(|i| file.name(i));
        words.for_each(|word| self.add(word));
        for text in literal::strings(file, span) {
            let is_part = |c: char| matches!(c, '_' | '{' | '}') || c.is_alphanumeric();
            for part in text.split(|c: char| !is_part(c)) {
                self.take_part(part);
            }
        }
    }

    /// Adds a word of a string literal: a name, or one with holes or with an end to
    /// which something may be appended.
    fn take_part(&mut self, part: &str) {
        let is_open = part.ends_with('_') || part.starts_with('_');
        let open = format!("{{}}{part}{{}}");
        let pattern = if is_open { &open } else { part };
        if let Some(pattern) = NamePattern::formatted(pattern) {
            self.add_pattern(pattern);
        }
        for word in part.split(['{', '}']) {
            if word.starts_with(|c: char| c == '_' || c.is_alphabetic()) {
                self.add(Name::new(word));
            }
        }
    }

    fn add(&mut self, word: Name) {
        let text = word.as_str();
        if !word.is_prelude() && !is_keyword(text) && !is_primitive(text) && text != "_" {
            self.names.insert(word);
        }
    }

    fn add_pattern(&mut self, pattern: NamePattern) {
        if !self.patterns.contains(&pattern) {
            self.patterns.push(pattern);
        }
    }
}
