//! Which members of impls and traits count: those that are named, of types that
//! are reached. A member named by a path or on `self` belongs to a known type or
//! trait, or to an impl for any type; one named in another way to any type.

use super::super::impls::Table;
use super::super::name::{Map, Name};
use super::super::world::{CrateId, ItemId, ItemKind};
use super::Closure;

/// Names, each with what is said of it.
#[derive(Clone, Debug)]
pub(in crate::source) struct Named<T>(Map<Name, Vec<T>>);

impl<T> Default for Named<T> {
    fn default() -> Named<T> {
        Named(Map::default())
    }
}

impl<T: Copy + PartialEq> Named<T> {
    pub(in crate::source) fn has(&self, (name, said): (Name, T)) -> bool {
        self.of(name).contains(&said)
    }

    fn of(&self, name: Name) -> &[T] {
        self.0.get(&name).map_or(&[], Vec::as_slice)
    }

    /// Adds a pair, and says whether it is new.
    fn insert(&mut self, name: Name, said: T) -> bool {
        let known = self.0.entry(name).or_default();
        let is_new = !known.contains(&said);
        if is_new {
            known.push(said);
        }
        is_new
    }

    pub(in crate::source) fn names(&self) -> impl Iterator<Item = Name> {
        self.0.keys().copied()
    }

    pub(in crate::source) fn pairs(&self) -> impl Iterator<Item = (Name, T)> {
        let pairs = |(&name, said): (&Name, &Vec<T>)| {
            let said = said.clone().into_iter();
            said.map(move |said| (name, said))
        };
        self.0.iter().flat_map(pairs)
    }
}

impl Closure<'_> {
    pub(in crate::source) fn add_member(&mut self, name: Name) {
        if self.members.insert(name) {
            self.add_word(name);
            for &(krate, _) in self.parts().iter() {
                self.member_in(krate, name);
            }
        }
    }

    pub(super) fn member_in(&mut self, krate: CrateId, name: Name) {
        let found = self
            .world
            .krate(krate)
            .members
            .get(&name)
            .cloned()
            .unwrap_or_default();
        for id in found {
            let Some(parent) = self.world.item(id).parent else {
                continue;
            };
            if self.is_named(id, parent) && self.parent_counts(parent) {
                self.reach(id, true);
            }
        }
    }

    /// Adds what is called on `self` in the item, or after `Self::`.
    pub(super) fn add_own_member(&mut self, id: ItemId, name: Name, derefs: bool) {
        match self.world.self_of(id, name, derefs) {
            Some(owners) => owners.into_iter().for_each(|id| self.add_owned(id, name)),
            None => self.add_member(name),
        }
    }

    /// Adds a member that is named by the path of a type or trait.
    pub(super) fn add_member_of(&mut self, id: ItemId, name: Name) {
        match self.world.owners(id, name) {
            Some(owners) => owners.into_iter().for_each(|id| self.add_owned(id, name)),
            None => self.add_member(name),
        }
    }

    pub(in crate::source) fn add_owned(&mut self, owner: ItemId, name: Name) {
        if self.owned.insert(name, owner) {
            self.add_word(name);
            for &(krate, _) in self.parts().iter() {
                self.member_in(krate, name);
            }
        }
    }

    /// Adds a method that is called with so many arguments, of any type.
    pub(in crate::source) fn add_method(&mut self, name: Name, arguments: usize) {
        if self.methods.insert(name, arguments) {
            self.add_word(name);
            for &(krate, _) in self.parts().iter() {
                self.member_in(krate, name);
            }
        }
    }

    /// Whether what is named may be the member `id` of `parent`.
    fn is_named(&self, id: ItemId, parent: ItemId) -> bool {
        let name = self.world.item(id).name;
        let may_mean = |&owner: &ItemId| self.may_have(owner, parent);
        let takes = |&arguments: &usize| self.world.takes(id, arguments);
        self.members.contains(&name)
            || self.owned.of(name).iter().any(may_mean)
            || self.methods.of(name).iter().any(takes)
    }

    /// Whether a path that starts with `owner` may lead into `parent`.
    fn may_have(&self, owner: ItemId, parent: ItemId) -> bool {
        let krate = self.world.crate_of(parent);
        let mut joined = self.joined.iter();
        if self.world.item(parent).kind == ItemKind::Trait {
            return owner == parent
                || self.world.item(owner).kind == ItemKind::Type
                || joined.any(|(_, table)| table.open_traits.contains(&parent));
        }
        let table = joined.find(|(id, _)| *id == krate);
        let concern = table.and_then(|(_, table)| table.concerns.get(&parent));
        concern.is_none_or(|concern| {
            concern.types.is_empty()
                || concern.types.contains(&owner)
                || concern.traits.contains(&owner)
        })
    }

    /// Whether mentioned members of an impl or trait count.
    fn parent_counts(&self, parent: ItemId) -> bool {
        if self.world.item(parent).kind == ItemKind::Trait {
            return self.reached.contains_key(&parent)
                || self
                    .joined
                    .iter()
                    .any(|(_, table)| table.open_traits.contains(&parent));
        }
        let krate = self.world.crate_of(parent);
        let table = self.joined.iter().find(|(id, _)| *id == krate);
        let Some(concern) = table.and_then(|(_, table)| table.concerns.get(&parent)) else {
            return true;
        };
        let by_trait = concern
            .traits
            .iter()
            .any(|id| self.reached.get(id) == Some(&true));
        if concern.is_foreign {
            return by_trait || concern.is_callable(&self.reached);
        }
        by_trait
            || concern.types.is_empty()
            || concern.types.iter().any(|id| self.reached.contains_key(id))
    }

    pub(super) fn add_type(&mut self, id: ItemId) {
        for (_, table) in self.parts().iter() {
            self.type_in(table, id);
        }
    }

    pub(super) fn type_in(&mut self, table: &Table, id: ItemId) {
        for &found in table.by_type.get(&id).map_or(&[][..], Vec::as_slice) {
            self.consider(table, found);
        }
    }

    pub(super) fn add_trait(&mut self, id: ItemId) {
        if self.reached.get(&id) == Some(&true) {
            self.join_all();
        }
        self.mentioned_children(id);
        for (_, table) in self.parts().iter() {
            self.trait_in(table, id);
        }
    }

    pub(super) fn trait_in(&mut self, table: &Table, id: ItemId) {
        for &found in table.by_trait.get(&id).map_or(&[][..], Vec::as_slice) {
            self.consider(table, found);
        }
    }

    /// Takes of an impl what counts by now.
    fn consider(&mut self, table: &Table, id: ItemId) {
        let Some(concern) = table.concerns.get(&id) else {
            return;
        };
        if concern.is_foreign && concern.is_callable(&self.reached) {
            self.take_whole(id);
        }
        let is_reached = |id: &ItemId| self.reached.contains_key(id);
        let by_type = concern.types.iter().any(is_reached);
        let by_trait = concern
            .traits
            .iter()
            .any(|id| self.reached.get(id) == Some(&true));
        let by_opening = concern.types.is_empty() && concern.traits.iter().any(is_reached);
        if !(by_type || by_trait || by_opening) || (concern.is_foreign && !by_trait) {
            return;
        }
        if table.attached.contains(&id) {
            self.take_whole(id);
        }
        if !concern.traits.is_empty() {
            self.reach(id, by_trait);
        }
        self.mentioned_children(id);
    }

    fn mentioned_children(&mut self, id: ItemId) {
        for child in self.world.children(id).to_vec() {
            let item = self.world.item(child);
            if item.kind == ItemKind::Invocation || self.is_named(child, id) {
                self.reach(child, true);
            }
        }
    }

    /// An impl that code which is not read may call.
    pub(in crate::source) fn take_whole(&mut self, id: ItemId) {
        self.reach(id, false);
        for child in self.world.children(id).to_vec() {
            self.reach(child, true);
        }
    }
}
