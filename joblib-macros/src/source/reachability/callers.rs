//! What callers may contribute that the source of a function does not name: types
//! that they choose, and values behind `dyn`.

use crate::source::database::{CrateDb, ItemId, ItemKind};
use crate::source::impl_header;
use crate::source::name::Name;
use crate::source::references::PathRef;
use crate::source::resolve::PathTarget;

/// What callers of the function contribute that its source does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::source) enum CallerTypes {
    /// The location of the function is not known: its surroundings, and any type.
    #[default]
    Unknown,
    /// Types that satisfy the bounds of the function.
    Choose,
    /// Only the types behind `dyn`.
    Settled,
}

impl CrateDb {
    pub(in crate::source) fn is_trait(&self, target: &PathTarget) -> bool {
        matches!(target, PathTarget::Item(id) if self.item(*id).kind == ItemKind::Trait)
    }

    /// Returns whether a path can refer to `target`. A local variable shadows a
    /// function of the same name.
    pub(super) fn may_refer_to(&self, mention: &PathRef, target: &PathTarget) -> bool {
        let is_fn = |target: &PathTarget| matches!(target, PathTarget::Item(id) if self.item(*id).kind == ItemKind::Fn);
        !(mention.is_local && is_fn(target))
    }

    /// Returns whether a reference to a trait in the item brings in all impls of the
    /// trait, and not only those for reached types.
    ///
    /// A value comes from reached code, which names its type, unless the caller
    /// chooses the type or `dyn` hides it. A macro may put `dyn` in front of its
    /// input, and editions before 2021 allow trait objects without `dyn`.
    pub(in crate::source) fn brings_all(
        &self,
        id: ItemId,
        mention: &PathRef,
        callers: CallerTypes,
    ) -> bool {
        let is_code = matches!(
            self.item(id).kind,
            ItemKind::Fn
                | ItemKind::Type
                | ItemKind::TypeAlias
                | ItemKind::Trait
                | ItemKind::Impl
                | ItemKind::Const
        );
        let edition = self.krate(self.crate_of(id)).edition.as_str();
        callers != CallerTypes::Settled
            || mention.is_object
            || mention.anywhere
            || !is_code
            || edition < "2021"
    }

    /// Returns what callers of the function `id` contribute.
    pub(in crate::source) fn callers_of(&self, id: ItemId) -> CallerTypes {
        let item = self.item(id);
        let file = &self.files[item.file];
        let end = item.body.as_ref().map_or(item.span.end, |body| body.start);
        let has_impl = (item.head..end).any(|i| file.is_word(i, "impl"));
        let is_settled = |parent: ItemId| self.item(parent).kind == ItemKind::Impl;
        if item.receiving_call.is_some() {
            return CallerTypes::Unknown;
        }
        match !has_impl && self.parameters_of(id).is_empty() && item.parent.is_none_or(is_settled) {
            true => CallerTypes::Settled,
            false => CallerTypes::Choose,
        }
    }

    /// Returns the names of the generic parameters of the item, of everything in it,
    /// and of the enclosing impl or trait.
    pub(in crate::source) fn parameters_of(&self, id: ItemId) -> Vec<Name> {
        let item = self.item(id);
        let file = &self.files[item.file];
        let mut found = impl_header::all_parameters(file, item.span.clone());
        if let Some(parent) = item.parent {
            let parent = self.item(parent);
            let end = parent
                .body
                .as_ref()
                .map_or(parent.span.end, |body| body.start);
            found.extend(impl_header::all_parameters(file, parent.span.start..end));
        }
        found
    }
}
