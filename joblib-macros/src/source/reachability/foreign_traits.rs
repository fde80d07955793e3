//! Traits of other crates whose impls count for types that no reached code names. A
//! caller chooses such a type where a bound requires the trait, or `dyn` hides it.

use super::{CallerTypes, Reachability};
use crate::source::bounds::TraitBound;
use crate::source::database::{ItemId, ItemKind};
use crate::source::impl_header;
use crate::source::impls::{ForeignTrait, ForeignTraitKind, ImplIndex};
use crate::source::known::traits::{is_standard_trait, is_without_code};
use crate::source::name::Name;
use crate::source::references::ItemRefs;
use crate::source::resolve::PathTarget;
use crate::source::token::LexedFile;

impl Reachability<'_> {
    /// Adds the impls that may belong to a trait of another crate.
    pub(in crate::source) fn ask(&mut self, asked: ForeignTrait) {
        if self.asked.insert(asked) {
            self.join_all();
            for (_, table) in self.parts().iter() {
                self.match_impls_in(table, asked);
            }
        }
    }

    pub(super) fn match_impls_in(&mut self, table: &ImplIndex, asked: ForeignTrait) {
        for (given, id) in &table.implementing {
            if !asked.may_be(given) {
                continue;
            }
            match self.world.item(*id).kind {
                ItemKind::Impl => self.reach_with_members(*id),
                _ => self.reach(*id, true),
            }
        }
    }

    /// Adds what callers contribute by the types that they choose, or that are hidden
    /// in their arguments.
    pub(super) fn add_caller_traits(&mut self, seed: ItemId) {
        let facts = self.world.refs_of(seed);
        self.add_object_traits(seed, &facts);
        if self.callers == CallerTypes::Settled {
            return;
        }
        // A value is dropped even if its type has no bounds.
        self.ask(ForeignTrait {
            of: ForeignTraitKind::Named(Name::new("Drop")),
            is_chosen: true,
        });
        let parent = self.world.item(seed).parent;
        for id in [Some(seed), parent].into_iter().flatten() {
            for asked in self.world.required_by(id, true, &|_| false) {
                self.ask(asked);
            }
        }
        if self.callers == CallerTypes::Unknown
            && parent.is_none()
            && self.world.has_other_types(seed)
        {
            // The function may have enclosing bounds that are not visible.
            self.ask(ForeignTrait {
                of: ForeignTraitKind::Other(Name::new("")),
                is_chosen: true,
            });
        }
    }

    /// Adds what is behind a trait whose impls all count: any type that satisfies the
    /// bounds of the impl, except bounds that the arguments of the trait determine.
    pub(super) fn add_hidden_traits(&mut self, id: ItemId) {
        let is_impl = self.world.item(id).kind == ItemKind::Impl;
        if !is_impl || self.world.bounds_of(id).is_empty() {
            return;
        }
        let item = self.world.item(id).clone();
        let is_chosen = self.callers != CallerTypes::Settled;
        let file = self.world.file_of(id);
        let (of, _, parameters) = impl_header::header_spans(&file, &item);
        let of: Vec<Name> = of
            .into_iter()
            .flatten()
            .filter_map(|i| file.name(i))
            .collect();
        let is_open = is_chosen || self.receives_hidden_type(id);
        let is_said = |bound: &TraitBound| {
            let mut asked = bound
                .subject
                .iter()
                .filter(|name| parameters.contains(name));
            let has_some = asked.clone().next().is_some();
            !is_open && has_some && asked.all(|name| of.contains(name))
        };
        for asked in self.world.required_by(id, is_chosen, &is_said) {
            self.ask(asked);
        }
        self.note_receiving_traits(id, &file, &parameters);
    }

    /// Returns whether the trait of an impl receives a hidden type.
    fn receives_hidden_type(&self, id: ItemId) -> bool {
        let krate = self.world.crate_of(id);
        let table = self.joined.iter().find(|(joined, _)| *joined == krate);
        let concern = table.and_then(|(_, table)| table.concerns.get(&id));
        concern.is_none_or(|concern| {
            concern
                .traits
                .iter()
                .any(|id| self.with_hidden_arguments.contains(id))
        })
    }

    /// Records the traits of the crate that receive the parameters of an impl through
    /// its bounds.
    fn note_receiving_traits(&mut self, id: ItemId, file: &LexedFile, parameters: &[Name]) {
        let module = self.world.item(id).module;
        for bound in self.world.bounds_of(id).iter() {
            let mut words = bound.arguments.clone().filter_map(|i| file.name(i));
            if !words.any(|name| parameters.contains(&name)) {
                continue;
            }
            for target in self.world.resolve(module, &bound.path).targets {
                if let PathTarget::Item(of) = target
                    && self.with_hidden_arguments.insert(of)
                {
                    self.reconsider_impls(of);
                }
            }
        }
    }

    /// Considers the impls of a trait that already count once more.
    fn reconsider_impls(&mut self, of: ItemId) {
        for (_, table) in self.parts().iter() {
            for &id in table.by_trait.get(&of).into_iter().flatten() {
                if self.reached.get(&id) == Some(&true) {
                    self.add_hidden_traits(id);
                }
            }
        }
    }

    /// Returns whether a value behind a trait in an item may come from unreached
    /// code. In a function it comes from the callers, which are reached and name its
    /// type, unless it is also hidden in another place: in a value of some type, or
    /// in a static variable.
    pub(super) fn may_come_from_elsewhere(&self, id: ItemId) -> bool {
        let item = self.world.item(id);
        let file = &self.world.files[item.file];
        item.kind != ItemKind::Fn
            || self.callers != CallerTypes::Settled
            || item.span.clone().any(|i| file.is_word(i, "static"))
    }

    /// Adds the traits of other crates that are used as trait objects in an item.
    pub(in crate::source) fn add_object_traits(&mut self, id: ItemId, facts: &ItemRefs) {
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
            for mut asked in self.world.required_at(&parameters, scope, path, false) {
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
        self.widening.hides_input |= facts.hides_input;
    }

    /// Adds the traits that a macro's code uses as trait objects and names in its
    /// definition.
    pub(in crate::source) fn add_macro_traits(&mut self, facts: &ItemRefs) {
        for object in facts.objects.iter().filter(|object| object.is_sure) {
            if let Some(name) = object.path.last() {
                self.add_trait_by_name(name);
            }
        }
        self.widening.hides_input |= facts.hides_input;
    }

    /// Adds the traits that macros receive by name and prefix with `dyn`.
    pub(in crate::source) fn add_given_traits(&mut self) {
        for name in self.widening.words() {
            self.add_trait_by_name(name);
        }
    }

    /// Adds the trait of this name, if it is a trait.
    fn add_trait_by_name(&mut self, name: Name) {
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
