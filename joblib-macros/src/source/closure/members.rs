//! Which members of impls and traits count: those that are named, of types that
//! are reached. A member named by a path or on `self` belongs to a known type or
//! trait, or to an impl for any type; one named in another way to any type.

use super::super::impls::Table;
use super::super::name::{Map, Name};
use super::super::world::{CrateId, ItemId, ItemKind};
use super::Closure;

/// Members that are named of one type or trait.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct Owned(Map<Name, Vec<ItemId>>);

impl Owned {
    pub(in crate::source) fn has(&self, (name, owner): (Name, ItemId)) -> bool {
        self.of(name).contains(&owner)
    }

    fn of(&self, name: Name) -> &[ItemId] {
        self.0.get(&name).map_or(&[], Vec::as_slice)
    }

    /// Adds a pair, and says whether it is new.
    fn insert(&mut self, name: Name, owner: ItemId) -> bool {
        let owners = self.0.entry(name).or_default();
        let is_new = !owners.contains(&owner);
        if is_new {
            owners.push(owner);
        }
        is_new
    }

    pub(in crate::source) fn pairs(&self) -> impl Iterator<Item = (Name, ItemId)> {
        let pairs = |(name, owners): (&Name, &Vec<ItemId>)| {
            let name = *name;
            let owners = owners.clone().into_iter();
            owners.map(move |owner| (name, owner))
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
            if self.is_named_of(parent, name) && self.parent_counts(parent) {
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

    /// Whether members of this name that stand in `parent` may be meant.
    fn is_named_of(&self, parent: ItemId, name: Name) -> bool {
        let may_mean = |&owner: &ItemId| self.may_have(owner, parent);
        self.members.contains(&name) || self.owned.of(name).iter().any(may_mean)
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
            return by_trait || concern.is_callable(|id| self.reached.contains_key(id));
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
        if concern.is_foreign && concern.is_callable(|id| self.reached.contains_key(id)) {
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
            if item.kind == ItemKind::Invocation || self.is_named_of(id, item.name) {
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
