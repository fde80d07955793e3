//! Names to which a crate gives another meaning than they have by themselves: an
//! attribute of another crate that is called like one of the compiler's or of
//! joblib's, and a macro that is called like one of the standard library's.

use std::sync::{Arc, PoisonError, RwLock};

use super::known::macros::PLAIN;
use super::name::{Name, Set};
use super::token::File;
use super::tree;

/// What a crate knows of other names, in all of its files.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// What it calls the crates below it, but for those of joblib.
    crates: Set<Name>,
    /// Macros that it defines or that all of it sees.
    macros: RwLock<Set<Name>>,
}

impl Taken {
    /// Of a crate that calls others by these names.
    pub(super) fn by(crates: Set<Name>) -> Taken {
        Taken {
            crates,
            macros: RwLock::default(),
        }
    }

    /// Notes macros that all of the crate sees.
    pub(super) fn add_macros(&self, names: impl IntoIterator<Item = Name>) {
        let mut macros = self.macros.write().unwrap_or_else(PoisonError::into_inner);
        macros.extend(names);
    }

    /// Whether `name` is that of another crate.
    pub(super) fn is_crate(&self, name: Name) -> bool {
        self.crates.contains(&name)
    }

    /// Whether all of the crate may see a macro called `name`.
    pub(super) fn is_macro(&self, name: Name) -> bool {
        let macros = self.macros.read().unwrap_or_else(PoisonError::into_inner);
        macros.contains(&name)
    }
}

/// What a file says of other names.
#[derive(Debug)]
pub(super) struct TakenHere {
    krate: Arc<Taken>,
    /// What it imports from other crates.
    imported: Set<Name>,
}

impl TakenHere {
    /// Reads the imports of a file, and the macros that it defines.
    pub(super) fn read(file: &File, krate: Arc<Taken>) -> TakenHere {
        let mut macros = Vec::new();
        let mut imported = Set::default();
        // Macros are often not optimized, so a token is told by its first byte and
        // its length before its text.
        for at in file.all() {
            let token = file.get(at).map(|token| (token.byte, token.len()));
            match token {
                Some((b'u', 3)) if file.is_word(at, "use") && !file.is(at + 1, b'<') => {
                    read_import(file, at, &krate, &mut imported);
                }
                Some((b'm', 5)) if file.is_word(at, "macro") => macros.extend(file.name(at + 1)),
                Some((b'm', 11)) if file.is_word(at, "macro_rules") && file.is(at + 1, b'!') => {
                    macros.extend(file.name(at + 2));
                }
                _ => {}
            }
        }
        macros.retain(|name| PLAIN.contains(&name.as_str()));
        if !macros.is_empty() {
            krate.add_macros(macros);
        }
        TakenHere { krate, imported }
    }

    /// Whether the attribute called `name` may be another crate's.
    pub(super) fn is_attribute(&self, name: Name) -> bool {
        self.imported.contains(&name)
    }

    /// Whether the macro called `name` may be another one than the standard
    /// library's.
    pub(super) fn is_macro(&self, name: Name) -> bool {
        self.imported.contains(&name) || self.krate.is_macro(name)
    }

    /// Whether `name` is that of another crate.
    pub(super) fn is_crate(&self, name: Name) -> bool {
        self.krate.is_crate(name)
    }
}

/// Adds what the `use` at `at` imports from another crate.
fn read_import(file: &File, at: usize, krate: &Taken, imported: &mut Set<Name>) {
    let end = (at..file.len()).find(|&end| file.is(end, b';'));
    for leaf in tree::flatten(file, at + 1..end.unwrap_or(file.len())) {
        let first = leaf.path.names.first();
        let is_other = first.is_some_and(|first| krate.is_crate(*first));
        if is_other && leaf.path.names.len() > 1 {
            imported.extend(leaf.name);
        }
    }
}
