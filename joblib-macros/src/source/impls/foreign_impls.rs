//! What gives types impls of traits of other crates: impls, derives, macros that are
//! attached to items and macro calls, by the trait, as far as that is known.

use super::super::database::{CrateDb, ItemId, ModuleId};
use super::super::impl_header;
use super::super::known::attributes::BUILT_IN_DERIVES;
use super::super::known::traits::{is_standard_trait, is_without_code, leads_to, may_lead_to};
use super::super::name::{Name, Set};
use super::super::resolve::PathTarget;
use super::{DefinedNames, ImplIndex};

/// What an item gives a type an impl of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) enum ProvidedImpl {
    /// A trait of the standard library.
    Standard(Name),
    /// A trait of another crate that is not followed.
    Other(Name),
    /// One of the two, or one that a macro defines.
    Either(Name),
    /// Whatever the macro of this name makes.
    Attached(Name),
    /// What a macro makes of these names.
    Made(Set<Name>),
}

/// A trait of another crate whose impls a call may run that does not name the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::source) struct ForeignTrait {
    pub(in crate::source) of: ForeignTraitKind,
    /// Whether callers choose the type, which may be one of another crate around one
    /// of this. Otherwise a value of it is hidden.
    pub(in crate::source) is_chosen: bool,
}

/// Which trait is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::source) enum ForeignTraitKind {
    Standard(Name),
    /// A conversion from or to a type of the language.
    Plain(Name),
    /// serde's, whose impls for other types call nothing but those of serde's traits.
    Serde(Name),
    Other(Name),
    /// One of this name, if it is a trait at all.
    Named(Name),
}

impl ForeignTrait {
    /// Whether what is asked for may be what an item gives.
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
    /// Adds what an impl of a foreign trait gives.
    pub(super) fn add_implementing(&mut self, table: &mut ImplIndex, id: ItemId) {
        let item = self.item(id).clone();
        let Some(path) = impl_header::head(&self.file_of(id), &item).trait_path else {
            return;
        };
        let targets = self.resolve(item.module, &path).targets;
        let last = path.last().unwrap_or(Name::new(""));
        let mut gives: Vec<ProvidedImpl> = targets
            .iter()
            .map(|target| self.given_by(target, last))
            .collect();
        if gives.is_empty() {
            let is_bare = path.names.len() == 1 && is_standard_trait(last.as_str());
            gives.push(match is_bare && !self.opens_others(item.module) {
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

    fn given_by(&self, target: &PathTarget, last: Name) -> ProvidedImpl {
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

    /// Adds what the macros give that are attached to an item.
    pub(super) fn add_attached(&mut self, table: &mut ImplIndex, id: ItemId) {
        for (name, is_standard) in self.attached_names(id) {
            let gives = match name.as_str() {
                // What these make does the same whatever is in the type, or no more
                // than another one of them.
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

    /// Adds what a macro call gives that may make impls of these names.
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

    /// Whether globs bring names of crates that are not followed to a module, or to a
    /// block and what is around it.
    pub(in crate::source) fn opens_others(&mut self, scope: ModuleId) -> bool {
        !self.opened_others(scope).is_empty()
    }
}
