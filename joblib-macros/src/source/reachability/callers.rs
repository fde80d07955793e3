//! What the source of a function does not name but its callers may bring: types
//! that they choose, and values that `dyn` hides.

use super::super::database::{CrateDb, ItemId, ItemKind};
use super::super::impl_header;
use super::super::name::Name;
use super::super::references::PathRef;
use super::super::resolve::PathTarget;

/// What callers of the function bring that its source does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::source) enum CallerTypes {
    /// Where it stands is not known: what stands around it, and any type.
    #[default]
    Unknown,
    /// Types that implement what it asks for.
    Choose,
    /// Nothing but what `dyn` hides.
    Settled,
}

impl CrateDb {
    pub(in crate::source) fn is_trait(&self, target: &PathTarget) -> bool {
        matches!(target, PathTarget::Item(id) if self.item(*id).kind == ItemKind::Trait)
    }

    /// Whether a path leads there: a variable takes the name of a function.
    pub(super) fn is_meant(&self, mention: &PathRef, target: &PathTarget) -> bool {
        let is_fn = |target: &PathTarget| matches!(target, PathTarget::Item(id) if self.item(*id).kind == ItemKind::Fn);
        !(mention.is_local && is_fn(target))
    }

    /// Whether a trait that the item mentions so brings all of its impls, and not
    /// only those for types that are reached.
    ///
    /// A value comes from code that is reached, which names its type, unless the
    /// caller chooses the type or `dyn` hides it. A macro may put `dyn` before
    /// what it is given, and editions before 2021 do without the word.
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

    /// What callers of the function `id` bring.
    pub(in crate::source) fn callers_of(&self, id: ItemId) -> CallerTypes {
        let item = self.item(id);
        let file = &self.files[item.file];
        let end = item.body.as_ref().map_or(item.span.end, |body| body.start);
        let has_impl = (item.head..end).any(|i| file.is_word(i, "impl"));
        let is_settled = |parent: ItemId| self.item(parent).kind == ItemKind::Impl;
        if item.given_to.is_some() {
            return CallerTypes::Unknown;
        }
        match !has_impl && self.parameters_of(id).is_empty() && item.parent.is_none_or(is_settled) {
            true => CallerTypes::Settled,
            false => CallerTypes::Choose,
        }
    }

    /// The names of type parameters of the item, what stands in it and the impl
    /// or trait around it.
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
