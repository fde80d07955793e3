//! Finds what gives types impls of traits of other crates: impls, derives, attached
//! macros and macro calls. The result is indexed by trait as far as the trait is
//! known.

use super::{DefinedNames, ImplIndex};
use crate::source::database::{CrateDb, ItemId, ModuleId};
use crate::source::impl_header;
use crate::source::known::attributes::BUILT_IN_DERIVES;
use crate::source::known::traits::{is_standard_trait, is_without_code, leads_to, may_lead_to};
use crate::source::name::{Name, Set};
use crate::source::resolve::PathTarget;

/// The trait that an item implements for a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) enum ProvidedImpl {
    /// A trait of the standard library.
    Standard(Name),
    /// A trait of another crate that is not followed.
    Other(Name),
    /// One of the two, or a trait that a macro defines.
    Either(Name),
    /// Whatever the attached macro of this name generates.
    Attached(Name),
    /// Whatever a macro generates from these names.
    Made(Set<Name>),
}

/// A trait of another crate whose impls may run in a call that does not name the
/// type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::source) struct ForeignTrait {
    pub(in crate::source) of: ForeignTraitKind,
    /// Whether callers choose the type. It may then be a type of another crate that
    /// contains one of this crate. Otherwise the value is behind `dyn`.
    pub(in crate::source) is_chosen: bool,
}

/// The kind of a required trait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::source) enum ForeignTraitKind {
    Standard(Name),
    /// A conversion from or to a primitive type.
    Plain(Name),
    /// A trait of serde. Its impls for other types call only impls of serde's traits.
    Serde(Name),
    Other(Name),
    /// The trait of this name, if there is one.
    Named(Name),
}

impl ForeignTrait {
    /// Returns whether the required trait may be the one that an item implements.
    pub(in crate::source) fn may_be(self, given: &ProvidedImpl) -> bool {
        match given {
            ProvidedImpl::Standard(name) => self.is_standard(*name),
            ProvidedImpl::Other(name) => self.is_other(*name),
            ProvidedImpl::Either(name) | ProvidedImpl::Attached(name) => {
                self.is_standard(*name) || self.is_other(*name)
            }
            ProvidedImpl::Made(names) => names
                .iter()
                .any(|&name| self.is_standard(name) || self.is_other(name)),
        }
    }

    fn is_standard(self, given: Name) -> bool {
        let given = given.as_str();
        match self.of {
            ForeignTraitKind::Standard(name) if self.is_chosen => may_lead_to(name.as_str(), given),
            ForeignTraitKind::Standard(name) | ForeignTraitKind::Plain(name) => {
                leads_to(name.as_str(), given)
            }
            ForeignTraitKind::Other(_) => self.is_chosen,
            ForeignTraitKind::Serde(name) | ForeignTraitKind::Named(name) => name == given,
        }
    }

    fn is_other(self, given: Name) -> bool {
        match self.of {
            ForeignTraitKind::Standard(name) | ForeignTraitKind::Plain(name) => {
                self.is_chosen || name == given
            }
            ForeignTraitKind::Serde(_) | ForeignTraitKind::Other(_) => true,
            ForeignTraitKind::Named(name) => name == given,
        }
    }
}

impl CrateDb {
    /// Adds the trait that an impl of a foreign trait implements.
    pub(super) fn add_implementing(&mut self, table: &mut ImplIndex, id: ItemId) {
        let item = self.item(id).clone();
        let Some(path) = impl_header::head(&self.file_of(id), &item).trait_path else {
            return;
        };
        let targets = self.resolve(item.module, &path).targets;
        let last = path.last().unwrap_or(Name::new(""));
        let mut gives: Vec<ProvidedImpl> = targets
            .iter()
            .map(|target| self.provided_by(target, last))
            .collect();
        if gives.is_empty() {
            let is_bare = path.names.len() == 1 && is_standard_trait(last.as_str());
            gives.push(match is_bare && !self.has_foreign_globs(item.module) {
                true => ProvidedImpl::Standard(last),
                false => ProvidedImpl::Either(last),
            });
        }
        let by_hand = |gives: &ProvidedImpl| !matches!(gives, ProvidedImpl::Standard(name) if is_without_code(name.as_str()));
        gives.retain(by_hand);
        table
            .implementing
            .extend(gives.into_iter().map(|gives| (gives, id)));
    }

    fn provided_by(&self, target: &PathTarget, last: Name) -> ProvidedImpl {
        match target {
            PathTarget::Foreign(_, _, text) => {
                let name = Name::new(text.rsplit("::").next().unwrap_or(text));
                match self.is_of_standard(target) {
                    true => ProvidedImpl::Standard(name),
                    false => ProvidedImpl::Other(name),
                }
            }
            _ => ProvidedImpl::Either(last),
        }
    }

    /// Adds the traits that the macros attached to an item implement.
    pub(super) fn add_attached(&mut self, table: &mut ImplIndex, id: ItemId) {
        for (name, is_standard) in self.attached_names(id) {
            let gives = match name.as_str() {
                // The generated impls do not depend on the contents of the type, or
                // do no more than another derive in the list.
                "Clone" | "Copy" | "Eq" | "Key" if is_standard => continue,
                known if is_standard && BUILT_IN_DERIVES.contains(&known) => {
                    ProvidedImpl::Standard(name)
                }
                _ if is_standard => ProvidedImpl::Other(name),
                _ => ProvidedImpl::Attached(name),
            };
            table.implementing.push((gives, id));
        }
    }

    /// Adds the traits that a macro call may implement from these names.
    pub(super) fn add_made(
        table: &mut ImplIndex,
        id: ItemId,
        given: &Set<Name>,
        found: &DefinedNames,
    ) {
        let names: Set<Name> = given.iter().chain(&found.headers).copied().collect();
        if !names.is_empty() {
            table.implementing.push((ProvidedImpl::Made(names), id));
        }
    }

    /// Returns whether globs bring names of unfollowed crates into a module or, for a
    /// block, into the scopes around it.
    pub(in crate::source) fn has_foreign_globs(&mut self, scope: ModuleId) -> bool {
        !self.foreign_globs(scope).is_empty()
    }
}
