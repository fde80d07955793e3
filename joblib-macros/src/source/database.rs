//! Everything known about the crates in the build: files, modules and items. Each
//! kind is one list, and an id is an index into it.

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
use super::impure_helpers::ImpureHelpers;
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

/// Identifies an item: its index in [`CrateDb::items`].
pub(super) type ItemId = u32;
/// Identifies a module: its index in [`CrateDb::modules`].
pub(super) type ModuleId = u32;
/// Identifies a crate: its index in [`CrateDb::crates`].
pub(super) type CrateId = u32;

/// The kind of an item.
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
    /// A name imported by `use`.
    Use(UsePath),
    /// `extern crate name as …`.
    ExternCrate(Name),
    /// `extern "C" { … }`. The declarations in it are separate items.
    ExternBlock,
    /// `some_macro! { … }` in item position.
    Invocation,
}

/// An item and its location.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: ItemKind,
    pub(super) name: Name,
    pub(super) module: ModuleId,
    /// The impl or trait that contains it.
    pub(super) parent: Option<ItemId>,
    pub(super) file: usize,
    /// All tokens of the item, including its attributes.
    pub(super) span: Span,
    /// The end of its attributes.
    pub(super) head: usize,
    /// The token of its name.
    pub(super) name_at: usize,
    /// The tokens between the braces of a fn, impl, trait or type.
    pub(super) body: Option<Span>,
    /// The contents of the relevant attributes.
    pub(super) attributes: Vec<Span>,
    /// The `cfg` predicates that the item depends on and whose value is not known.
    pub(super) unknown: Vec<String>,
    /// The macro call that receives the item as input.
    pub(super) receiving_call: Option<ItemId>,
    /// The `extern` block that declares it, if it is defined elsewhere.
    pub(super) foreign: Option<ItemId>,
}

/// A module, or the block of a function that contains items.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) name: Name,
    pub(super) parent: Option<ModuleId>,
    pub(super) krate: CrateId,
    /// Whether it is a block, which also sees the names of the enclosing scopes.
    pub(super) block: bool,
    /// The item whose body contains the block.
    pub(super) body_of: Option<ItemId>,
    pub(super) names: Map<Name, Vec<ItemId>>,
    pub(super) globs: Vec<GlobImport>,
    /// What the glob imports resolve to.
    pub(super) open: Vec<PathTarget>,
    pub(super) items: Vec<ItemId>,
    /// The `cfg` predicates that the module depends on and whose value is not known.
    pub(super) unknown: Vec<String>,
    /// The macro call that declares the module, or the item of the module if macros
    /// are attached to it.
    pub(super) receiving_call: Option<ItemId>,
    /// Hashes of the relevant inner attributes.
    pub(super) inner: Vec<u128>,
    /// Whether macros defined in it are also visible after it (`#[macro_use]`).
    pub(super) macro_use: bool,
    /// The directory in which `mod x;` within it looks for its file.
    pub(super) dir: PathBuf,
    /// For an inline module: the file that contains its body, and the base directory
    /// of `#[path]` in it.
    pub(super) inline: Option<(usize, PathBuf)>,
    /// Whether only its location suggests that it belongs to the crate.
    pub(super) is_guess: bool,
}

/// `use path::*`.
#[derive(Clone, Debug)]
pub(super) struct GlobImport {
    pub(super) path: UsePath,
    /// The visibility of the import; empty if it is private to the module.
    pub(super) visibility: String,
}

/// A crate whose source has been read.
#[derive(Debug, Default)]
pub(super) struct CrateSource {
    /// The first segment of the paths of its items.
    pub(super) label: String,
    pub(super) root: ModuleId,
    pub(super) cfgs: Cfgs,
    pub(super) externs: Externs,
    pub(super) origin: SourceOrigin,
    /// Free items by name, including those in blocks.
    pub(super) free: Map<Name, Vec<ItemId>>,
    /// Items of impls and traits by name.
    pub(super) members: Map<Name, Vec<ItemId>>,
    /// Items of impls and traits by container and name.
    pub(super) members_of: Map<(ItemId, Name), Vec<ItemId>>,
    /// Items of impls and traits by container.
    pub(super) children: Map<ItemId, Vec<ItemId>>,
    pub(super) impls: Vec<ItemId>,
    pub(super) invocations: Vec<ItemId>,
    /// Macro calls that bring items from a file that was not found.
    pub(super) unread: Vec<ItemId>,
    /// The effect of the macro calls in the bodies of items.
    pub(super) inner_calls: Map<ItemId, BodyMacroEffect>,
    /// The block in the body of an item.
    pub(super) blocks: Map<ItemId, ModuleId>,
    pub(super) is_proc_macro: bool,
    /// Names of standard macros that an `extern crate` may shadow.
    pub(super) shadowing_macros: Set<Name>,
    /// Well-known names that have another meaning in this crate.
    pub(super) shadowed: Arc<ShadowedNames>,
    pub(super) edition: String,
    /// The `cfg` predicates that imports depend on and whose value is not known.
    pub(super) import_conditions: BTreeSet<String>,
    /// The libraries that `extern` blocks link.
    pub(super) links: Vec<String>,
    /// Items that other code can find by their linker symbol.
    pub(super) symbols: Map<Name, Vec<ItemId>>,
}

/// Everything that has been read.
#[derive(Debug)]
pub(super) struct CrateDb {
    pub(super) context: Compilation,
    /// The base directory of displayed file paths.
    pub(super) shown_from: PathBuf,
    pub(super) files: Vec<Arc<LexedFile>>,
    pub(super) modules: Vec<Module>,
    pub(super) items: Vec<Item>,
    pub(super) crates: Vec<CrateSource>,
    /// The references in items, computed on first use.
    pub(super) facts: Map<ItemId, Arc<ItemRefs>>,
    /// The trait bounds in the headers of items.
    pub(super) bounds: Map<ItemId, Arc<Vec<TraitBound>>>,
    pub(super) memory: ResolveCache,
    pub(super) type_name_cache: CrateNames,
    /// The digest lines of items, as seen from a module.
    pub(super) lines: Map<(ItemId, ModuleId), u128>,
    /// The resolved imports of modules.
    pub(super) imports: Map<ModuleId, Arc<Vec<Import>>>,
    pub(super) packages: Packages,
    /// The impls and macros of each crate, indexed by what they concern.
    pub(super) tables: Map<CrateId, Arc<ImplIndex>>,
    pub(super) macros: MacroCache,
    pub(super) written: MacroWrittenNames,
    pub(super) imported: ImportCache,
    pub(super) importing: MacroImports,
    pub(super) names: Map<CrateId, Arc<CrateNameWords>>,
    /// The macro calls in item position that may export something.
    pub(super) exporting: Map<CrateId, Arc<Vec<(ItemId, BodyMacroEffect)>>>,
    /// Files that changed after the crate that contains them was compiled.
    pub(super) newer: Vec<PathBuf>,
    pub(super) snapshots: Snapshots,
    pub(super) table: ItemTable,
    /// The partial digests of the items of snapshots, as seen from a module.
    pub(super) sums: HashMap<(usize, ModuleId), Arc<PartialDigest>>,
    pub(super) opened: GlobCache,
    pub(super) impure_helpers: ImpureHelpers,
    /// The ordinals of the items of a block, and the number of items when they were
    /// computed.
    pub(super) ordinals: Map<ModuleId, (usize, Arc<Map<ItemId, usize>>)>,
    pub(super) readers: FileReadingMacros,
    /// The import lines of a module, as seen from another module.
    pub(super) module_lines: Map<(ModuleId, ModuleId), Arc<Vec<ModuleLine>>>,
    /// Macros with textual scope.
    pub(super) textual: textual::TextualCache,
}

impl CrateDb {
    /// Returns the item with this id.
    pub(super) fn item(&self, id: ItemId) -> &Item {
        &self.items[id as usize]
    }

    /// Returns the module with this id.
    pub(super) fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id as usize]
    }

    /// Returns the crate with this id.
    pub(super) fn krate(&self, id: CrateId) -> &CrateSource {
        &self.crates[id as usize]
    }

    /// Returns the crate that contains the item.
    pub(super) fn crate_of(&self, id: ItemId) -> CrateId {
        self.module(self.item(id).module).krate
    }

    /// Returns the file that contains the item.
    pub(super) fn file_of(&self, id: ItemId) -> Arc<LexedFile> {
        Arc::clone(&self.files[self.item(id).file])
    }

    /// Records `file` as newer if it changed after `moment`.
    pub(super) fn note_age(&mut self, file: &std::path::Path, moment: Option<SystemTime>) {
        let is_newer = |moment| compile_time::age(file, moment) == TextAge::Newer;
        if moment.is_some_and(is_newer) && !self.newer.iter().any(|known| known == file) {
            self.newer.push(file.to_owned());
        }
    }

    /// Returns the members of an impl or trait.
    pub(super) fn children(&self, id: ItemId) -> &[ItemId] {
        self.krate(self.crate_of(id))
            .children
            .get(&id)
            .map_or(&[], Vec::as_slice)
    }

    /// Returns the members of an impl or trait that have this name.
    pub(super) fn members_of(&self, id: ItemId, name: Name) -> Vec<ItemId> {
        let krate = self.krate(self.crate_of(id));
        let found = krate.members_of.get(&(id, name));
        found.cloned().unwrap_or_default()
    }

    /// Returns the innermost module that contains `id` and is not a block.
    pub(super) fn enclosing(&self, mut id: ModuleId) -> ModuleId {
        while self.module(id).block {
            match self.module(id).parent {
                Some(parent) => id = parent,
                None => break,
            }
        }
        id
    }

    /// Returns the path of a module from the root of its crate.
    pub(super) fn module_path(&self, id: ModuleId) -> String {
        let module = self.module(id);
        match module.parent {
            Some(parent) => format!("{}::{}", self.module_path(parent), module.name.as_str()),
            None => self.krate(module.krate).label.clone(),
        }
    }
}
