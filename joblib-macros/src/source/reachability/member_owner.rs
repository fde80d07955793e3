//! Finds the types and traits that own a member which a path names or a call on
//! `self` uses. Returns nothing if the owner is uncertain, for example because the
//! type may implement `Deref`. A call matches a method by its number of arguments.

use crate::source::database::{CrateDb, ItemId, ItemKind};
use crate::source::impl_header;
use crate::source::name::Name;
use crate::source::references;
use crate::source::resolve::PathTarget;
use crate::source::syntax::is_primitive;
use crate::source::token::{LexedFile, Span};

impl CrateDb {
    /// Returns the possible owners of `name` in a path where it follows `id`.
    pub(super) fn owners(&mut self, id: ItemId, name: Name) -> Option<Vec<ItemId>> {
        match self.item(id).kind {
            ItemKind::Type => Some(vec![id]),
            ItemKind::Trait => self.declares(id, name).then(|| vec![id]),
            ItemKind::TypeAlias => self.types_behind(id),
            _ => None,
        }
    }

    /// Returns the possible owners of `name` where it is called on `self` in the
    /// item, or follows `Self::`, which does not apply `Deref`.
    pub(super) fn owners_on_self(
        &mut self,
        id: ItemId,
        name: Name,
        derefs: bool,
    ) -> Option<Vec<ItemId>> {
        let parent = self.item(id).parent?;
        if self.has_other_self(id) {
            return None;
        }
        if self.item(parent).kind == ItemKind::Trait {
            // With another kind of `self`, the method may be one of a supertrait.
            let is_only = self.declares(parent, name)
                && !self.has_own_bounds(id)
                && !self.may_inherit(parent, name);
            return is_only.then(|| vec![parent]);
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

    /// Returns whether a supertrait of `id` may have a method of this name.
    fn may_inherit(&mut self, id: ItemId, name: Name) -> bool {
        let mut seen = vec![id];
        let mut at = 0;
        while let Some(&id) = seen.get(at) {
            at += 1;
            let Some(bounds) = self.supertraits(id) else {
                return true;
            };
            for bound in bounds {
                if self.declares(bound, name) {
                    return true;
                }
                if !seen.contains(&bound) {
                    seen.push(bound);
                }
            }
        }
        false
    }

    /// Returns whether the method has its own bounds on `Self`.
    fn has_own_bounds(&self, id: ItemId) -> bool {
        let item = self.item(id);
        let file = &self.files[item.file];
        let end = item.body.as_ref().map_or(item.span.end, |body| body.start);
        let is_bound = |at: usize| file.is(at + 1, b':') && !file.is_path_sep(at + 1);
        (item.name_at..end).any(|at| file.is_word(at, "Self") && is_bound(at))
    }

    /// Returns the supertraits in the header of a trait, or nothing if one of them is
    /// not known.
    fn supertraits(&mut self, id: ItemId) -> Option<Vec<ItemId>> {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let end = references::own_span(&item).end;
        let has_bounds = (item.name_at..end)
            .any(|at| file.is(at, b':') && !file.is_path_sep(at) && !file.is_path_sep(at - 1));
        let is_alias = (item.name_at..end).any(|at| file.is(at, b'='));
        if !has_bounds && !is_alias {
            return Some(Vec::new());
        }
        let parameters = self.parameters_of(id);
        let header = self.read_tokens(self.crate_of(id), &file, item.name_at + 1..end, false);
        let mut found = Vec::new();
        for mention in &header.paths {
            let first = mention.path.names[0];
            if first == "Self" || parameters.contains(&first) {
                continue;
            }
            let targets = self.resolve(item.module, &mention.path).targets;
            let is_of_language = targets.iter().all(|it| self.is_of_standard(it))
                && (is_primitive(first.as_str()) || mention.path.last().is_some_and(is_marker));
            if is_of_language {
                continue;
            }
            if targets.is_empty() {
                return None;
            }
            for target in targets {
                match target {
                    PathTarget::Item(id) if self.item(id).kind == ItemKind::Trait => found.push(id),
                    PathTarget::Item(id) if self.item(id).kind != ItemKind::TypeAlias => {}
                    _ => return None,
                }
            }
        }
        Some(found)
    }

    /// Returns whether the item contains types or impls.
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

    /// Returns whether an impl or a macro may implement `Deref` for the type.
    fn may_deref(&mut self, id: ItemId) -> bool {
        let table = self.table(self.crate_of(id));
        let item = self.item(id);
        item.receiving_call.is_some()
            || table.has_unknown_derefs
            || table.derefs.contains(&id)
            || table.macros.contains_key(&item.name)
    }

    /// Returns whether the item is a method that accepts this number of arguments,
    /// not counting `self`.
    pub(super) fn takes(&self, id: ItemId, arguments: usize) -> bool {
        let item = self.item(id);
        if item.kind != ItemKind::Fn {
            return false;
        }
        let file = &self.files[item.file];
        let open = match file.is(item.name_at + 1, b'<') {
            true => impl_header::after_angles(file, item.name_at + 1, item.span.end),
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

/// Returns whether the built-in trait of this name has no methods.
fn is_marker(name: Name) -> bool {
    matches!(
        name.as_str(),
        "Sized" | "Send" | "Sync" | "Copy" | "Unpin" | "Eq"
    )
}

/// Counts the values between the commas. Returns nothing if the count depends on a
/// `cfg` condition.
fn count(file: &LexedFile, span: Span) -> Option<usize> {
    let mut found = 0;
    let mut at = span.start;
    let mut start = at;
    while at < span.end {
        if file.is(at, b'#') {
            return None;
        }
        if file.is(at, b'<') {
            at = impl_header::after_angles(file, at, span.end);
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
