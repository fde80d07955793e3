//! Decides whether a name that the macros know may have another meaning in the compiled
//! crate: that of a standard type, of a parameter in generated code, or of a trait whose
//! impls a key need not cover.

use proc_macro2::Ident;
use syn::Path;

use super::is_type_kind;
use crate::source::database::{CrateDb, ItemKind};
use crate::source::name::Name;
use crate::source::resolve::PathTarget;
use crate::source::with_engine;

/// Returns whether the path of a type with the name of a standard one may lead to
/// another type.
pub(crate) fn may_be_other_type(path: &Path) -> bool {
    in_source(|world| world.may_be_other_type(&names(path)))
}

/// Returns whether the compiled crate may declare or import a constant or a `static`
/// called `name`.
pub(crate) fn may_be_constant(name: &Ident) -> bool {
    let name = Name::new(&name.to_string());
    in_source(|world| {
        world.any_named(name, |world, target| match target {
            PathTarget::Item(id) => world.item(*id).kind == ItemKind::Const,
            PathTarget::Module(_) => false,
            PathTarget::Foreign(..) => true,
        })
    })
}

/// Returns whether the path of a trait may lead to a trait that is neither the standard
/// library's nor joblib's nor serde's.
pub(crate) fn may_be_other_trait(path: &Path) -> bool {
    in_source(|world| world.may_be_other_trait(&names(path)))
}

/// Returns the answer for the compiled crate. If its source is not known, a name may have
/// any meaning.
fn in_source(may_be: impl FnOnce(&mut CrateDb) -> bool) -> bool {
    with_engine(|engine| {
        let world = engine.world_mut();
        world.crates.is_empty() || may_be(world)
    })
}

fn names(path: &Path) -> Vec<Name> {
    let segments = path.segments.iter();
    segments
        .map(|segment| Name::new(&segment.ident.to_string()))
        .collect()
}

impl CrateDb {
    /// Returns whether a free item of the compiled crate called `name`, or what it
    /// imports, is as `accepts` says.
    fn any_named(&mut self, name: Name, accepts: impl Fn(&Self, &PathTarget) -> bool) -> bool {
        let named = self.krate(0).free.get(&name).cloned().unwrap_or_default();
        named.into_iter().any(|id| {
            let item = self.item(id);
            let targets = match item.kind.clone() {
                ItemKind::Use(path) => self.import(item.module, &path),
                _ => vec![PathTarget::Item(id)],
            };
            targets.iter().any(|target| accepts(self, target))
        })
    }

    fn may_be_other_type(&mut self, path: &[Name]) -> bool {
        match (self.foreign_root(path), path) {
            (Some(root), _) => !self.is_of_standard(&root),
            (None, [.., name]) => self.any_named(*name, |world, target| match target {
                PathTarget::Item(id) => is_type_kind(&world.item(*id).kind),
                target => !world.is_of_standard(target),
            }),
            (None, []) => false,
        }
    }

    fn may_be_other_trait(&mut self, path: &[Name]) -> bool {
        match (self.foreign_root(path), path) {
            (Some(root), _) => self.is_other_trait(&root),
            (None, [.., name]) => self.may_be_other_trait_here(*name),
            (None, []) => false,
        }
    }

    /// Returns the crate that a path of several names starts with, if it is not the
    /// compiled one.
    fn foreign_root(&self, path: &[Name]) -> Option<PathTarget> {
        let [first, _, ..] = path else { return None };
        let root = PathTarget::Foreign(0, *first, String::new());
        (self.is_crate(0, *first) || self.is_of_standard(&root)).then_some(root)
    }

    /// Returns the same for a name in a module of the compiled crate. If nothing in the
    /// crate has the name, a glob may import it from a followed crate.
    fn may_be_other_trait_here(&mut self, name: Name) -> bool {
        if self.krate(0).free.contains_key(&name) {
            return self.any_named(name, Self::is_other_trait);
        }
        let named = self.crates.iter().filter_map(|krate| krate.free.get(&name));
        named
            .flatten()
            .any(|&id| self.item(id).kind == ItemKind::Trait)
    }

    fn is_other_trait(&self, target: &PathTarget) -> bool {
        match target {
            PathTarget::Item(id) => self.item(*id).kind == ItemKind::Trait,
            PathTarget::Module(_) => false,
            PathTarget::Foreign(_, krate, _) => {
                let is_serde = matches!(krate.as_str(), "serde" | "serde_core");
                !is_serde && !self.is_of_standard(target) && !self.is_joblib_target(target)
            }
        }
    }
}
