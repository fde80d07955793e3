//! What is known of the crates at hand: files, modules and items, each in one
//! list and named by its place there.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::bounds::TraitBound;
use super::cfg::Cfgs;
use super::compile_time::{self, TextAge};
use super::context::Compilation;
use super::crates::{Externs, Packages, SourceOrigin};
use super::digest::{ModuleLine, PartialDigest};
use super::expand::MacroCache;
use super::globs::GlobCache;
use super::impls::{BodyMacroEffect, ImplIndex};
use super::item_table::ItemTable;
use super::macro_imports::MacroImports;
use super::macro_reads::FileReadingMacros;
use super::macro_written::MacroWrittenNames;
use super::name::{Map, Name, Set};
use super::opaque_imports::ImportCache;
use super::references::ItemRefs;
use super::resolve::{Import, PathTarget, ResolveCache};
use super::shadowed::ShadowedNames;
use super::snapshot::Snapshots;
use super::textual;
use super::token::{LexedFile, Span};
use super::type_name::CrateNames;
use super::use_tree::UsePath;
use super::widen::CrateNameWords;

/// Which item, by its place in [`CrateDb::items`].
pub(super) type ItemId = u32;
/// Which module, by its place in [`CrateDb::modules`].
pub(super) type ModuleId = u32;
/// Which crate, by its place in [`CrateDb::crates`].
pub(super) type CrateId = u32;

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ItemKind {
    Fn,
    /// A struct, enum or union.
    Type,
    /// `type A = …`, also in traits and impls.
    TypeAlias,
    Trait,
    Impl,
    /// A const or static.
    Const,
    /// `macro_rules!` or `macro`.
    Macro,
    Module(ModuleId),
    /// A name brought by `use`.
    Use(UsePath),
    /// `extern crate name as …`.
    ExternCrate(Name),
    /// `extern "C" { … }`, whose declarations are items of their own.
    ExternBlock,
    /// `some_macro! { … }` where an item may stand.
    Invocation,
}

/// An item and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: ItemKind,
    pub(super) name: Name,
    pub(super) module: ModuleId,
    /// The impl or trait it belongs to.
    pub(super) parent: Option<ItemId>,
    pub(super) file: usize,
    /// All of it, attributes included.
    pub(super) span: Span,
    /// Where its attributes end.
    pub(super) head: usize,
    /// The token that names it.
    pub(super) name_at: usize,
    /// Within the braces of a fn, impl, trait or type.
    pub(super) body: Option<Span>,
    /// Contents of the attributes that count.
    pub(super) attributes: Vec<Span>,
    /// `cfg` predicates that decide over it and are not known.
    pub(super) unknown: Vec<String>,
    /// The macro call that it was given to.
    pub(super) given_to: Option<ItemId>,
    /// The `extern` block that it is declared in, if it is defined elsewhere.
    pub(super) foreign: Option<ItemId>,
}

/// A module, or the block of a function with items in it.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) name: Name,
    pub(super) parent: Option<ModuleId>,
    pub(super) krate: CrateId,
    /// Whether it is a block, which sees the names around it.
    pub(super) block: bool,
    /// The item in whose body the block is.
    pub(super) body_of: Option<ItemId>,
    pub(super) names: Map<Name, Vec<ItemId>>,
    pub(super) globs: Vec<GlobImport>,
    /// What the globs were found to mean.
    pub(super) open: Vec<PathTarget>,
    pub(super) items: Vec<ItemId>,
    /// Predicates that decide over the module and are not known.
    pub(super) unknown: Vec<String>,
    /// The macro call that declares it, or the module's item, if macros are
    /// attached to that.
    pub(super) given_to: Option<ItemId>,
    /// Inner attributes that count.
    pub(super) inner: Vec<u128>,
    /// Whether macros that it defines are seen after it too.
    pub(super) macro_use: bool,
    /// Where `mod x;` within it looks for its file.
    pub(super) dir: PathBuf,
    /// The file that its body stands in, where it has one, and the directory that
    /// `#[path]` counts from there.
    pub(super) inline: Option<(usize, PathBuf)>,
    /// Whether nothing but its place says that it may belong to the crate.
    pub(super) is_guess: bool,
}

/// `use path::*`.
#[derive(Clone, Debug)]
pub(super) struct GlobImport {
    pub(super) path: UsePath,
    /// Who else sees what it brings; empty for nobody outside of the module.
    pub(super) visibility: String,
}

/// A crate whose source is read.
#[derive(Debug, Default)]
pub(super) struct CrateSource {
    /// What paths of its items start with.
    pub(super) label: String,
    pub(super) root: ModuleId,
    pub(super) cfgs: Cfgs,
    pub(super) externs: Externs,
    pub(super) origin: SourceOrigin,
    /// Free items by name, those in blocks too.
    pub(super) free: Map<Name, Vec<ItemId>>,
    /// Items of impls and traits by name.
    pub(super) members: Map<Name, Vec<ItemId>>,
    /// The same by the impl or trait they belong to, and by name.
    pub(super) members_of: Map<(ItemId, Name), Vec<ItemId>>,
    /// Members by the impl or trait they belong to.
    pub(super) children: Map<ItemId, Vec<ItemId>>,
    pub(super) impls: Vec<ItemId>,
    pub(super) invocations: Vec<ItemId>,
    /// Those that bring items of a file which was not found.
    pub(super) unread: Vec<ItemId>,
    /// Those of the macro calls that stand within the bodies of items.
    pub(super) inner_calls: Map<ItemId, BodyMacroEffect>,
    /// The block in the body of an item.
    pub(super) blocks: Map<ItemId, ModuleId>,
    pub(super) is_proc_macro: bool,
    /// Names of macros of the standard library that an `extern crate` may bring
    /// others of.
    pub(super) brought: Set<Name>,
    /// Names that mean something else to it than by themselves.
    pub(super) taken: Arc<ShadowedNames>,
    pub(super) edition: String,
    /// Predicates that decide over imports and are not known.
    pub(super) import_conditions: BTreeSet<String>,
    /// Libraries that `extern` blocks name.
    pub(super) links: Vec<String>,
    /// Items that others may find by the symbol they are linked under.
    pub(super) symbols: Map<Name, Vec<ItemId>>,
}

/// Everything read so far.
#[derive(Debug)]
pub(super) struct CrateDb {
    pub(super) context: Compilation,
    /// The directory that paths of files are shown from.
    pub(super) shown_from: PathBuf,
    pub(super) files: Vec<Arc<LexedFile>>,
    pub(super) modules: Vec<Module>,
    pub(super) items: Vec<Item>,
    pub(super) crates: Vec<CrateSource>,
    /// What items say, read when first asked for.
    pub(super) facts: Map<ItemId, Arc<ItemRefs>>,
    /// The bounds in the headers of items.
    pub(super) bounds: Map<ItemId, Arc<Vec<TraitBound>>>,
    pub(super) memory: ResolveCache,
    pub(super) sayings: CrateNames,
    /// Lines of digests, as seen from a module.
    pub(super) lines: Map<(ItemId, ModuleId), u128>,
    /// What the imports of a module bring.
    pub(super) imports: Map<ModuleId, Arc<Vec<Import>>>,
    pub(super) packages: Packages,
    /// Impls and macros of each crate by what they concern.
    pub(super) tables: Map<CrateId, Arc<ImplIndex>>,
    pub(super) macros: MacroCache,
    pub(super) written: MacroWrittenNames,
    pub(super) imported: ImportCache,
    pub(super) importing: MacroImports,
    pub(super) names: Map<CrateId, Arc<CrateNameWords>>,
    /// The macro calls where items stand that may export something.
    pub(super) exporting: Map<CrateId, Arc<Vec<(ItemId, BodyMacroEffect)>>>,
    /// Files that were changed after the crate they belong to was compiled.
    pub(super) newer: Vec<PathBuf>,
    pub(super) snapshots: Snapshots,
    pub(super) table: ItemTable,
    /// What the items of snapshots come to, as seen from a module.
    pub(super) sums: HashMap<(usize, ModuleId), Arc<PartialDigest>>,
    pub(super) opened: GlobCache,
    /// The ordinals of the items of a block, and how many items it had then.
    pub(super) ordinals: Map<ModuleId, (usize, Arc<Map<ItemId, usize>>)>,
    pub(super) readers: FileReadingMacros,
    /// What the imports of a module say, as seen from another.
    pub(super) module_lines: Map<(ModuleId, ModuleId), Arc<Vec<ModuleLine>>>,
    /// Macros that go by their place.
    pub(super) textual: textual::TextualCache,
}

impl CrateDb {
    /// The item named `id`.
    pub(super) fn item(&self, id: ItemId) -> &Item {
        &self.items[id as usize]
    }

    /// The module named `id`.
    pub(super) fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id as usize]
    }

    /// The crate named `id`.
    pub(super) fn krate(&self, id: CrateId) -> &CrateSource {
        &self.crates[id as usize]
    }

    /// The crate that the item belongs to.
    pub(super) fn crate_of(&self, id: ItemId) -> CrateId {
        self.module(self.item(id).module).krate
    }

    /// The file the item stands in.
    pub(super) fn file_of(&self, id: ItemId) -> Arc<LexedFile> {
        Arc::clone(&self.files[self.item(id).file])
    }

    /// Notes a file that was changed after `moment`.
    pub(super) fn note_age(&mut self, file: &std::path::Path, moment: Option<SystemTime>) {
        let is_newer = |moment| compile_time::age(file, moment) == TextAge::Newer;
        if moment.is_some_and(is_newer) && !self.newer.iter().any(|known| known == file) {
            self.newer.push(file.to_owned());
        }
    }

    /// The members of an impl or trait.
    pub(super) fn children(&self, id: ItemId) -> &[ItemId] {
        self.krate(self.crate_of(id))
            .children
            .get(&id)
            .map_or(&[], Vec::as_slice)
    }

    /// The members of an impl or trait that have this name.
    pub(super) fn members_of(&self, id: ItemId, name: Name) -> Vec<ItemId> {
        let krate = self.krate(self.crate_of(id));
        let found = krate.members_of.get(&(id, name));
        found.cloned().unwrap_or_default()
    }

    /// The module around `id` that is not a block.
    pub(super) fn enclosing(&self, mut id: ModuleId) -> ModuleId {
        while self.module(id).block {
            match self.module(id).parent {
                Some(parent) => id = parent,
                None => break,
            }
        }
        id
    }

    /// The path of a module from the root of its crate.
    pub(super) fn module_path(&self, id: ModuleId) -> String {
        let module = self.module(id);
        match module.parent {
            Some(parent) => format!("{}::{}", self.module_path(parent), module.name.as_str()),
            None => self.krate(module.krate).label.clone(),
        }
    }
}
