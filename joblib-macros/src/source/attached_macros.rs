//! Macros that attributes and derives attach to items. A macro that is not built into
//! the compiler sees the whole item, including its documentation, and may generate
//! anything from it.

use std::path::PathBuf;

use super::attribute;
use super::crates::ExternCrate;
use super::database::{CrateDb, Item, ItemId, ItemKind, ModuleId};
use super::known::attributes::{
    BUILT_IN_DERIVES, DERIVE_CRATES, INERT_ATTRIBUTES, LINK_TIME_ATTRIBUTES, is_standard_derive,
};
use super::literal;
use super::name::Name;
use super::resolve::PathTarget;
use super::syntax::is_keyword;
use super::token::{LexedFile, Span};
use super::use_tree::UsePath;

impl CrateDb {
    /// Returns whether a macro that is not built into the compiler is attached to the
    /// item or to the `extern` block around it.
    pub(super) fn has_attached(&self, id: ItemId) -> bool {
        let item = self.item(id);
        let file = &self.files[item.file];
        let mut attributes = item.attributes.iter();
        attributes.any(|inside| !self.macros_of(item, file, inside).is_empty())
            || item.foreign.is_some_and(|block| self.has_attached(block))
    }

    /// Returns whether a macro attached to the item, or to the impl or trait around
    /// it, sees its tokens as written.
    pub(super) fn is_seen(&self, id: ItemId) -> bool {
        let parent = self.item(id).parent;
        self.has_attached(id) || parent.is_some_and(|parent| self.has_attached(parent))
    }

    /// Returns the names of the macros attached to the item, including derives of the
    /// standard library, serde and joblib, and for each whether it is one of these
    /// known derives.
    pub(super) fn attached_names(&self, id: ItemId) -> Vec<(Name, bool)> {
        let item = self.item(id);
        let file = &self.files[item.file];
        let mut found = Vec::new();
        for inside in &item.attributes {
            let others = self.macros_of(item, file, inside);
            for path in paths(file, inside) {
                let is_other = others.contains(&path);
                found.extend(path.last().map(|name| (name, !is_other)));
            }
        }
        found
    }

    /// Returns the words and string literals in the attributes of the item.
    pub(super) fn words_of_attributes(&self, id: ItemId) -> Vec<Name> {
        let item = self.item(id);
        let file = &self.files[item.file];
        let spans = item
            .attributes
            .iter()
            .filter(|span| !file.is_word(span.start, "derive"));
        let mut words = Vec::new();
        for span in spans {
            words.extend(span.clone().skip(1).filter_map(|i| file.name(i)));
            words.extend(literal::strings(file, span.clone()).map(|text| Name::new(&text)));
        }
        words.retain(|word| !is_keyword(word.as_str()));
        words
    }

    /// Returns the macros that an attribute of the item attaches.
    fn macros_of(&self, item: &Item, file: &LexedFile, inside: &Span) -> Vec<UsePath> {
        let is_own = |path: &UsePath| {
            let last = path.last();
            let is_standard = last.is_some_and(|it| is_standard_derive(it.as_str()));
            is_standard && !self.is_other(item, path)
        };
        let is_derive = file.is_word(inside.start, "derive");
        let paths = paths(file, inside).into_iter();
        paths.filter(|path| !(is_derive && is_own(path))).collect()
    }

    /// Returns whether a derive with the name of a standard one is imported from
    /// another crate.
    fn is_other(&self, item: &Item, path: &UsePath) -> bool {
        let krate = self.module(item.module).krate;
        let externs = &self.krate(krate).externs;
        let is_of_build = |first: Name| {
            matches!(first.as_str(), "std" | "core" | "alloc") && externs.contains_key(&first)
        };
        let is_known = |first: Name| DERIVE_CRATES.contains(&first.as_str()) && !is_of_build(first);
        let [name] = path.names[..] else {
            return !is_known(path.names[0]);
        };
        let mut has_globs = false;
        for module in self.scopes(item.module) {
            let module = self.module(module);
            for &id in module.names.get(&name).into_iter().flatten() {
                if let ItemKind::Use(path) = &self.item(id).kind {
                    return path.names.first().is_some_and(|first| !is_known(*first));
                }
            }
            has_globs |= !module.globs.is_empty();
        }
        self.krate(krate).shadowing_macros.contains(&name)
            || (has_globs && !BUILT_IN_DERIVES.contains(&name.as_str()))
    }

    /// Returns a module and, while these are blocks, the modules around it.
    fn scopes(&self, module: ModuleId) -> impl Iterator<Item = ModuleId> {
        let around = |&id: &ModuleId| {
            let module = self.module(id);
            module.parent.filter(|_| module.block)
        };
        std::iter::successors(Some(module), around)
    }

    /// Returns whether the linker or startup code finds the item even if nothing
    /// references it.
    pub(super) fn is_linked(&self, id: ItemId) -> bool {
        let item = self.item(id);
        let file = &self.files[item.file];
        let mut words = item.attributes.iter().cloned().flatten();
        words.any(|i| file.is_word_kind(i) && LINK_TIME_ATTRIBUTES.contains(&file.text(i)))
    }

    /// Returns, for each macro attached to the item, the compiled files that it may
    /// come from. The list is empty for a macro whose crate is followed.
    pub(super) fn attached(&mut self, id: ItemId) -> Vec<Vec<PathBuf>> {
        let mut found = self.attached_by(id);
        for artifacts in &mut found {
            artifacts.retain(|artifact| self.extern_kind(artifact) == ExternCrate::Whole);
        }
        found
    }

    /// Returns the same as [`attached`](Self::attached), including macros whose
    /// crates are followed.
    pub(super) fn attached_by(&mut self, id: ItemId) -> Vec<Vec<PathBuf>> {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let paths = item
            .attributes
            .iter()
            .flat_map(|inside| self.macros_of(&item, &file, inside));
        let paths: Vec<UsePath> = paths.collect();
        let mut found = Vec::new();
        for path in paths {
            let targets = self.resolve(item.module, &path).targets;
            let of_target = |target: &PathTarget| match target {
                PathTarget::Foreign(from, name, _) => self.krate(*from).externs.get(name).cloned(),
                _ => None,
            };
            let mut artifacts: Vec<PathBuf> = targets.iter().filter_map(of_target).collect();
            if targets.is_empty() {
                artifacts = self.crates_behind(item.module, &path);
            }
            for target in targets {
                if let PathTarget::Item(id) = target {
                    artifacts.extend(self.artifact_of(self.crate_of(id)));
                }
            }
            found.push(artifacts);
        }
        found
    }

    /// Returns all words in the item, which the macros attached to it see.
    pub(super) fn words_of(&self, id: ItemId) -> Vec<Name> {
        let item = self.item(id);
        let file = &self.files[item.file];
        let words = item.span.clone().filter_map(|i| file.name(i));
        let mut words: Vec<Name> = words.filter(|word| !is_keyword(word.as_str())).collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// Returns the string literals in the attributes of the item and of everything in
    /// it.
    pub(super) fn texts_of_attributes(&self, id: ItemId) -> Vec<String> {
        let item = self.item(id);
        let file = &self.files[item.file];
        let starts = item
            .span
            .clone()
            .filter(|&i| file.is(i, b'#') && file.is(i + 1, b'['));
        starts
            .flat_map(|i| literal::strings(file, file.inside(i + 1)))
            .collect()
    }
}

/// Returns the macros that the attributes in a token range attach.
pub(super) fn in_tokens(file: &LexedFile, span: Span) -> Vec<UsePath> {
    let attributes = span.filter_map(|i| attribute::attribute_at(file, i));
    let counted = attributes.filter(|inside| attribute::counts(file, inside));
    counted.flat_map(|inside| foreign(file, &inside)).collect()
}

/// Returns the macros that an attribute in the tokens of a macro attaches, except
/// those that have the name of a built-in one.
pub(super) fn foreign(file: &LexedFile, inside: &Span) -> Vec<UsePath> {
    let is_derive = file.is_word(inside.start, "derive");
    let is_standard = |path: &UsePath| match path.names[..] {
        [name] => is_derive && is_standard_derive(name.as_str()),
        _ => path.names.is_empty(),
    };
    let mut paths = paths(file, inside);
    paths.retain(|path| !is_standard(path));
    paths
}

/// Returns the macros that the attribute with these contents attaches.
fn paths(file: &LexedFile, inside: &Span) -> Vec<UsePath> {
    let name = file.text(inside.start);
    if name == "derive" {
        let parts = attribute::split(file, file.inside(inside.start + 1));
        let paths = parts.into_iter().map(|part| path(file, part));
        return paths.collect();
    }
    match INERT_ATTRIBUTES.contains(&name) && !attribute::is_elsewhere(file, inside) {
        true => Vec::new(),
        false => vec![path(file, inside.clone())],
    }
}

/// Returns the path at the start of `span`.
fn path(file: &LexedFile, span: Span) -> UsePath {
    let mut names = Vec::new();
    let global = file.is_path_sep(span.start);
    let mut at = span.start + if global { 2 } else { 0 };
    if file.is(at, b'$') && file.is_word(at + 1, "crate") {
        names.push(Name::new("$crate"));
        at += if file.is_path_sep(at + 2) { 4 } else { 2 };
    }
    while let Some(name) = file.name(at).filter(|_| at < span.end) {
        names.push(name);
        if !file.is_path_sep(at + 1) {
            break;
        }
        at += 3;
        if file.is(at, b'$') {
            // The rest can be any name below the preceding path.
            names.push(Name::new("$"));
        }
    }
    UsePath { global, names }
}
