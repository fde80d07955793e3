//! Walks a crate from its root file through its modules and collects its items.

mod block;
mod invocation;

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use super::attribute::{self, OuterAttributes};
use super::database::{CrateDb, CrateId, GlobImport, Item, ItemId, ItemKind, Module, ModuleId};
use super::globs;
use super::name::{Map, Name};
use super::normalize;
use super::scan::{self, ItemKindGuess, ScannedItem};
use super::symbol;
use super::token::{LexedFile, Span};
use super::use_tree;

/// The location of the items that are being read.
#[derive(Clone)]
struct IndexPosition {
    krate: CrateId,
    module: ModuleId,
    parent: Option<ItemId>,
    file: usize,
    /// The directory in which `mod x;` looks for its file.
    dir: PathBuf,
    /// The base directory of `#[path]`: the directory of the file or, in an inline
    /// module, the module's directory.
    path_base: PathBuf,
    /// The files that are being read, from the root to this one. A file in this list
    /// is not read again.
    open: Arc<Vec<PathBuf>>,
    /// The macro call that receives or produces the items.
    receiving_call: Option<ItemId>,
    /// The `extern` block that contains the items.
    foreign: Option<ItemId>,
    /// The `cfg` predicates that the location depends on and whose value is not
    /// known.
    unknown: Vec<String>,
}

impl CrateDb {
    /// Reads the modules of `krate`, starting at its root file.
    pub(super) fn index(&mut self, krate: CrateId, root: &FilePath) {
        let module = self.krate(krate).root;
        let dir = root.parent().unwrap_or(FilePath::new("")).to_owned();
        self.modules[module as usize].dir = dir.clone();
        self.read_file(root, dir, krate, module, Arc::default(), None);
        self.settle_globs(krate);
        self.read_shadowing_macros(krate);
        self.read_macro_modules(krate);
        self.read_blocks(krate);
        self.reread_foreign_attributes(krate);
        self.read_inner_calls(krate);
    }

    /// Adds an empty module.
    pub(super) fn add_module(
        &mut self,
        name: Name,
        parent: Option<ModuleId>,
        krate: CrateId,
        block: bool,
    ) -> ModuleId {
        self.modules.push(Module {
            name,
            parent,
            krate,
            block,
            body_of: None,
            names: Map::default(),
            globs: Vec::new(),
            open: Vec::new(),
            items: Vec::new(),
            unknown: Vec::new(),
            receiving_call: None,
            dir: PathBuf::new(),
            is_guess: false,
            inner: Vec::new(),
            macro_use: false,
            inline: None,
        });
        self.modules.len() as ModuleId - 1
    }

    pub(super) fn read_file(
        &mut self,
        path: &FilePath,
        dir: PathBuf,
        krate: CrateId,
        module: ModuleId,
        open: Arc<Vec<PathBuf>>,
        receiving_call: Option<ItemId>,
    ) -> bool {
        if open.iter().any(|other| other == path) {
            return false;
        }
        let Ok(text) = std::fs::read_to_string(path) else {
            return false;
        };
        if krate == 0 {
            self.note_age(path, self.context.started);
        }
        let file = self.add_file(krate, path, text);
        let mut open = Vec::clone(&open);
        open.push(path.to_owned());
        let place = IndexPosition {
            krate,
            module,
            parent: None,
            file,
            dir,
            path_base: path.parent().unwrap_or(FilePath::new("")).to_owned(),
            open: Arc::new(open),
            receiving_call,
            foreign: None,
            unknown: Vec::new(),
        };
        let span = self.files[file].all();
        self.read_items(&place, span);
        true
    }

    /// Lexes `text` and stores the file.
    pub(super) fn add_file(&mut self, krate: CrateId, path: &FilePath, text: String) -> usize {
        let shadowed = Arc::clone(&self.krate(krate).shadowed);
        let file = LexedFile::new(path.to_owned(), text).of_crate(shadowed);
        self.files.push(Arc::new(file));
        self.files.len() - 1
    }

    fn read_items(&mut self, place: &IndexPosition, span: Span) {
        let file = Arc::clone(&self.files[place.file]);
        let mut at = span.start;
        while at < span.end {
            if let Some(inside) = attribute::inner_at(&file, at) {
                at = inside.end + 1;
                // Inner attributes of an impl, a trait or a block are read with that
                // item.
                let is_of_module = place.parent.is_none() && place.foreign.is_none();
                if is_of_module && !self.is_present(place, &file, inside) {
                    return;
                }
                continue;
            }
            let cfgs = &self.krate(place.krate).cfgs;
            let attributes = attribute::read(&file, at, cfgs);
            let Some(found) = scan::item(&file, attributes.end, span.end) else {
                at = file.after(at.max(attributes.end));
                continue;
            };
            let start = std::mem::replace(&mut at, found.end.max(attributes.end + 1));
            if attributes.present {
                self.add(place, &file, start, attributes, found);
            }
        }
    }

    /// Applies the inner attribute `inside` and returns whether its container stays
    /// in the build. A `cfg` predicate of unknown value becomes a condition of the
    /// whole container.
    fn is_present(&mut self, place: &IndexPosition, file: &LexedFile, inside: Span) -> bool {
        let cfgs = &self.krate(place.krate).cfgs;
        let attributes = attribute::inner(file, inside, cfgs);
        let counted = attributes.counted.into_iter();
        let inner = counted.map(|span| normalize::hash(&normalize::canonical(file, span, None)));
        let module = &mut self.modules[place.module as usize];
        module.inner.extend(inner);
        module.unknown.extend(attributes.unknown);
        module.macro_use |= !attributes.macro_use.is_empty();
        attributes.present
    }

    fn add(
        &mut self,
        place: &IndexPosition,
        file: &Arc<LexedFile>,
        start: usize,
        mut attributes: OuterAttributes,
        found: ScannedItem,
    ) {
        if let (
            ItemKindGuess::Impl | ItemKindGuess::Trait | ItemKindGuess::ExternBlock,
            Some(body),
        ) = (found.shape, &found.body)
        {
            attributes.take_inner(file, body.start, &self.krate(place.krate).cfgs);
            if !attributes.present {
                return;
            }
        }
        match found.shape {
            ItemKindGuess::Use => self.add_uses(place, file, &attributes, &found),
            ItemKindGuess::Module => self.add_mod(place, file, start, attributes, found),
            ItemKindGuess::ExternBlock => {
                self.add_extern_block(place, file, start, attributes, found)
            }
            _ => self.add_plain(place, file, start, attributes, found),
        }
    }

    fn add_extern_block(
        &mut self,
        place: &IndexPosition,
        file: &Arc<LexedFile>,
        start: usize,
        attributes: OuterAttributes,
        found: ScannedItem,
    ) {
        let Some(body) = found.body.clone() else {
            return;
        };
        let links = symbol::libraries(file, &attributes.counted);
        self.crates[place.krate as usize].links.extend(links);
        let (kind, name) = (ItemKind::ExternBlock, Name::new("extern"));
        let id = self.push(place, kind, name, start..found.end, &attributes, &found);
        let place = IndexPosition {
            foreign: Some(id),
            unknown: [&place.unknown[..], &attributes.unknown].concat(),
            ..place.clone()
        };
        self.read_items(&place, body);
    }

    fn add_plain(
        &mut self,
        place: &IndexPosition,
        file: &Arc<LexedFile>,
        start: usize,
        attributes: OuterAttributes,
        found: ScannedItem,
    ) {
        let kind = match found.shape {
            ItemKindGuess::Fn => ItemKind::Fn,
            ItemKindGuess::Type => ItemKind::Type,
            ItemKindGuess::TypeAlias => ItemKind::TypeAlias,
            ItemKindGuess::Trait => ItemKind::Trait,
            ItemKindGuess::Impl => ItemKind::Impl,
            ItemKindGuess::Const => ItemKind::Const,
            ItemKindGuess::Macro => ItemKind::Macro,
            ItemKindGuess::ExternCrate => {
                ItemKind::ExternCrate(Name::new(file.text(found.name_at)))
            }
            _ => ItemKind::Invocation,
        };
        let mut name = Name::new(file.text(found.name_at));
        if found.shape == ItemKindGuess::ExternCrate {
            self.add_import_conditions(place, &attributes);
            self.find_crate(place.krate, name);
            if file.is_word(found.name_at + 1, "as") {
                name = Name::new(file.text(found.name_at + 2));
            }
        }
        if found.shape == ItemKindGuess::Impl {
            name = Name::new("impl");
        }
        let id = self.push(
            place,
            kind.clone(),
            name,
            start..found.end,
            &attributes,
            &found,
        );
        self.read_inside(place, file, id, &kind, &found);
    }

    fn push(
        &mut self,
        place: &IndexPosition,
        kind: ItemKind,
        name: Name,
        span: Span,
        attributes: &OuterAttributes,
        found: &ScannedItem,
    ) -> ItemId {
        let id = self.items.len() as ItemId;
        let unknown = self.conditions(place, attributes);
        self.items.push(Item {
            kind: kind.clone(),
            name,
            module: place.module,
            parent: place.parent,
            file: place.file,
            span,
            head: attributes.end,
            name_at: found.name_at,
            body: found.body.clone(),
            attributes: attributes.counted.clone(),
            unknown,
            receiving_call: place.receiving_call,
            foreign: place.foreign,
        });
        self.register_symbol(place.krate, id);
        self.register(place, id, kind, name);
        id
    }

    /// Returns the undecided `cfg` predicates that apply to an item with these
    /// attributes.
    fn conditions(&self, place: &IndexPosition, attributes: &OuterAttributes) -> Vec<String> {
        let parent = place.parent.map(|id| &self.item(id).unknown[..]);
        [
            &self.module(place.module).unknown[..],
            parent.unwrap_or_default(),
            &place.unknown,
            &attributes.unknown,
        ]
        .concat()
    }

    /// Records the linker symbol of an item, if other code can find the item by it.
    fn register_symbol(&mut self, krate: CrateId, id: ItemId) {
        if let Some(symbol) = symbol::defined(&self.file_of(id), self.item(id)) {
            let symbols = &mut self.crates[krate as usize].symbols;
            symbols.entry(symbol).or_default().push(id);
        }
    }

    /// Adds a module that the macro call `id` produces, as a sibling of the call.
    pub(super) fn add_brought(&mut self, id: ItemId, name: Name, module: ModuleId) {
        let call = self.item(id).clone();
        let krate = self.module(call.module).krate;
        let item = Item {
            kind: ItemKind::Module(module),
            name,
            body: None,
            receiving_call: Some(id),
            ..call
        };
        let at = item.module as usize;
        self.items.push(item);
        let id = self.items.len() as ItemId - 1;
        self.modules[at].items.push(id);
        self.modules[at].names.entry(name).or_default().push(id);
        let krate = &mut self.crates[krate as usize];
        krate.free.entry(name).or_default().push(id);
    }

    fn register(&mut self, place: &IndexPosition, id: ItemId, kind: ItemKind, name: Name) {
        let krate = &mut self.crates[place.krate as usize];
        self.modules[place.module as usize].items.push(id);
        if let Some(parent) = place.parent {
            krate.children.entry(parent).or_default().push(id);
            match kind {
                ItemKind::Invocation => krate.invocations.push(id),
                _ => {
                    krate.members.entry(name).or_default().push(id);
                    let known = krate.members_of.entry((parent, name)).or_default();
                    known.push(id);
                }
            }
            return;
        }
        match kind {
            ItemKind::Impl => krate.impls.push(id),
            ItemKind::Invocation => krate.invocations.push(id),
            _ => {
                krate.free.entry(name).or_default().push(id);
                let names = &mut self.modules[place.module as usize].names;
                names.entry(name).or_default().push(id);
            }
        }
    }

    /// Records the `cfg` conditions of an import. No item on a path through the
    /// import carries them.
    fn add_import_conditions(&mut self, place: &IndexPosition, attributes: &OuterAttributes) {
        let unknown = self.conditions(place, attributes);
        let conditions = &mut self.crates[place.krate as usize].import_conditions;
        conditions.extend(unknown);
    }

    fn add_uses(
        &mut self,
        place: &IndexPosition,
        file: &LexedFile,
        attributes: &OuterAttributes,
        found: &ScannedItem,
    ) {
        self.add_import_conditions(place, attributes);
        let span = found.name_at..found.end - 1;
        for leaf in use_tree::flatten(file, span) {
            let Some(name) = leaf.name else {
                self.modules[place.module as usize].globs.push(GlobImport {
                    path: leaf.path,
                    visibility: globs::visibility(file, attributes.end),
                });
                continue;
            };
            let found = ScannedItem {
                shape: ItemKindGuess::Use,
                name_at: leaf.at,
                body: None,
                end: found.end,
            };
            let span = attributes.end..found.end;
            self.push(
                place,
                ItemKind::Use(leaf.path),
                name,
                span,
                attributes,
                &found,
            );
        }
    }

    fn add_mod(
        &mut self,
        place: &IndexPosition,
        file: &Arc<LexedFile>,
        start: usize,
        attributes: OuterAttributes,
        found: ScannedItem,
    ) {
        let name = Name::new(file.text(found.name_at));
        let module = self.add_module(name, Some(place.module), place.krate, false);
        self.modules[module as usize].unknown = self.conditions(place, &attributes);
        self.modules[module as usize].receiving_call = place.receiving_call;
        self.modules[module as usize].macro_use = !attributes.macro_use.is_empty();
        let outer = attributes.counted.iter().cloned();
        let outer = outer.map(|span| normalize::hash(&normalize::canonical(file, span, None)));
        self.modules[module as usize].inner.extend(outer);
        let kind = ItemKind::Module(module);
        let id = self.push(place, kind, name, start..found.end, &attributes, &found);
        if self.has_attached(id) {
            self.modules[module as usize].receiving_call = Some(id);
        }
        let inner = place.dir.join(name.as_str());
        if let Some(body) = found.body {
            // `#[path]` on an inline module names a directory.
            let named = attributes.paths.first();
            let dir = named.map_or(inner, |path| place.path_base.join(path));
            self.modules[module as usize].dir = dir.clone();
            self.modules[module as usize].inline = Some((place.file, dir.clone()));
            self.read_items(
                &IndexPosition {
                    module,
                    parent: None,
                    path_base: dir.clone(),
                    dir,
                    ..place.clone()
                },
                body,
            );
            return;
        }
        self.modules[module as usize].dir = inner.clone();
        for path in &attributes.paths {
            let path = place.path_base.join(path);
            let dir = path.parent().unwrap_or(FilePath::new("")).to_owned();
            self.read_module_file(place, &path, dir, module);
        }
        if attributes.may_default {
            let beside = place.dir.join(format!("{}.rs", name.as_str()));
            let below = inner.join("mod.rs");
            let path = if beside.is_file() { beside } else { below };
            self.read_module_file(place, &path, inner, module);
        }
    }

    /// Reads the file of a module that is declared at `place`.
    fn read_module_file(
        &mut self,
        place: &IndexPosition,
        path: &FilePath,
        dir: PathBuf,
        module: ModuleId,
    ) {
        let open = Arc::clone(&place.open);
        self.read_file(path, dir, place.krate, module, open, place.receiving_call);
    }
}
