//! Names that a macro may build from parts or from its input.

use std::sync::Arc;

use super::WHOLE_CRATE;
use crate::source::database::{CrateDb, CrateId, ItemId};
use crate::source::macro_written::CodeNames;
use crate::source::name::{self, Map, Name};
use crate::source::name_pattern::NamePattern;
use crate::source::reachability::Reachability;
use crate::source::syntax::is_primitive;

impl Reachability<'_> {
    /// Adds every item whose name may match the pattern.
    pub(super) fn reach_by_pattern(&mut self, id: ItemId, pattern: &NamePattern) {
        if self.widening.patterns.contains(pattern) {
            return;
        }
        self.widening.patterns.push(pattern.clone());
        if pattern.is_any() {
            self.note(id, || WHOLE_CRATE.to_owned());
        }
        for &(krate, _) in self.parts().iter() {
            self.pattern_in(krate, pattern);
        }
    }

    pub(super) fn pattern_in(&mut self, krate: CrateId, pattern: &NamePattern) {
        let names = self.world.names(krate);
        let wanted = names.all.iter().filter(|name| pattern.matches(**name));
        for &name in wanted {
            self.reach_name(name);
        }
    }

    /// Adds every item whose name contains the words of one of these names.
    pub(super) fn reach_by_roots(&mut self, words: &[Name]) {
        for &word in words {
            let text = word.as_str();
            let is_language = word.is_prelude() || is_primitive(text) || text == "_";
            if !is_language && self.widening.roots.insert(word) {
                for &(krate, _) in self.parts().iter() {
                    self.root_in(krate, word);
                }
            }
        }
    }

    pub(super) fn root_in(&mut self, krate: CrateId, root: Name) {
        let names = self.world.names(krate);
        let root = root.words();
        for first in root.first() {
            let near = names.by_part.get(&Name::new(first));
            for &name in near.map_or(&[][..], Vec::as_slice) {
                if names
                    .words
                    .get(&name)
                    .is_some_and(|words| words.contain(&root))
                {
                    self.reach_name(name);
                }
            }
        }
    }

    /// Adds every item and every crate that macros name in their own code.
    pub(in crate::source) fn add_written_names(&mut self, id: ItemId, words: &CodeNames) {
        if !words.is_empty() {
            self.note(id, || "names in the code of its macros".to_owned());
        }
        for pattern in &words.patterns {
            self.reach_by_pattern(id, pattern);
        }
        for &word in &words.names {
            if self.widening.written.insert(word) {
                for &(krate, _) in self.parts().iter() {
                    self.written_in(krate, word);
                }
            }
        }
    }

    /// Adds what the procedural macros of a followed crate name.
    pub(in crate::source) fn add_written_names_of(&mut self, krate: CrateId) {
        let root = self.world.krate(krate).root;
        let first = self.world.module(root).items.first().copied();
        let (Some(artifact), Some(id)) = (self.world.artifact_of(krate), first) else {
            return;
        };
        match self.world.written_by(&artifact) {
            Some(words) => self.add_written_names(id, &words),
            None => self.reach_by_pattern(id, &NamePattern::any()),
        }
    }

    fn written_in(&mut self, krate: CrateId, word: Name) {
        let names = self.world.names(krate);
        if names.all.binary_search(&word).is_ok() {
            self.reach_name(word);
        }
        self.add_extern_crate(krate, word);
    }

    pub(super) fn reach_name(&mut self, name: Name) {
        self.add_loose(name);
        self.add_member(name);
    }

    /// Applies everything known so far to a crate that has joined.
    pub(in crate::source) fn widen_to(&mut self, krate: CrateId) {
        for pattern in self.widening.patterns.clone() {
            self.pattern_in(krate, &pattern);
        }
        for word in self.widening.written.iter().copied().collect::<Vec<_>>() {
            self.written_in(krate, word);
        }
        for root in self.widening.roots.iter().copied().collect::<Vec<_>>() {
            self.root_in(krate, root);
        }
        if self.widening.has_registry {
            self.take_registered(krate);
        }
    }
}

/// The names of a crate, and the words that they consist of.
#[derive(Debug, Default)]
pub(in crate::source) struct CrateNameWords {
    all: Vec<Name>,
    by_part: Map<Name, Vec<Name>>,
    words: Map<Name, name::NameWords>,
}

impl CrateDb {
    /// Returns the names of the items and members of a crate.
    pub(in crate::source) fn names(&mut self, krate: CrateId) -> Arc<CrateNameWords> {
        if let Some(known) = self.names.get(&krate) {
            return Arc::clone(known);
        }
        let here = self.krate(krate);
        let mut all: Vec<Name> = here
            .free
            .keys()
            .chain(here.members.keys())
            .copied()
            .collect();
        all.sort_unstable();
        all.dedup();
        let mut names = CrateNameWords::default();
        for &name in &all {
            let words = name.words();
            for part in words.all() {
                let known = names.by_part.entry(Name::new(part)).or_default();
                if known.last() != Some(&name) {
                    known.push(name);
                }
            }
            names.words.insert(name, words);
        }
        names.all = all;
        let names = Arc::new(names);
        self.names.insert(krate, Arc::clone(&names));
        names
    }
}
