//! Which types and traits a member belongs to that is named by a path or called
//! on `self`. Nothing where that cannot be told, as where the type may lead to
//! another one by `Deref`. A method takes as many arguments as its call has.

use super::super::head;
use super::super::name::Name;
use super::super::token::{File, Span};
use super::super::world::{ItemId, ItemKind, World};

impl World {
    /// What `name` may belong to in a path that has it after `id`.
    pub(super) fn owners(&mut self, id: ItemId, name: Name) -> Option<Vec<ItemId>> {
        match self.item(id).kind {
            ItemKind::Type => Some(vec![id]),
            ItemKind::Trait => self.declares(id, name).then(|| vec![id]),
            ItemKind::TypeAlias => self.types_behind(id),
            _ => None,
        }
    }

    /// What `name` may belong to where it is called on `self` in the item, or
    /// after `Self::`, which does not go through `Deref`.
    pub(super) fn self_of(&mut self, id: ItemId, name: Name, derefs: bool) -> Option<Vec<ItemId>> {
        let parent = self.item(id).parent?;
        if self.has_other_self(id) {
            return None;
        }
        if self.item(parent).kind == ItemKind::Trait {
            return self.declares(parent, name).then(|| vec![parent]);
        }
        let table = self.table(self.crate_of(parent));
        let types = table.concerns.get(&parent)?.types.clone();
        let is_known = !types.is_empty();
        let is_other = derefs && types.iter().any(|&id| self.may_deref(id));
        (is_known && !is_other).then_some(types)
    }

    fn declares(&self, parent: ItemId, name: Name) -> bool {
        let mut children = self.children(parent).iter();
        children.any(|&child| self.item(child).name == name)
    }

    /// Whether types or impls stand within the item.
    fn has_other_self(&self, id: ItemId) -> bool {
        let Some(block) = self.block_of(id) else {
            return false;
        };
        let mut items = self.module(block).items.iter();
        items.any(|&id| match self.item(id).kind {
            ItemKind::Use(_) | ItemKind::ExternCrate(_) => false,
            ItemKind::Fn | ItemKind::Const => self.has_other_self(id),
            _ => true,
        })
    }

    /// Whether something may implement `Deref` for the type: an impl, or a macro.
    fn may_deref(&mut self, id: ItemId) -> bool {
        let table = self.table(self.crate_of(id));
        let item = self.item(id);
        item.given_to.is_some()
            || table.has_unknown_derefs
            || table.derefs.contains(&id)
            || table.macros.contains_key(&item.name)
    }

    /// Whether the item is a method that so many arguments may be given to, beside
    /// `self`.
    pub(super) fn takes(&self, id: ItemId, arguments: usize) -> bool {
        let item = self.item(id);
        if item.kind != ItemKind::Fn {
            return false;
        }
        let file = &self.files[item.file];
        let open = match file.is(item.name_at + 1, b'<') {
            true => head::after_angles(file, item.name_at + 1, item.span.end),
            false => item.name_at + 1,
        };
        if !file.opens(open) {
            return true;
        }
        match count(file, file.inside(open)) {
            Some(parameters) => parameters == arguments + 1,
            None => true,
        }
    }
}

/// How many values stand between the commas, unless a condition decides that.
fn count(file: &File, span: Span) -> Option<usize> {
    let mut found = 0;
    let mut at = span.start;
    let mut start = at;
    while at < span.end {
        if file.is(at, b'#') {
            return None;
        }
        if file.is(at, b'<') {
            at = head::after_angles(file, at, span.end);
            continue;
        }
        if file.is(at, b',') {
            found += 1;
            start = at + 1;
        }
        at = file.after(at);
    }
    Some(found + usize::from(start < span.end))
}
