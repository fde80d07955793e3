//! Well-known names that have another meaning in a crate: an attribute of another
//! crate with the name of a built-in or joblib attribute, and a macro with the name
//! of a standard one.

use std::sync::{Arc, PoisonError, RwLock};

use super::known::attributes::JOBLIB_ATTRIBUTES;
use super::known::macros::PLAIN;
use super::name::{Map, Name, Set};
use super::token::LexedFile;
use super::use_tree;

/// The names with another meaning in all files of a crate.
#[derive(Debug, Default)]
pub(super) struct ShadowedNames {
    /// The names of its dependencies, except those of joblib.
    crates: Set<Name>,
    /// The names under which it uses joblib.
    joblib: Set<Name>,
    /// Macros that it defines or that are visible in all of it.
    macros: RwLock<Set<Name>>,
}

impl ShadowedNames {
    /// Creates the set for a crate that uses its dependencies and joblib under these
    /// names.
    pub(super) fn by(crates: Set<Name>, joblib: Set<Name>) -> ShadowedNames {
        ShadowedNames {
            crates,
            joblib,
            macros: RwLock::default(),
        }
    }

    /// Adds macros that are visible in the whole crate.
    pub(super) fn add_macros(&self, names: impl IntoIterator<Item = Name>) {
        let mut macros = self.macros.write().unwrap_or_else(PoisonError::into_inner);
        macros.extend(names);
    }

    /// Returns whether `name` refers to another crate.
    pub(super) fn is_crate(&self, name: Name) -> bool {
        self.crates.contains(&name)
    }

    /// Returns whether a macro called `name` may be visible in the whole crate.
    pub(super) fn is_macro(&self, name: Name) -> bool {
        let macros = self.macros.read().unwrap_or_else(PoisonError::into_inner);
        macros.contains(&name)
    }
}

/// The names with another meaning in a file.
#[derive(Debug)]
pub(super) struct FileShadowedNames {
    krate: Arc<ShadowedNames>,
    /// The names that it imports from other crates.
    imported: Set<Name>,
    /// Attributes of joblib by the names under which the file imports them.
    aliases: Map<Name, Name>,
    /// Attributes of other crates that imports in other files bring into scope.
    imported_elsewhere: RwLock<Set<Name>>,
}

/// The imports of a file.
#[derive(Default)]
struct FileImports {
    of_others: Set<Name>,
    of_joblib: Map<Name, Name>,
    /// All imported names except those of joblib's attributes.
    all: Set<Name>,
    /// Whether a glob may import attributes of other crates.
    is_open: bool,
}

impl FileShadowedNames {
    /// Reads the imports of a file and the macros that it defines.
    pub(super) fn read(file: &LexedFile, krate: Arc<ShadowedNames>) -> FileShadowedNames {
        let mut macros = Vec::new();
        let mut imports = FileImports::default();
        // The macros are often compiled without optimization, so tokens are first
        // compared by first byte and length, and then by text.
        for at in file.all() {
            let token = file.get(at).map(|token| (token.byte, token.len()));
            match token {
                Some((b'u', 3)) if file.is_word(at, "use") && !file.is(at + 1, b'<') => {
                    imports.read(file, at, &krate);
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
        FileShadowedNames {
            krate,
            aliases: imports.aliases(),
            imported: imports.of_others,
            imported_elsewhere: RwLock::default(),
        }
    }

    /// Returns whether the attribute `name` may belong to another crate.
    pub(super) fn is_attribute(&self, name: Name) -> bool {
        self.imported.contains(&name) || self.is_imported_elsewhere(name)
    }

    /// Returns whether the attribute `name` belongs to another crate because of an
    /// import in another file.
    pub(super) fn is_imported_elsewhere(&self, name: Name) -> bool {
        let imported_elsewhere = self
            .imported_elsewhere
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        imported_elsewhere.contains(&name)
    }

    /// Adds an attribute that belongs to another crate.
    pub(super) fn add_attribute(&self, name: Name) {
        let mut imported_elsewhere = self
            .imported_elsewhere
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        imported_elsewhere.insert(name);
    }

    /// Returns the attribute of joblib that `name` certainly refers to here.
    pub(super) fn of_joblib(&self, name: Name) -> Option<Name> {
        self.aliases.get(&name).copied()
    }

    /// Returns whether the macro `name` may be one that does not belong to the
    /// standard library.
    pub(super) fn is_macro(&self, name: Name) -> bool {
        self.imported.contains(&name) || self.krate.is_macro(name)
    }

    /// Returns whether `name` refers to another crate.
    pub(super) fn is_crate(&self, name: Name) -> bool {
        self.krate.is_crate(name)
    }
}

impl FileImports {
    /// Adds the imports of the `use` at `at`.
    fn read(&mut self, file: &LexedFile, at: usize, krate: &ShadowedNames) {
        let end = (at..file.len()).find(|&end| file.is(end, b';'));
        for leaf in use_tree::flatten(file, at + 1..end.unwrap_or(file.len())) {
            let Some(&first) = leaf.path.names.first() else {
                continue;
            };
            let last = leaf
                .path
                .last()
                .filter(|last| JOBLIB_ATTRIBUTES.contains(&last.as_str()));
            match (leaf.name, last) {
                (Some(name), Some(last)) if krate.joblib.contains(&first) => {
                    self.of_joblib.insert(name, last);
                }
                (Some(name), _) => {
                    self.all.insert(name);
                    if krate.is_crate(first) && leaf.path.names.len() > 1 {
                        self.of_others.insert(name);
                    }
                }
                (None, _) => {
                    let is_known = matches!(first.as_str(), "std" | "core" | "alloc")
                        && !krate.is_crate(first);
                    self.is_open |= !is_known && !krate.joblib.contains(&first);
                }
            }
        }
    }

    /// Returns the aliases that have no other meaning in any module of the file.
    fn aliases(&self) -> Map<Name, Name> {
        let known = self.of_joblib.iter().filter(|_| !self.is_open);
        let known = known.filter(|(name, _)| !self.all.contains(name));
        known.map(|(name, of)| (*name, *of)).collect()
    }
}
