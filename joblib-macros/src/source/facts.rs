//! What an item says: its canonical hash and everything it mentions.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::canon;
use super::cfg::Truth;
use super::mention::Reader;
use super::name::{Name, Set};
use super::token::{File, Span};
use super::tree::Path;
use super::world::{Item, ItemId, ItemKind, World};

/// A path in an item's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mention {
    pub(super) path: Path,
    /// Whether a macro may give it another scope.
    pub(super) anywhere: bool,
    /// Whether a module at its end stands for all that is in it.
    pub(super) whole: bool,
    /// Whether it is the trait of an impl header, which needs no other impls.
    pub(super) weak: bool,
}

/// What the tokens of an item say.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// The digest of its canonical form, told when first asked for.
    hash: OnceLock<u128>,
    pub(super) paths: Vec<Mention>,
    /// Names of methods and other things that belong to a type.
    pub(super) members: Set<Name>,
    /// Names that macros see, which may become anything.
    pub(super) loose: Set<Name>,
    /// Files whose contents count.
    pub(super) files: Vec<PathBuf>,
    /// Environment variables read while compiling.
    pub(super) envs: Vec<String>,
    pub(super) cfgs: Vec<(String, Truth)>,
    /// Files that could not be told from the tokens.
    pub(super) missing: Vec<String>,
}

impl World {
    /// What the item says.
    pub(super) fn facts_of(&mut self, id: ItemId) -> Arc<Facts> {
        if let Some(facts) = self.facts.get(&id) {
            return Arc::clone(facts);
        }
        let facts = Arc::new(self.read_facts(id));
        self.facts.insert(id, Arc::clone(&facts));
        facts
    }

    fn read_facts(&mut self, id: ItemId) -> Facts {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let mut facts = match &item.kind {
            ItemKind::Use(path) => of_use(path),
            ItemKind::Module(_) | ItemKind::ExternCrate(_) => Facts::default(),
            _ => self.read_tokens(id, &file, own_span(&item), item.kind == ItemKind::Macro),
        };
        if item.kind == ItemKind::Impl {
            let head = super::head::head(&file, &item);
            for mention in &mut facts.paths {
                mention.weak = head.trait_path.as_ref() == Some(&mention.path);
            }
        }
        facts
    }

    /// Reads tokens that need not belong to an indexed item.
    pub(super) fn read_tokens(&self, id: ItemId, file: &File, span: Span, is_macro: bool) -> Facts {
        let krate = self.krate(self.crate_of(id));
        let is_local_macro = |name: Name| krate.free.contains_key(&name);
        let mut reader = Reader::new(
            file,
            &krate.cfgs,
            &self.context,
            &krate.origin,
            &is_local_macro,
        );
        reader.read(span, is_macro);
        reader.finish()
    }

    /// The digest of the canonical form of an item.
    pub(super) fn hash_of(&self, id: ItemId, facts: &Facts) -> u128 {
        *facts.hash.get_or_init(|| {
            let item = self.item(id);
            let file = &self.files[item.file];
            match item.kind {
                ItemKind::Use(_) => canon::hash(b"use"),
                ItemKind::Module(_) | ItemKind::ExternCrate(_) => 0,
                _ => canon::hash(&canon::canonical(file, own_span(item), None)),
            }
        })
    }
}

/// The tokens that are the item's own: not those of its members.
pub(super) fn own_span(item: &Item) -> Span {
    match (&item.kind, &item.body) {
        (ItemKind::Impl | ItemKind::Trait, Some(body)) => item.span.start..body.start - 1,
        _ => item.span.clone(),
    }
}

fn of_use(path: &Path) -> Facts {
    let mention = Mention {
        path: path.clone(),
        anywhere: false,
        whole: false,
        weak: false,
    };
    Facts {
        paths: vec![mention],
        ..Facts::default()
    }
}
