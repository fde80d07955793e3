//! What gives types impls of traits of other crates: impls, derives, macros that are
//! attached to items and macro calls, by the trait, as far as that is known.

use super::super::head;
use super::super::known::attributes::BUILT_IN_DERIVES;
use super::super::known::traits::{is_standard_trait, is_without_code, leads_to, may_lead_to};
use super::super::name::{Name, Set};
use super::super::resolve::Target;
use super::super::world::{ItemId, ModuleId, World};
use super::{Defined, Table};

/// What an item gives a type an impl of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) enum Gives {
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
pub(in crate::source) struct Asked {
    pub(in crate::source) of: Of,
    /// Whether callers choose the type, which may be one of another crate around one
    /// of this. Otherwise a value of it is hidden.
    pub(in crate::source) is_chosen: bool,
}

/// Which trait is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::source) enum Of {
    Standard(Name),
    /// A conversion from or to a type of the language.
    Plain(Name),
    /// serde's, whose impls for other types call nothing but those of serde's traits.
    Serde(Name),
    Other(Name),
    /// One of this name, if it is a trait at all.
    Named(Name),
}

impl Asked {
    /// Whether what is asked for may be what an item gives.
    pub(in crate::source) fn may_be(self, given: &Gives) -> bool {
        match given {
            Gives::Standard(name) => self.is_standard(*name),
            Gives::Other(name) => self.is_other(*name),
            Gives::Either(name) | Gives::Attached(name) => {
                self.is_standard(*name) || self.is_other(*name)
            }
            Gives::Made(names) => names
                .iter()
                .any(|&name| self.is_standard(name) || self.is_other(name)),
        }
    }

    fn is_standard(self, given: Name) -> bool {
        let given = given.as_str();
        match self.of {
            Of::Standard(name) if self.is_chosen => may_lead_to(name.as_str(), given),
            Of::Standard(name) | Of::Plain(name) => leads_to(name.as_str(), given),
            Of::Other(_) => self.is_chosen,
            Of::Serde(name) | Of::Named(name) => name == given,
        }
    }

    fn is_other(self, given: Name) -> bool {
        match self.of {
            Of::Standard(name) | Of::Plain(name) => self.is_chosen || name == given,
            Of::Serde(_) | Of::Other(_) => true,
            Of::Named(name) => name == given,
        }
    }
}

impl World {
    /// Adds what an impl of a foreign trait gives.
    pub(super) fn add_implementing(&mut self, table: &mut Table, id: ItemId) {
        let item = self.item(id).clone();
        let Some(path) = head::head(&self.file_of(id), &item).trait_path else {
            return;
        };
        let targets = self.resolve(item.module, &path).targets;
        let last = path.last().unwrap_or(Name::new(""));
        let mut gives: Vec<Gives> = targets
            .iter()
            .map(|target| self.given_by(target, last))
            .collect();
        if gives.is_empty() {
            let is_bare = path.names.len() == 1 && is_standard_trait(last.as_str());
            gives.push(match is_bare && !self.opens_others(item.module) {
                true => Gives::Standard(last),
                false => Gives::Either(last),
            });
        }
        let by_hand = |gives: &Gives| !matches!(gives, Gives::Standard(name) if is_without_code(name.as_str()));
        gives.retain(by_hand);
        table
            .implementing
            .extend(gives.into_iter().map(|gives| (gives, id)));
    }

    fn given_by(&self, target: &Target, last: Name) -> Gives {
        match target {
            Target::Foreign(_, _, text) => {
                let name = Name::new(text.rsplit("::").next().unwrap_or(text));
                match self.is_of_standard(target) {
                    true => Gives::Standard(name),
                    false => Gives::Other(name),
                }
            }
            _ => Gives::Either(last),
        }
    }

    /// Adds what the macros give that are attached to an item.
    pub(super) fn add_attached(&mut self, table: &mut Table, id: ItemId) {
        for (name, is_standard) in self.attached_names(id) {
            let gives = match name.as_str() {
                // What these make does the same whatever is in the type, or no more
                // than another one of them.
                "Clone" | "Copy" | "Eq" | "Key" if is_standard => continue,
                known if is_standard && BUILT_IN_DERIVES.contains(&known) => Gives::Standard(name),
                _ if is_standard => Gives::Other(name),
                _ => Gives::Attached(name),
            };
            table.implementing.push((gives, id));
        }
    }

    /// Adds what a macro call gives that may make impls of these names.
    pub(super) fn add_made(table: &mut Table, id: ItemId, given: &Set<Name>, found: &Defined) {
        let names: Set<Name> = given.iter().chain(&found.headers).copied().collect();
        if !names.is_empty() {
            table.implementing.push((Gives::Made(names), id));
        }
    }

    /// Whether globs bring names of crates that are not followed to a module, or to a
    /// block and what is around it.
    pub(in crate::source) fn opens_others(&mut self, scope: ModuleId) -> bool {
        !self.opened_others(scope).is_empty()
    }
}
