//! Traits of other crates whose impls count for types that nothing reached names:
//! callers choose one where a bound asks for the trait, or `dyn` hides it.

use super::super::bounds::TraitBound;
use super::super::database::{ItemId, ItemKind};
use super::super::impl_header;
use super::super::impls::{ForeignTrait, ForeignTraitKind, ImplIndex};
use super::super::known::traits::{is_standard_trait, is_without_code};
use super::super::name::Name;
use super::super::references::ItemRefs;
use super::super::resolve::PathTarget;
use super::super::token::LexedFile;
use super::{CallerTypes, Reachability};

impl Reachability<'_> {
    /// Takes what the impls of a trait of another crate may be.
    pub(in crate::source) fn ask(&mut self, asked: ForeignTrait) {
        if self.asked.insert(asked) {
            self.join_all();
            for (_, table) in self.parts().iter() {
                self.asked_in(table, asked);
            }
        }
    }

    pub(super) fn asked_in(&mut self, table: &ImplIndex, asked: ForeignTrait) {
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

    /// What callers of the function bring by the types that they choose, or that hide
    /// in what they pass.
    pub(super) fn ask_for_callers(&mut self, seed: ItemId) {
        let facts = self.world.facts_of(seed);
        self.ask_for_objects(seed, &facts);
        if self.callers == CallerTypes::Settled {
            return;
        }
        // A value of a type that nothing is asked of is dropped all the same.
        self.ask(ForeignTrait {
            of: ForeignTraitKind::Named(Name::new("Drop")),
            is_chosen: true,
        });
        let parent = self.world.item(seed).parent;
        for id in [Some(seed), parent].into_iter().flatten() {
            for asked in self.world.asked_by(id, true, &|_| false) {
                self.ask(asked);
            }
        }
        if self.callers == CallerTypes::Unknown
            && parent.is_none()
            && self.world.has_other_types(seed)
        {
            // Bounds may stand around it.
            self.ask(ForeignTrait {
                of: ForeignTraitKind::Other(Name::new("")),
                is_chosen: true,
            });
        }
    }

    /// What hides behind a trait all of whose impls count: any type that the bounds
    /// of this one allow, but where the trait's own arguments say it.
    pub(super) fn ask_for_hidden(&mut self, id: ItemId) {
        let is_impl = self.world.item(id).kind == ItemKind::Impl;
        if !is_impl || self.world.bounds_of(id).is_empty() {
            return;
        }
        let item = self.world.item(id).clone();
        let is_chosen = self.callers != CallerTypes::Settled;
        let file = self.world.file_of(id);
        let (of, _, parameters) = impl_header::sides(&file, &item);
        let of: Vec<Name> = of
            .into_iter()
            .flatten()
            .filter_map(|i| file.name(i))
            .collect();
        let is_open = is_chosen || self.is_given_hidden(id);
        let is_said = |bound: &TraitBound| {
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
    fn note_given(&mut self, id: ItemId, file: &LexedFile, parameters: &[Name]) {
        let module = self.world.item(id).module;
        for bound in self.world.bounds_of(id).iter() {
            let mut words = bound.arguments.clone().filter_map(|i| file.name(i));
            if !words.any(|name| parameters.contains(&name)) {
                continue;
            }
            for target in self.world.resolve(module, &bound.path).targets {
                if let PathTarget::Item(of) = target
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

    /// Whether what hides behind a trait in an item may come from code that is not
    /// reached. In a function it comes from its callers, which are reached and name its
    /// type, unless it hides in something else as well: in a value of a type, or in a
    /// variable that lives on.
    pub(super) fn may_come_from_elsewhere(&self, id: ItemId) -> bool {
        let item = self.world.item(id);
        let file = &self.world.files[item.file];
        item.kind != ItemKind::Fn
            || self.callers != CallerTypes::Settled
            || item.span.clone().any(|i| file.is_word(i, "static"))
    }

    /// The traits of other crates that values hide behind in an item.
    pub(in crate::source) fn ask_for_objects(&mut self, id: ItemId, facts: &ItemRefs) {
        let scope = self
            .world
            .block_of(id)
            .unwrap_or(self.world.item(id).module);
        let parameters = match facts.objects.is_empty() {
            true => Vec::new(),
            false => self.world.parameters_of(id),
        };
        for object in &facts.objects {
            let path = &object.path;
            for mut asked in self.world.asked_for(&parameters, scope, path, false) {
                match asked.of {
                    ForeignTraitKind::Standard(name)
                        if object.is_sure || is_standard_trait(name.as_str()) => {}
                    ForeignTraitKind::Standard(_) => continue,
                    ForeignTraitKind::Other(name) if !object.is_sure => {
                        asked.of = ForeignTraitKind::Named(name)
                    }
                    _ => {}
                }
                self.ask(asked);
            }
        }
        self.widening.hides_given |= facts.hides_given;
    }

    /// Traits that values hide behind in the code of a macro, which says their names
    /// where the macro is defined.
    pub(in crate::source) fn ask_for_made(&mut self, facts: &ItemRefs) {
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
            true => ForeignTraitKind::Standard(name),
            false => ForeignTraitKind::Named(name),
        };
        let is_type = name.as_str().starts_with(char::is_uppercase);
        if is_type && !is_without_code(name.as_str()) {
            let is_chosen = false;
            self.ask(ForeignTrait { of, is_chosen });
        }
    }
}
