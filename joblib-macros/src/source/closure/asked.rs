//! Traits of other crates whose impls count for types that nothing reached names:
//! callers choose one where a bound asks for the trait, or `dyn` hides it.

use super::super::bounds::{self, Bound};
use super::super::facts::{self, Facts};
use super::super::head;
use super::super::impls::{Asked, Of, Table};
use super::super::known::traits::{CONVERSIONS, is_standard_trait, is_without_code};
use super::super::known::types::STANDARD_TYPES;
use super::super::name::Name;
use super::super::resolve::Target;
use super::super::syntax::is_primitive;
use super::super::token::{File, Span};
use super::super::tree::Path;
use super::super::world::{ItemId, ItemKind, ModuleId, World};
use super::{Callers, Closure};

impl Closure<'_> {
    /// Takes what the impls of a trait of another crate may be.
    pub(in crate::source) fn ask(&mut self, asked: Asked) {
        if self.asked.insert(asked) {
            self.join_all();
            for (_, table) in self.parts().iter() {
                self.asked_in(table, asked);
            }
        }
    }

    pub(super) fn asked_in(&mut self, table: &Table, asked: Asked) {
        for (given, id) in &table.implementing {
            if !asked.may_be(given) {
                continue;
            }
            match self.world.item(*id).kind {
                ItemKind::Impl => self.take_whole(*id),
                _ => self.reach(*id, true),
            }
        }
    }

    /// What callers of the function bring by the types that they choose.
    pub(super) fn ask_for_callers(&mut self, seed: ItemId) {
        if self.callers == Callers::Settled {
            return;
        }
        let parent = self.world.item(seed).parent;
        for id in [Some(seed), parent].into_iter().flatten() {
            for asked in self.world.asked_by(id, true, &|_| false) {
                self.ask(asked);
            }
        }
        if self.callers == Callers::Unknown && parent.is_none() && self.world.has_other_types(seed)
        {
            // Bounds may stand around it.
            self.ask(Asked {
                of: Of::Other(Name::new("")),
                is_chosen: true,
            });
        }
    }

    /// What hides behind a trait all of whose impls count: any type that the bounds
    /// of this one allow, but where the trait's own arguments say it.
    pub(super) fn ask_for_hidden(&mut self, id: ItemId) {
        let item = self.world.item(id).clone();
        if item.kind != ItemKind::Impl {
            return;
        }
        let is_chosen = self.callers != Callers::Settled;
        let file = self.world.file_of(id);
        let (of, _, parameters) = head::sides(&file, &item);
        let of: Vec<Name> = of
            .into_iter()
            .flatten()
            .filter_map(|i| file.name(i))
            .collect();
        let is_open = is_chosen || self.is_given_hidden(id);
        let is_said = |bound: &Bound| {
            let mut asked = bound
                .subject
                .iter()
                .filter(|name| parameters.contains(name));
            let has_some = asked.clone().next().is_some();
            !is_open && has_some && asked.all(|name| of.contains(name))
        };
        for asked in self.world.asked_by(id, is_chosen, &is_said) {
            self.ask(asked);
        }
        self.note_given(id, &file, &parameters);
    }

    /// Whether a type that is hidden is given to the trait of an impl.
    fn is_given_hidden(&self, id: ItemId) -> bool {
        let krate = self.world.crate_of(id);
        let table = self.joined.iter().find(|(joined, _)| *joined == krate);
        let concern = table.and_then(|(_, table)| table.concerns.get(&id));
        concern.is_none_or(|concern| {
            concern
                .traits
                .iter()
                .any(|id| self.given_hidden.contains(id))
        })
    }

    /// Notes the traits of the crate that the bounds of an impl give its parameters.
    fn note_given(&mut self, id: ItemId, file: &File, parameters: &[Name]) {
        let module = self.world.item(id).module;
        for bound in self.world.bounds_of(id) {
            let mut words = bound.arguments.clone().filter_map(|i| file.name(i));
            if !words.any(|name| parameters.contains(&name)) {
                continue;
            }
            for target in self.world.resolve(module, &bound.path).targets {
                if let Target::Item(of) = target
                    && self.given_hidden.insert(of)
                {
                    self.ask_again(of);
                }
            }
        }
    }

    /// Looks again at the impls of a trait that count already.
    fn ask_again(&mut self, of: ItemId) {
        for (_, table) in self.parts().iter() {
            for &id in table.by_trait.get(&of).into_iter().flatten() {
                if self.reached.get(&id) == Some(&true) {
                    self.ask_for_hidden(id);
                }
            }
        }
    }

    /// The traits of other crates that values hide behind in an item.
    pub(in crate::source) fn ask_for_objects(&mut self, id: ItemId, facts: &Facts) {
        let scope = self
            .world
            .block_of(id)
            .unwrap_or(self.world.item(id).module);
        for object in &facts.objects {
            for mut asked in self.world.asked_for(id, scope, &object.path, false) {
                match asked.of {
                    Of::Standard(name) if object.is_sure || is_standard_trait(name.as_str()) => {}
                    Of::Standard(_) => continue,
                    Of::Other(name) if !object.is_sure => asked.of = Of::Named(name),
                    _ => {}
                }
                self.ask(asked);
            }
        }
        self.widening.hides_given |= facts.hides_given;
    }

    /// Traits that values hide behind in the code of a macro, which says their names
    /// where the macro is defined.
    pub(in crate::source) fn ask_for_made(&mut self, facts: &Facts) {
        for object in facts.objects.iter().filter(|object| object.is_sure) {
            if let Some(name) = object.path.last() {
                self.ask_for_named(name);
            }
        }
        self.widening.hides_given |= facts.hides_given;
    }

    /// Traits whose names macros are given that put `dyn` before them.
    pub(in crate::source) fn ask_for_given(&mut self) {
        for name in self.widening.words() {
            self.ask_for_named(name);
        }
    }

    /// A trait of this name, if it is one.
    fn ask_for_named(&mut self, name: Name) {
        let of = match is_standard_trait(name.as_str()) {
            true => Of::Standard(name),
            false => Of::Named(name),
        };
        let is_type = name.as_str().starts_with(char::is_uppercase);
        if is_type && !is_without_code(name.as_str()) {
            let is_chosen = false;
            self.ask(Asked { of, is_chosen });
        }
    }
}

impl World {
    /// The bounds in the header of an item.
    fn bounds_of(&self, id: ItemId) -> Vec<Bound> {
        let item = self.item(id);
        let file = &self.files[item.file];
        let end = match (&item.kind, &item.body) {
            (_, Some(body)) => body.start - 1,
            (_, None) => facts::own_span(item).end,
        };
        let is_impl = item.kind == ItemKind::Impl;
        let word = (item.head..end).find(|&i| file.is_word(i, "impl"));
        bounds::in_header(file, item.head..end, word.filter(|_| is_impl))
    }

    /// The traits of other crates that the header of an item asks for, those apart
    /// that are said otherwise.
    fn asked_by(
        &mut self,
        id: ItemId,
        is_chosen: bool,
        is_said: &dyn Fn(&Bound) -> bool,
    ) -> Vec<Asked> {
        let file = self.file_of(id);
        let module = self.item(id).module;
        let mut found = Vec::new();
        for bound in self.bounds_of(id) {
            if is_said(&bound) {
                continue;
            }
            for mut asked in self.asked_for(id, module, &bound.path, is_chosen) {
                if let Of::Standard(name) = asked.of
                    && CONVERSIONS.contains(&name.as_str())
                    && is_plain(&file, bound.arguments.clone())
                {
                    asked.of = Of::Plain(name);
                }
                found.push(asked);
            }
        }
        found
    }

    /// What a path in an item asks for, if it leads to a trait of another crate.
    fn asked_for(
        &mut self,
        id: ItemId,
        scope: ModuleId,
        path: &Path,
        is_chosen: bool,
    ) -> Vec<Asked> {
        let Some(last) = path.last() else {
            return Vec::new();
        };
        let first = path.names[0];
        let is_plain = is_primitive(last.as_str()) || first == "Self";
        if is_plain || self.parameters_of(id).contains(&first) {
            return Vec::new();
        }
        let targets = self.resolve(scope, path).targets;
        let mut found: Vec<Of> = Vec::new();
        for target in &targets {
            found.extend(self.trait_at(target));
        }
        if targets.is_empty() {
            found.extend(self.unknown_trait(scope, path, last));
        }
        let asked = |of| Asked { of, is_chosen };
        found.into_iter().map(asked).collect()
    }

    fn trait_at(&mut self, target: &Target) -> Option<Of> {
        let Target::Foreign(from, krate, text) = target else {
            return None;
        };
        let last = text.rsplit("::").next().unwrap_or(text);
        let name = Name::new(last);
        if self.is_of_standard(target) {
            let is_other = STANDARD_TYPES.contains(&last) || is_without_code(last);
            return (!is_other).then_some(Of::Standard(name));
        }
        if self.is_ours(target) && is_without_code(last) {
            return None;
        }
        let artifact = self.krate(*from).externs.get(krate).cloned();
        let known = artifact.and_then(|artifact| self.published(&artifact));
        Some(match known.as_deref() {
            Some("serde" | "serde_core") => Of::Serde(name),
            _ => Of::Other(name),
        })
    }

    /// A name that leads to nothing: one of the prelude, or one that a glob or a
    /// macro brings.
    fn unknown_trait(&mut self, scope: ModuleId, path: &Path, last: Name) -> Option<Of> {
        let is_bare = path.names.len() == 1;
        let is_known = is_standard_trait(last.as_str());
        let is_other = STANDARD_TYPES.contains(&last.as_str()) || is_without_code(last.as_str());
        let is_standard = is_bare && (is_other || is_known) && !self.opens_others(scope);
        match is_standard {
            true => (!is_other).then_some(Of::Standard(last)),
            false => Some(Of::Other(last)),
        }
    }

    /// Whether a function that a macro made may use types of what is around it.
    fn has_other_types(&mut self, id: ItemId) -> bool {
        let facts = self.facts_of(id);
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

/// Whether nothing but types of the language stands there, and texts.
fn is_plain(file: &File, span: Span) -> bool {
    let mut words = span.clone().filter(|&i| file.is_word_kind(i));
    let is_known = |i: usize| is_primitive(file.text(i)) || file.is_word(i, "String");
    !span.is_empty() && words.all(is_known)
}
