//! Macros attached to items by attributes and derives: what the compiler does
//! not have built in sees all of the item, its documentation too, and may make
//! anything of it.

use std::path::PathBuf;

use super::crates::Extern;
use super::literal;
use super::name::Name;
use super::resolve::Target;
use super::syntax::is_keyword;
use super::token::{File, Span};
use super::tree::Path;
use super::world::{Item, ItemId, ItemKind, World};

pub(super) const STANDARD_DERIVES: &[&str] = &[
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Eq",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Serialize",
    "Deserialize",
    "serde",
    "Key",
    "Persist",
];

/// Crates that derives of these names are known of.
const DERIVING: &[&str] = &[
    "std",
    "core",
    "serde",
    "serde_derive",
    "joblib",
    "crate",
    "self",
    "super",
];

/// Attributes of items that are found without being mentioned.
const LINKED: &[&str] = &["used", "link_section", "ctor", "dtor", "distributed_slice"];

const INERT: &[&str] = &[
    "repr",
    "non_exhaustive",
    "track_caller",
    "test",
    "ignore",
    "should_panic",
    "no_mangle",
    "target_feature",
    "global_allocator",
    "panic_handler",
    "proc_macro",
    "proc_macro_attribute",
    "proc_macro_derive",
    "macro_use",
    "macro_export",
    "automatically_derived",
    "serde",
    "default",
    "cfg",
    "cfg_attr",
    "unsafe",
    "link",
    "used",
    "export_name",
    "link_section",
];

impl World {
    /// Whether a macro is attached to the item, or to the `extern` block around
    /// it, that the compiler does not have built in.
    pub(super) fn has_attached(&self, id: ItemId) -> bool {
        let item = self.item(id);
        let file = &self.files[item.file];
        let mut attributes = item.attributes.iter();
        attributes.any(|inside| !self.macros_of(item, file, inside).is_empty())
            || item.foreign.is_some_and(|block| self.has_attached(block))
    }

    /// The words and texts in the attributes of the item.
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

    /// The macros that an attribute of the item attaches.
    fn macros_of(&self, item: &Item, file: &File, inside: &Span) -> Vec<Path> {
        let is_own = |path: &Path| {
            let last = path.last();
            let is_standard = last.is_some_and(|it| STANDARD_DERIVES.contains(&it.as_str()));
            is_standard && !self.is_other(item, path)
        };
        let is_derive = file.is_word(inside.start, "derive");
        let paths = paths(file, inside).into_iter();
        paths.filter(|path| !(is_derive && is_own(path))).collect()
    }

    /// Whether a derive that is called like one of the standard library's is
    /// imported from another crate.
    fn is_other(&self, item: &Item, path: &Path) -> bool {
        let is_known = |first: Name| DERIVING.contains(&first.as_str());
        if path.names.len() > 1 {
            return !is_known(path.names[0]);
        }
        let names = &self.module(item.module).names;
        let items = path.last().and_then(|name| names.get(&name));
        items
            .into_iter()
            .flatten()
            .any(|&id| match &self.item(id).kind {
                ItemKind::Use(path) => path.names.first().is_some_and(|first| !is_known(*first)),
                _ => false,
            })
    }

    /// Whether the linker or what runs before `main` finds the item, whoever
    /// mentions it.
    pub(super) fn is_linked(&self, id: ItemId) -> bool {
        let item = self.item(id);
        let file = &self.files[item.file];
        let mut words = item.attributes.iter().cloned().flatten();
        words.any(|i| file.is_word_kind(i) && LINKED.contains(&file.text(i)))
    }

    /// The compiled files of the macros attached to the item; `None` for one that
    /// is followed or not known.
    pub(super) fn attached(&mut self, id: ItemId) -> Vec<Option<PathBuf>> {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let paths = item
            .attributes
            .iter()
            .flat_map(|inside| self.macros_of(&item, &file, inside));
        let paths: Vec<Path> = paths.collect();
        let mut found = Vec::new();
        for path in paths {
            let mut krate = None;
            for target in self.resolve(item.module, &path).targets {
                if let Target::Foreign(from, name, _) = target {
                    let artifact = self.krate(from).externs.get(&name).cloned();
                    krate = artifact.filter(|it| self.extern_kind(it) == Extern::Whole);
                }
            }
            found.push(krate);
        }
        found
    }

    /// All words in the item, which the macros attached to it see.
    pub(super) fn words_of(&self, id: ItemId) -> Vec<Name> {
        let item = self.item(id);
        let file = &self.files[item.file];
        let words = item.span.clone().filter_map(|i| file.name(i));
        let mut words: Vec<Name> = words.filter(|word| !is_keyword(word.as_str())).collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// The texts in the attributes of the item and of what is in it.
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

/// The macros that the attribute with these contents attaches.
fn paths(file: &File, inside: &Span) -> Vec<Path> {
    let name = file.text(inside.start);
    if name == "derive" {
        let parts = super::attribute::split(file, file.inside(inside.start + 1));
        let paths = parts.into_iter().map(|part| path(file, part));
        return paths.collect();
    }
    match INERT.contains(&name) {
        true => Vec::new(),
        false => vec![path(file, inside.clone())],
    }
}

/// The path that `span` starts with.
fn path(file: &File, span: Span) -> Path {
    let mut names = Vec::new();
    let global = file.is_path_sep(span.start);
    let mut at = span.start + if global { 2 } else { 0 };
    while let Some(name) = file.name(at).filter(|_| at < span.end) {
        names.push(name);
        if !file.is_path_sep(at + 1) {
            break;
        }
        at += 3;
    }
    Path { global, names }
}
