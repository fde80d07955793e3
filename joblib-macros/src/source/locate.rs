//! Finds an annotated function by the position of its name. The match counts only if
//! the tokens at that position are those that the macro received.

use std::path::Path;
use std::sync::Arc;

use super::attribute;
use super::database::{CrateDb, Item, ItemId, ItemKind, ModuleId};
use super::impl_header;
use super::name::Name;
use super::normalize;
use super::scan;
use super::token::LexedFile;

/// What contains a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum FnOwner {
    /// A module or a block.
    Free,
    /// An impl of this type.
    Inherent {
        /// The type as written in the header of the impl.
        self_type: String,
        /// The generic parameters of the impl, with the angle brackets; empty if
        /// there are none.
        generics: String,
        /// The `where` clause of the impl; empty if there is none.
        bounds: String,
    },
    /// An impl of a trait for this type, or the trait itself.
    Trait {
        /// The type as written in the header of the impl.
        self_type: String,
    },
    /// No file of the crate contains the function.
    #[default]
    Unknown,
}

/// The position of a function's name: 1-based line, 0-based column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position<'a> {
    pub(super) file: &'a Path,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl CrateDb {
    /// Returns the item whose name is at `position`.
    pub(super) fn locate(&mut self, position: Position<'_>) -> Option<ItemId> {
        let (file, token) = self.token_at(position)?;
        self.named_at(file, token)
    }

    /// Returns the file and the token at `position`.
    pub(super) fn token_at(&self, position: Position<'_>) -> Option<(usize, usize)> {
        let wanted = std::path::absolute(position.file).ok()?;
        let is_wanted = |file: &Arc<LexedFile>| file.path == wanted;
        let canonical = || {
            let wanted = wanted.canonicalize().ok()?;
            let mut files = self.files.iter();
            files.position(|file| file.canonical_path() == Some(&wanted))
        };
        let file = self.files.iter().position(is_wanted).or_else(canonical)?;
        let token = self.files[file].at(position.line, position.column)?;
        Some((file, token))
    }

    /// Returns the function whose name is the token `token` of `file`.
    fn named_at(&self, file: usize, token: usize) -> Option<ItemId> {
        let is_wanted =
            |item: &Item| item.name_at == token && item.file == file && item.kind == ItemKind::Fn;
        let found = self.items.iter().position(is_wanted);
        found.map(|id| id as ItemId)
    }

    /// Returns the other functions at the location of `id`. A file has several copies
    /// of its functions if `include!` or `#[path]` reads it as several modules.
    pub(super) fn alike(&self, id: ItemId) -> Vec<ItemId> {
        let item = self.item(id);
        let path = &self.files[item.file].path;
        let is_other = |file: &usize| *file != item.file && self.files[*file].path == *path;
        let files: Vec<usize> = (0..self.files.len()).filter(is_other).collect();
        if files.is_empty() {
            return Vec::new();
        }
        let is_alike = |other: &ItemId| {
            let other = self.item(*other);
            other.name_at == item.name_at && other.kind == item.kind && files.contains(&other.file)
        };
        (0..self.items.len() as ItemId).filter(is_alike).collect()
    }

    /// Returns whether the item has the tokens of `given`, ignoring attributes.
    pub(super) fn is_same(&self, id: ItemId, given: &LexedFile) -> bool {
        let item = self.item(id);
        let (file, here) = (&self.files[item.file], item.head..item.span.end);
        let there = attribute::skip(given, 0)..given.len();
        let is_word_for_word = here.len() == there.len()
            && here
                .clone()
                .zip(there.clone())
                .all(|(a, b)| file.text(a) == given.text(b));
        is_word_for_word
            || normalize::canonical(file, here, None) == normalize::canonical(given, there, None)
    }

    /// Adds a function that no file of the crate contains, as if it were in `module`,
    /// without adding its name to that module.
    pub(super) fn add_unseen(&mut self, module: ModuleId, given: LexedFile) -> Option<ItemId> {
        let head = attribute::skip(&given, 0);
        let found = scan::item(&given, head, given.len())?;
        let name = Name::new(given.text(found.name_at));
        let cfgs = &self.krate(self.module(module).krate).cfgs;
        let attributes = attribute::read(&given, 0, cfgs);
        let span = given.all();
        self.files.push(Arc::new(given));
        self.items.push(Item {
            kind: ItemKind::Fn,
            name,
            module,
            parent: None,
            file: self.files.len() - 1,
            span,
            head,
            name_at: found.name_at,
            body: found.body,
            attributes: attributes.counted,
            unknown: attributes.unknown,
            receiving_call: None,
            foreign: None,
        });
        let id = self.items.len() as ItemId - 1;
        self.read_body(id);
        Some(id)
    }

    /// Returns what contains the item.
    pub(super) fn owner(&self, id: ItemId) -> FnOwner {
        let Some(parent) = self.item(id).parent else {
            return FnOwner::Free;
        };
        let parent = self.item(parent);
        if parent.kind == ItemKind::Trait {
            return FnOwner::Trait {
                self_type: parent.name.as_str().to_owned(),
            };
        }
        let file = &self.files[parent.file];
        let head = impl_header::head(file, parent);
        let self_type = impl_header::self_type(file, parent);
        match head.trait_path {
            Some(_) => FnOwner::Trait { self_type },
            None => FnOwner::Inherent {
                self_type,
                generics: impl_header::generics(file, parent),
                bounds: impl_header::bounds(file, parent),
            },
        }
    }
}
