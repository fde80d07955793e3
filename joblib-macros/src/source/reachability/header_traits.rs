//! Finds the traits of other crates that a header, or a path after `dyn`, requires.

use std::sync::Arc;

use crate::source::bounds::{self, TraitBound};
use crate::source::database::{CrateDb, ItemId, ItemKind, ModuleId};
use crate::source::impls::{ForeignTrait, ForeignTraitKind};
use crate::source::known::traits::{CONVERSIONS, is_standard_trait, is_without_code};
use crate::source::known::types::STANDARD_TYPES;
use crate::source::name::Name;
use crate::source::references;
use crate::source::resolve::PathTarget;
use crate::source::syntax::is_primitive;
use crate::source::token::{LexedFile, Span};
use crate::source::use_tree::UsePath;

impl CrateDb {
    /// Returns the trait bounds in the header of an item.
    pub(super) fn bounds_of(&mut self, id: ItemId) -> Arc<Vec<TraitBound>> {
        if let Some(known) = self.bounds.get(&id) {
            return Arc::clone(known);
        }
        let found = Arc::new(self.read_bounds(id));
        self.bounds.insert(id, Arc::clone(&found));
        found
    }

    fn read_bounds(&self, id: ItemId) -> Vec<TraitBound> {
        let item = self.item(id);
        let file = &self.files[item.file];
        let end = match (&item.kind, &item.body) {
            (_, Some(body)) => body.start - 1,
            (_, None) => references::own_span(item).end,
        };
        let is_impl = item.kind == ItemKind::Impl;
        let word = (item.head..end).find(|&i| file.is_word(i, "impl"));
        bounds::in_header(file, item.head..end, word.filter(|_| is_impl))
    }

    /// Returns the traits of other crates that the header of an item requires, except
    /// bounds that `is_excluded` excludes.
    pub(super) fn required_by(
        &mut self,
        id: ItemId,
        is_chosen: bool,
        is_excluded: &dyn Fn(&TraitBound) -> bool,
    ) -> Vec<ForeignTrait> {
        let bounds = self.bounds_of(id);
        if bounds.is_empty() {
            return Vec::new();
        }
        let file = self.file_of(id);
        let module = self.item(id).module;
        let parameters = self.parameters_of(id);
        let mut found = Vec::new();
        for bound in bounds.iter() {
            if is_excluded(bound) {
                continue;
            }
            for mut asked in self.required_at(&parameters, module, &bound.path, is_chosen) {
                if let ForeignTraitKind::Standard(name) = asked.of
                    && CONVERSIONS.contains(&name.as_str())
                    && is_plain(&file, bound.arguments.clone())
                {
                    asked.of = ForeignTraitKind::Plain(name);
                }
                found.push(asked);
            }
        }
        found
    }

    /// Returns what a path requires in an item with these generic parameters, if it
    /// leads to a trait of another crate.
    pub(super) fn required_at(
        &mut self,
        parameters: &[Name],
        scope: ModuleId,
        path: &UsePath,
        is_chosen: bool,
    ) -> Vec<ForeignTrait> {
        let Some(last) = path.last() else {
            return Vec::new();
        };
        let first = path.names[0];
        let is_plain = is_primitive(last.as_str()) || first == "Self";
        if is_plain || parameters.contains(&first) {
            return Vec::new();
        }
        let targets = self.resolve(scope, path).targets;
        let mut found: Vec<ForeignTraitKind> = Vec::new();
        for target in &targets {
            found.extend(self.trait_at(target));
        }
        if targets.is_empty() {
            found.extend(self.unknown_trait(scope, path, last));
        }
        let asked = |of| ForeignTrait { of, is_chosen };
        found.into_iter().map(asked).collect()
    }

    fn trait_at(&mut self, target: &PathTarget) -> Option<ForeignTraitKind> {
        let PathTarget::Foreign(from, krate, text) = target else {
            return None;
        };
        let last = text.rsplit("::").next().unwrap_or(text);
        let name = Name::new(last);
        if self.is_of_standard(target) {
            let is_other = STANDARD_TYPES.contains(&last) || is_without_code(last);
            return (!is_other).then_some(ForeignTraitKind::Standard(name));
        }
        if self.is_joblib_target(target) {
            // Its impls for other types call only impls of the same trait.
            return Some(ForeignTraitKind::Named(name));
        }
        let artifact = self.krate(*from).externs.get(krate).cloned();
        let known = artifact.and_then(|artifact| self.published(&artifact));
        Some(match known.as_deref() {
            Some("serde" | "serde_core") => ForeignTraitKind::Serde(name),
            _ => ForeignTraitKind::Other(name),
        })
    }

    /// Resolves a name that has no definition: a name of the prelude, or one that a
    /// glob or a macro may bring in.
    fn unknown_trait(
        &mut self,
        scope: ModuleId,
        path: &UsePath,
        last: Name,
    ) -> Option<ForeignTraitKind> {
        let is_bare = path.names.len() == 1;
        let is_known = is_standard_trait(last.as_str());
        let is_other = STANDARD_TYPES.contains(&last.as_str()) || is_without_code(last.as_str());
        let is_standard = is_bare && (is_other || is_known) && !self.has_foreign_globs(scope);
        match is_standard {
            true => (!is_other).then_some(ForeignTraitKind::Standard(last)),
            false => Some(ForeignTraitKind::Other(last)),
        }
    }

    /// Returns whether a function that a macro generated may use types of its
    /// surroundings.
    pub(super) fn has_other_types(&mut self, id: ItemId) -> bool {
        let facts = self.refs_of(id);
        let resolutions = self.resolutions(id);
        let file = self.file_of(id);
        let own = self.parameters_of(id);
        let mut span = self.item(id).span.clone();
        let mut paths = facts.paths.iter().zip(resolutions.iter());
        let is_unknown = |name: Name| {
            let text = name.as_str();
            let is_type = text.starts_with(char::is_uppercase);
            let is_known = name.is_prelude() || STANDARD_TYPES.contains(&text);
            is_type && !is_known && !is_standard_trait(text) && !own.contains(&name)
        };
        span.any(|i| file.is_word(i, "self") || file.is_word(i, "Self"))
            || paths.any(|(mention, meant)| {
                let first = mention.path.names[0];
                meant.targets.is_empty() && !mention.is_local && is_unknown(first)
            })
    }
}

/// Returns whether the tokens contain only primitive types and `String`.
fn is_plain(file: &LexedFile, span: Span) -> bool {
    let mut words = span.clone().filter(|&i| file.is_word_kind(i));
    let is_known = |i: usize| is_primitive(file.text(i)) || file.is_word(i, "String");
    !span.is_empty() && words.all(is_known)
}
