//! Decides which members of impls and traits count: referenced members of reached
//! types. A member named by a path or called on `self` belongs to a known type or
//! trait, or to an impl for any type. A member referenced in another way may belong
//! to any type.

use super::Reachability;
use crate::source::database::{CrateDb, CrateId, ItemId, ItemKind};
use crate::source::impl_header;
use crate::source::impls::ImplIndex;
use crate::source::name::{Map, Name, Set};
use crate::source::references;

/// Members that are referenced on a known type or trait.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct OwnedMembers {
    pub(in crate::source) pairs: Set<(Name, ItemId)>,
    /// The names, and whether the name is referenced on a type.
    names: Map<Name, bool>,
}

/// Called methods with their numbers of arguments.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct CalledMethods {
    pub(in crate::source) pairs: Set<(Name, usize)>,
    names: Map<Name, Vec<usize>>,
}

impl CrateDb {
    /// Returns whether the header of an item has generic parameters.
    fn has_parameters(&self, id: ItemId) -> bool {
        let item = self.item(id);
        !impl_header::all_parameters(&self.files[item.file], references::own_span(item)).is_empty()
    }

    /// Returns whether a crate implements the trait `id` for a type of another crate.
    fn implements_for_others(&mut self, krate: CrateId, id: ItemId) -> bool {
        let table = self.table(krate);
        let mut impls = table.by_trait.get(&id).into_iter().flatten();
        impls.any(|given| {
            let types = table.concerns.get(given).map(|concern| &concern.types);
            let mut types = types.into_iter().flatten();
            types.all(|&of| self.crate_of(of) != krate)
        })
    }
}

impl Reachability<'_> {
    pub(in crate::source) fn add_member(&mut self, name: Name) {
        if self.members.insert(name) {
            self.add_word(name);
            self.reach_named_members(name);
        }
    }

    /// Adds the members of this name in traits and impls that count. Searches the
    /// members of the crate or those of the reached types, whichever are fewer.
    pub(super) fn member_in(&mut self, table: &ImplIndex, krate: CrateId, name: Name) {
        let all = self.world.krate(krate).members.get(&name);
        if all.is_none_or(|all| all.len() <= self.reached.len()) {
            self.reach_members(all.cloned().unwrap_or_default());
            return;
        }
        self.reach_members(table.open_members.get(&name).cloned().unwrap_or_default());
        self.reach_members_of_types(table, name);
    }

    /// Adds those of the members that are referenced and whose trait or impl counts
    /// so far.
    fn reach_members(&mut self, members: Vec<ItemId>) {
        for id in members {
            if let Some(parent) = self.world.item(id).parent
                && self.is_named(id, parent)
                && self.parent_counts(parent)
            {
                self.reach(id, true);
            }
        }
    }

    fn reach_named_members(&mut self, name: Name) {
        for (krate, table) in self.parts().iter() {
            self.member_in(table, *krate, name);
        }
    }

    /// Adds a member that the item calls on `self` or names after `Self::`.
    pub(super) fn add_member_of_self(&mut self, id: ItemId, name: Name, derefs: bool) {
        match self.world.owners_on_self(id, name, derefs) {
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
        if !self.owned.pairs.insert((name, owner)) {
            return;
        }
        let is_type = self.world.item(owner).kind == ItemKind::Type;
        let known = self.owned.names.get(&name).copied();
        if known.is_none() || (is_type && known == Some(false)) {
            self.owned.names.insert(name, is_type);
            self.add_word(name);
            for (_, table) in self.parts().iter() {
                self.reach_members(table.open_members.get(&name).cloned().unwrap_or_default());
            }
        }
        self.reach_members(self.world.members_of(owner, name));
        let is_strong = !is_type && self.reached.get(&owner) == Some(&true);
        for (_, table) in self.parts().iter() {
            match is_strong {
                _ if is_type => self.reach_members_of(table.by_type.get(&owner), name),
                true => self.reach_members_of(table.by_trait.get(&owner), name),
                false => {
                    self.reach_members_of(table.open_traits.get(&owner), name);
                    self.reach_members_of_types(table, name);
                }
            }
        }
    }

    /// Adds the members of this name in `impls`.
    fn reach_members_of(&mut self, impls: Option<&Vec<ItemId>>, name: Name) {
        for &id in impls.into_iter().flatten() {
            self.reach_members(self.world.members_of(id, name));
        }
    }

    /// Adds the members of this name in impls for the reached types.
    fn reach_members_of_types(&mut self, table: &ImplIndex, name: Name) {
        for id in self.reached.keys().copied().collect::<Vec<_>>() {
            self.reach_members_of(table.by_type.get(&id), name);
        }
    }

    /// Adds a method of an unknown type, by its name and number of arguments.
    pub(in crate::source) fn add_method(&mut self, name: Name, arguments: usize) {
        if self.methods.pairs.insert((name, arguments)) {
            let known = self.methods.names.entry(name).or_default();
            known.push(arguments);
            self.add_word(name);
            self.reach_named_members(name);
        }
    }

    /// Returns the names of all members that are referenced in any way.
    pub(super) fn named_members(&self) -> Vec<Name> {
        let (owned, methods) = (self.owned.names.keys(), self.methods.names.keys());
        self.members
            .iter()
            .chain(owned)
            .chain(methods)
            .copied()
            .collect()
    }

    /// Returns whether a reference may mean the member `id` of `parent`.
    fn is_named(&self, id: ItemId, parent: ItemId) -> bool {
        let name = self.world.item(id).name;
        let called = self.methods.names.get(&name);
        let takes = |&arguments: &usize| self.world.takes(id, arguments);
        self.members.contains(&name)
            || self.is_owned(name, parent)
            || called.is_some_and(|counts| counts.iter().any(takes))
    }

    /// Returns whether a path that ends with `name` may lead into `parent`.
    fn is_owned(&self, name: Name, parent: ItemId) -> bool {
        let Some(&is_of_type) = self.owned.names.get(&name) else {
            return false;
        };
        let has = |&owner: &ItemId| self.owned.pairs.contains(&(name, owner));
        let krate = self.world.crate_of(parent);
        let mut joined = self.joined.iter();
        if self.world.item(parent).kind == ItemKind::Trait {
            return is_of_type
                || has(&parent)
                || joined.any(|(_, table)| table.open_traits.contains_key(&parent));
        }
        let table = joined.find(|(id, _)| *id == krate);
        let concern = table.and_then(|(_, table)| table.concerns.get(&parent));
        concern.is_none_or(|concern| {
            let mut owners = concern.types.iter().chain(&concern.traits);
            concern.types.is_empty() || owners.any(has)
        })
    }

    /// Returns whether referenced members of an impl or trait count.
    fn parent_counts(&self, parent: ItemId) -> bool {
        if self.world.item(parent).kind == ItemKind::Trait {
            return self.reached.contains_key(&parent)
                || self
                    .joined
                    .iter()
                    .any(|(_, table)| table.open_traits.contains_key(&parent));
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

    pub(super) fn type_in(&mut self, table: &ImplIndex, id: ItemId) {
        for &found in table.by_type.get(&id).map_or(&[][..], Vec::as_slice) {
            self.consider(table, found);
        }
    }

    pub(super) fn add_trait(&mut self, id: ItemId) {
        if self.reached.get(&id) == Some(&true) {
            self.join_all();
        }
        self.join_for(id);
        self.referenced_children(id);
        for (_, table) in self.parts().iter() {
            self.trait_in(table, id);
        }
    }

    /// Adds the crates that implement a trait for types of other crates, which is
    /// possible if the trait has a generic parameter. A call may leave the argument
    /// to be inferred from the only impl, and then names nothing of that crate.
    fn join_for(&mut self, id: ItemId) {
        if !self.world.has_parameters(id) {
            return;
        }
        for krate in self.world.crates_below().iter().copied() {
            let is_joined = self.joined.iter().any(|(joined, _)| *joined == krate);
            if !is_joined && self.world.implements_for_others(krate, id) {
                self.join(krate);
            }
        }
    }

    /// Considers the impls of a trait that count so far. The impls for reached types
    /// count anyway, so a weak trait adds those for other types.
    pub(super) fn trait_in(&mut self, table: &ImplIndex, id: ItemId) {
        let impls = match self.reached.get(&id) == Some(&true) {
            true => &table.by_trait,
            false => &table.open_traits,
        };
        for &found in impls.get(&id).map_or(&[][..], Vec::as_slice) {
            self.consider(table, found);
        }
    }

    /// Adds the parts of an impl that count so far.
    fn consider(&mut self, table: &ImplIndex, id: ItemId) {
        let Some(concern) = table.concerns.get(&id) else {
            return;
        };
        if concern.is_foreign && concern.is_callable(&self.reached) {
            self.reach_with_members(id);
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
            self.reach_with_members(id);
        }
        if !concern.traits.is_empty() {
            self.reach(id, by_trait);
        }
        self.referenced_children(id);
    }

    fn referenced_children(&mut self, id: ItemId) {
        for child in self.world.children(id).to_vec() {
            let item = self.world.item(child);
            if item.kind == ItemKind::Invocation || self.is_named(child, id) {
                self.reach(child, true);
            }
        }
    }

    /// Adds an impl that code outside the scanned source may call.
    pub(in crate::source) fn reach_with_members(&mut self, id: ItemId) {
        self.reach(id, false);
        for child in self.world.children(id).to_vec() {
            self.reach(child, true);
        }
    }
}
