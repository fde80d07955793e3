//! The references of an item: its canonical hash and everything that its tokens refer
//! to.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::cfg::Ternary;
use super::collect_refs::RefCollector;
use super::database::{CrateDb, CrateId, Item, ItemId, ItemKind};
use super::name::{Name, Set};
use super::name_pattern::NamePattern;
use super::normalize;
use super::token::{LexedFile, Span};
use super::use_tree::UsePath;

/// A path in an item's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PathRef {
    pub(super) path: UsePath,
    /// Whether a macro may resolve it in another scope.
    pub(super) anywhere: bool,
    /// Whether a module at its end stands for all its contents.
    pub(super) whole: bool,
    /// Whether it is the trait of an impl header, which does not bring in other
    /// impls.
    pub(super) weak: bool,
    /// Whether it follows `dyn`.
    pub(super) is_object: bool,
    /// Whether a local variable shadows the function of this name.
    pub(super) is_local: bool,
}

impl PathRef {
    pub(super) fn new(path: UsePath, anywhere: bool, whole: bool) -> PathRef {
        PathRef {
            path,
            anywhere,
            whole,
            weak: false,
            is_object: false,
            is_local: false,
        }
    }
}

/// The references in the tokens of an item.
#[derive(Clone, Debug, Default)]
pub(super) struct ItemRefs {
    /// The digest of its canonical form, computed on first use.
    hash: OnceLock<u128>,
    pub(super) paths: Vec<PathRef>,
    /// Names of methods and other members of types.
    pub(super) members: Set<Name>,
    /// Names of methods, with the number of arguments in the call.
    pub(super) methods: Set<(Name, usize)>,
    /// Names of what is called on `self`.
    pub(super) own: Set<Name>,
    /// Names that macros see, which may refer to anything.
    pub(super) loose: Set<Name>,
    /// Files whose contents count, with the argument that names each.
    pub(super) files: Vec<(String, PathBuf)>,
    /// Environment variables that are read during compilation.
    pub(super) envs: Vec<String>,
    pub(super) cfgs: Vec<(String, Ternary)>,
    /// Calls of macros other than those of the standard library.
    pub(super) calls: Vec<MacroCall>,
    /// String literals that macros receive.
    pub(super) texts: Set<Name>,
    /// References that the tokens alone do not determine.
    pub(super) open: Vec<Unresolved>,
    /// Names that are built from parts.
    pub(super) patterns: Vec<NamePattern>,
    /// Traits in trait objects, and traits in positions where a trait object is
    /// possible.
    pub(super) objects: Vec<TraitObject>,
    /// Whether `dyn` precedes the input of a macro.
    pub(super) hides_input: bool,
    /// Whether a macro contains an `extern` block, whose names are symbols.
    pub(super) declares_symbols: bool,
    /// Whether lines and columns become data.
    pub(super) has_positions: bool,
    /// Whether the path of the module becomes data.
    pub(super) has_module_path: bool,
    /// Whether the text of tokens, including the whitespace between them, becomes
    /// data.
    pub(super) has_text: bool,
}

impl ItemRefs {
    /// Returns every name that is referenced in any way.
    pub(super) fn names(&self) -> Vec<Name> {
        let in_paths = self.paths.iter().flat_map(|mention| &mention.path.names);
        let methods = self.methods.iter().map(|(name, _)| name);
        let members = self.members.iter().chain(&self.own).chain(methods);
        let names = in_paths.chain(members).chain(&self.loose);
        names.copied().collect()
    }
}

/// A trait object.
#[derive(Clone, Debug)]
pub(super) struct TraitObject {
    pub(super) path: UsePath,
    /// Whether `dyn` marks it as a trait object. Editions before 2021 do not require
    /// `dyn`.
    pub(super) is_sure: bool,
}

/// A call of a macro that does not belong to the standard library.
#[derive(Clone, Debug)]
pub(super) struct MacroCall {
    pub(super) path: UsePath,
    /// The words in its input.
    pub(super) words: Vec<Name>,
    /// Its complete input.
    pub(super) arguments: Span,
}

/// A reference that depends on the input of a macro.
#[derive(Clone, Debug)]
pub(super) enum Unresolved {
    /// Conditions with any predicate.
    Conditions,
    /// The variable in the argument of `env!` or `option_env!`.
    Variable(Arc<LexedFile>, Span),
    /// The file in the argument of `include!` or a similar macro.
    Include {
        file: Arc<LexedFile>,
        argument: Span,
        is_code: bool,
    },
    /// A text that a macro builds from its input for another macro.
    Text(Arc<LexedFile>, Span),
    /// Everything in modules whose names a macro receives.
    Modules,
    /// A macro whose name a macro receives.
    Call,
}

impl CrateDb {
    /// Returns the references of the item.
    pub(super) fn refs_of(&mut self, id: ItemId) -> Arc<ItemRefs> {
        if let Some(facts) = self.facts.get(&id) {
            return Arc::clone(facts);
        }
        let facts = Arc::new(self.read_facts(id));
        self.facts.insert(id, Arc::clone(&facts));
        facts
    }

    fn read_facts(&mut self, id: ItemId) -> ItemRefs {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let mut facts = match &item.kind {
            ItemKind::Use(path) => of_use(path),
            ItemKind::Module(_) | ItemKind::ExternCrate(_) => ItemRefs::default(),
            ItemKind::ExternBlock if !self.has_attached(id) => ItemRefs::default(),
            ItemKind::ExternBlock => {
                self.read_tokens(self.crate_of(id), &file, item.span.clone(), false)
            }
            _ => {
                let krate = self.crate_of(id);
                let is_macro = item.kind == ItemKind::Macro;
                let is_shadowed = |name: Name| self.may_be_local_macro(krate, name);
                let mut reader = RefCollector::new(self, krate, &file, &is_shadowed);
                if let (ItemKind::Fn, Some(body), None) =
                    (&item.kind, &item.body, self.block_of(id))
                {
                    reader.note_variables(item.name_at, body);
                }
                reader.read(own_span(&item), is_macro);
                if self.is_seen(id) {
                    reader.read_lints(item.span.clone());
                }
                reader.finish()
            }
        };
        if item.kind == ItemKind::Impl {
            let head = super::impl_header::head(&file, &item);
            for mention in &mut facts.paths {
                mention.weak = head.trait_path.as_ref() == Some(&mention.path);
            }
        }
        facts
    }

    /// Reads tokens that need not belong to an indexed item.
    pub(super) fn read_tokens(
        &self,
        id: CrateId,
        file: &Arc<LexedFile>,
        span: Span,
        is_macro: bool,
    ) -> ItemRefs {
        let is_shadowed = |name: Name| self.may_be_local_macro(id, name);
        let mut reader = RefCollector::new(self, id, file, &is_shadowed);
        reader.read(span, is_macro);
        reader.finish()
    }

    /// Returns the references of a call to the built-in macro `name` under another
    /// name.
    pub(super) fn built_in_facts(
        &self,
        krate: CrateId,
        file: &Arc<LexedFile>,
        name: Name,
        call: &MacroCall,
    ) -> ItemRefs {
        let is_shadowed = |_: Name| false;
        let mut reader = RefCollector::new(self, krate, file, &is_shadowed);
        reader.read_built_in(name, call.arguments.clone());
        reader.finish()
    }

    /// Reads a file as code inside an item of `krate`.
    pub(super) fn read_code(&self, krate: CrateId, file: &Arc<LexedFile>) -> ItemRefs {
        let is_shadowed = |name: Name| self.may_be_local_macro(krate, name);
        let mut reader = RefCollector::new(self, krate, file, &is_shadowed);
        reader.read_loose(file.all());
        reader.finish()
    }

    /// Returns whether `name!` may be a macro that the crate defines or imports under
    /// this name. An item of another kind does not shadow the macro of the standard
    /// library.
    fn may_be_local_macro(&self, krate: CrateId, name: Name) -> bool {
        let named = self.krate(krate).free.get(&name).into_iter().flatten();
        let mut kinds = named.map(|&id| &self.item(id).kind);
        kinds.any(|kind| matches!(kind, ItemKind::Macro | ItemKind::Use(_)))
            || self.krate(krate).shadowing_macros.contains(&name)
    }

    /// Returns the digest of the canonical form of an item.
    pub(super) fn hash_of(&self, id: ItemId, facts: &ItemRefs) -> u128 {
        *facts.hash.get_or_init(|| {
            let item = self.item(id);
            let file = &self.files[item.file];
            match item.kind {
                ItemKind::Use(_) => normalize::hash(b"use"),
                ItemKind::Module(_) if !self.has_attached(id) => 0,
                ItemKind::ExternCrate(_) => 0,
                ItemKind::ExternBlock if self.has_attached(id) => {
                    normalize::hash(&normalize::canonical(file, item.span.clone(), None))
                }
                _ => normalize::hash(&normalize::canonical(file, own_span(item), None)),
            }
        })
    }
}

/// Returns the item's own tokens, without those of its members.
pub(super) fn own_span(item: &Item) -> Span {
    match (&item.kind, &item.body) {
        (ItemKind::Impl | ItemKind::Trait | ItemKind::ExternBlock, Some(body)) => {
            item.span.start..body.start - 1
        }
        _ => item.span.clone(),
    }
}

fn of_use(path: &UsePath) -> ItemRefs {
    ItemRefs {
        paths: vec![PathRef::new(path.clone().without_self(), false, false)],
        ..ItemRefs::default()
    }
}
