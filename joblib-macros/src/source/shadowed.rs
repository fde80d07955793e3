//! Names to which a crate gives another meaning than they have by themselves: an
//! attribute of another crate that is called like one of the compiler's or of
//! joblib's, and a macro that is called like one of the standard library's.

use std::sync::{Arc, PoisonError, RwLock};

use super::known::attributes::OURS;
use super::known::macros::PLAIN;
use super::name::{Map, Name, Set};
use super::token::LexedFile;
use super::use_tree;

/// What a crate knows of other names, in all of its files.
#[derive(Debug, Default)]
pub(super) struct ShadowedNames {
    /// What it calls the crates below it, but for those of joblib.
    crates: Set<Name>,
    /// What it calls joblib.
    joblib: Set<Name>,
    /// Macros that it defines or that all of it sees.
    macros: RwLock<Set<Name>>,
}

impl ShadowedNames {
    /// Of a crate that calls others, and joblib, by these names.
    pub(super) fn by(crates: Set<Name>, joblib: Set<Name>) -> ShadowedNames {
        ShadowedNames {
            crates,
            joblib,
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
pub(super) struct FileShadowedNames {
    krate: Arc<ShadowedNames>,
    /// What it imports from other crates.
    imported: Set<Name>,
    /// Attributes of joblib by the names that it imports them under.
    aliases: Map<Name, Name>,
    /// Attributes of others that imports in other files bring.
    brought: RwLock<Set<Name>>,
}

/// What the imports of a file say.
#[derive(Default)]
struct FileImports {
    of_others: Set<Name>,
    of_joblib: Map<Name, Name>,
    /// All names but those of joblib's attributes.
    all: Set<Name>,
    /// Whether a glob may bring attributes of others.
    is_open: bool,
}

impl FileShadowedNames {
    /// Reads the imports of a file, and the macros that it defines.
    pub(super) fn read(file: &LexedFile, krate: Arc<ShadowedNames>) -> FileShadowedNames {
        let mut macros = Vec::new();
        let mut imports = FileImports::default();
        // Macros are often not optimized, so a token is told by its first byte and
        // its length before its text.
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
            brought: RwLock::default(),
        }
    }

    /// Whether the attribute called `name` may be another crate's.
    pub(super) fn is_attribute(&self, name: Name) -> bool {
        self.imported.contains(&name) || self.is_brought(name)
    }

    /// Whether the attribute called so is another crate's by an import elsewhere.
    pub(super) fn is_brought(&self, name: Name) -> bool {
        let brought = self.brought.read().unwrap_or_else(PoisonError::into_inner);
        brought.contains(&name)
    }

    /// Notes such an attribute.
    pub(super) fn add_attribute(&self, name: Name) {
        let mut brought = self.brought.write().unwrap_or_else(PoisonError::into_inner);
        brought.insert(name);
    }

    /// The attribute of joblib that is certainly meant by `name` here.
    pub(super) fn of_joblib(&self, name: Name) -> Option<Name> {
        self.aliases.get(&name).copied()
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

impl FileImports {
    /// Adds what the `use` at `at` imports.
    fn read(&mut self, file: &LexedFile, at: usize, krate: &ShadowedNames) {
        let end = (at..file.len()).find(|&end| file.is(end, b';'));
        for leaf in use_tree::flatten(file, at + 1..end.unwrap_or(file.len())) {
            let Some(&first) = leaf.path.names.first() else {
                continue;
            };
            let last = leaf
                .path
                .last()
                .filter(|last| OURS.contains(&last.as_str()));
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

    /// The names that mean nothing else in any module of the file.
    fn aliases(&self) -> Map<Name, Name> {
        let known = self.of_joblib.iter().filter(|_| !self.is_open);
        let known = known.filter(|(name, _)| !self.all.contains(name));
        known.map(|(name, of)| (*name, *of)).collect()
    }
}
