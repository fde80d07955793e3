//! Computes everything that a function can reach, as a fixed point over items, names
//! and crates. Names over-approximate; types and traits decide which members count.

mod by_name;
mod callers;
mod foreign_traits;
mod header_traits;
mod location_calls;
mod member_owner;
mod members;
mod unplaced_files;
mod whole_crates;

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::Arc;

use super::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use super::impls::{ForeignTrait, ImplIndex};
use super::name::{Map, Name, Set};
use super::resolve::PathTarget;
use super::snapshot::{Snapshot, SnapshotStage};
use super::widen::Widening;
pub(super) use callers::CallerTypes;
use members::{CalledMethods, OwnedMembers};

/// A reachable set under construction.
pub(super) struct Reachability<'w> {
    pub(super) world: &'w mut CrateDb,
    pub(super) state: ReachState,
    pub(super) queue: VecDeque<ItemId>,
    pub(super) start: SnapshotStage,
}

/// The contents of a reachable set.
#[derive(Clone, Debug, Default)]
pub(super) struct ReachState {
    /// The reached items. The value is false for a trait that is reached only as the
    /// trait of an impl.
    pub(super) reached: Map<ItemId, bool>,
    /// Member names that are referenced on an unknown type.
    pub(super) members: Set<Name>,
    /// Members that are referenced on a known type or trait.
    pub(super) owned: OwnedMembers,
    /// Methods that are called on an unknown type, by name and number of arguments.
    pub(super) methods: CalledMethods,
    pub(super) callers: CallerTypes,
    /// Items in the bodies of functions that are not reached, by function.
    hidden: Map<ItemId, Vec<ItemId>>,
    /// All referenced names.
    pub(super) words: Set<Name>,
    /// Names that may refer to any item of that name.
    pub(super) loose: Set<Name>,
    /// Crates whose source takes part.
    pub(super) joined: Arc<Vec<(CrateId, Arc<ImplIndex>)>>,
    /// Referenced crates whose source is not read.
    pub(super) foreign: Set<(CrateId, Name)>,
    pub(super) modules: Set<ModuleId>,
    /// Names that no source defines, so that a macro may generate them.
    generated: Set<Name>,
    /// Modules whose imports are followed.
    opened: Set<ModuleId>,
    /// Whether all workspace crates below this one take part.
    has_all_sources: bool,
    /// Traits of other crates whose impls count for types that no reached code names.
    pub(super) asked: Set<ForeignTrait>,
    /// Traits of the crate that receive types which are not visible in the source.
    with_hidden_arguments: Set<ItemId>,
    pub(super) widening: Widening,
    /// The snapshot that this state started as a copy of.
    pub(super) base: Option<Arc<Snapshot>>,
    /// The items that are not in `base`.
    pub(super) fresh: Vec<ItemId>,
}

impl Deref for Reachability<'_> {
    type Target = ReachState;

    fn deref(&self) -> &ReachState {
        &self.state
    }
}

impl DerefMut for Reachability<'_> {
    fn deref_mut(&mut self) -> &mut ReachState {
        &mut self.state
    }
}

impl<'w> Reachability<'w> {
    pub(super) fn new(world: &'w mut CrateDb) -> Reachability<'w> {
        Reachability {
            world,
            state: ReachState::default(),
            queue: VecDeque::new(),
            start: SnapshotStage::default(),
        }
    }

    /// Creates a reachable set that may start as a copy of a shared snapshot.
    pub(super) fn sharing(world: &'w mut CrateDb, callers: CallerTypes) -> Reachability<'w> {
        let mut closure = Reachability::new(world);
        closure.callers = callers;
        closure.start = SnapshotStage::Looking(0, Vec::new());
        closure
    }

    /// Adds the root item and everything that follows from it.
    pub(super) fn seed(&mut self, id: ItemId) {
        self.find_base_of(id);
        self.reach(id, true);
        self.run();
        self.add_caller_traits(id);
        self.run();
    }

    /// Adds another item that the function may be.
    pub(super) fn seed_with(&mut self, id: ItemId) {
        if let Some(parent) = self.world.item(id).parent {
            self.reach(parent, true);
        }
        self.reach(id, true);
        self.add_caller_traits(id);
        self.run();
    }

    /// Adds a name that may refer to anything.
    pub(super) fn seed_word(&mut self, name: Name) {
        self.add_loose(name);
        self.add_member(name);
        self.run();
    }

    pub(super) fn run(&mut self) {
        loop {
            // First in, first out, so that a shared snapshot is found while the sets
            // are still small.
            while let Some(id) = self.queue.pop_front() {
                self.note_before(id);
                self.process(id);
                self.find_base();
            }
            if !self.settle() {
                break;
            }
        }
    }

    pub(super) fn into_state(self) -> ReachState {
        self.state
    }

    /// Adds an item. For a trait, `strong` means that all its impls count.
    pub(super) fn reach(&mut self, id: ItemId, strong: bool) {
        let is_trait = self.world.item(id).kind == ItemKind::Trait;
        match self.reached.get_mut(&id) {
            None => {
                self.reached.insert(id, strong);
                self.fresh.push(id);
                self.queue.push_back(id);
            }
            Some(known) if strong && !*known => {
                *known = true;
                if is_trait || self.world.item(id).kind == ItemKind::Impl {
                    self.queue.push_back(id);
                }
            }
            _ => {}
        }
    }

    fn process(&mut self, id: ItemId) {
        let krate = self.world.crate_of(id);
        self.join(krate);
        let item = self.world.item(id);
        let (module, parent, name, kind) = (item.module, item.parent, item.name, item.kind.clone());
        self.add_word(name);
        if let Some(parent) = parent {
            self.reach(parent, false);
        }
        self.enter(module);
        if let Some(around) = self.world.module(module).body_of {
            // Items of the same name can be in the bodies of different functions of
            // the same name.
            self.reach(around, true);
        }
        for inner in self.hidden.remove(&id).unwrap_or_default() {
            self.reach_by_name(inner);
        }
        self.follow(id);
        if matches!(kind, ItemKind::Type | ItemKind::TypeAlias | ItemKind::Trait) {
            self.reach_all_unread_calls(krate);
        }
        match kind {
            ItemKind::Type | ItemKind::TypeAlias => self.add_type(id),
            ItemKind::Trait => {
                self.add_type(id);
                self.add_trait(id);
            }
            _ => {}
        }
    }

    /// Follows the references in the tokens of an item.
    fn follow(&mut self, id: ItemId) {
        let facts = self.world.refs_of(id);
        let resolutions = self.world.resolutions(id);
        let is_strong = self.reached.get(&id) == Some(&true);
        let kind = &self.world.item(id).kind;
        let is_weak_trait = *kind == ItemKind::Trait && !is_strong;
        // A value behind a trait may have any type that satisfies the bounds.
        let is_hiding = is_strong && matches!(kind, ItemKind::Trait | ItemKind::Impl);
        self.add_imported_names(id, &facts, &resolutions);
        for (mention, resolution) in facts.paths.iter().zip(resolutions.iter()) {
            for &name in &mention.path.names {
                self.add_word(name);
            }
            for &name in &resolution.members {
                match mention.path.names[..] {
                    [first, _] if first == "Self" => self.add_member_of_self(id, name, false),
                    _ => self.add_member(name),
                }
            }
            for &(owner, name) in &resolution.owned {
                self.add_member_of(owner, name);
            }
            let is_weak = mention.weak || is_weak_trait;
            let brings_all = is_hiding || self.world.brings_all(id, mention, self.callers);
            for target in &resolution.targets {
                self.data_behind(mention.path.last(), target);
                if self.world.may_refer_to(mention, target) {
                    let strong = !is_weak && (brings_all || !self.world.is_trait(target));
                    self.follow_target(target, strong, mention.whole);
                }
            }
            self.reach_unread_calls(id, mention, resolution);
            if let Some(last) = mention.path.last() {
                let is_open = resolution.is_open && mention.path.names.len() > 1;
                let first = mention.path.names[0];
                if mention.anywhere || (is_open && !first.is_prelude()) {
                    self.add_loose(last);
                }
                if mention.anywhere && mention.path.names.len() == 1 {
                    // A macro may generate what follows the name of a crate.
                    self.add_extern_crate(self.world.crate_of(id), first);
                }
                if resolution.is_open {
                    for &name in &mention.path.names {
                        self.generated(name);
                    }
                }
            }
        }
        for &name in &facts.members {
            self.add_member(name);
        }
        for &(name, arguments) in &facts.methods {
            self.add_method(name, arguments);
        }
        for &name in &facts.own {
            self.add_member_of_self(id, name, true);
        }
        for &name in &facts.loose {
            self.add_loose(name);
        }
        if is_hiding {
            self.add_hidden_traits(id);
        }
        self.widening.hides_input |= facts.hides_input;
        if self.may_come_from_elsewhere(id) {
            self.add_object_traits(id, &facts);
        }
        self.widen(id, &facts);
    }

    pub(super) fn follow_target(&mut self, target: &PathTarget, strong: bool, whole: bool) {
        match target {
            PathTarget::Item(id) => self.reach(*id, strong),
            PathTarget::Module(module) => {
                let krate = self.world.module(*module).krate;
                self.join(krate);
                if whole {
                    for id in self.world.module(*module).items.clone() {
                        self.reach(id, true);
                    }
                }
            }
            PathTarget::Foreign(from, krate, text) => self.follow_foreign(*from, *krate, text),
        }
    }

    /// Handles a path that ends outside the source that is read: in another crate, or
    /// at something that a macro defines.
    fn follow_foreign(&mut self, from: CrateId, krate: Name, text: &str) {
        match self.world.extern_target(from, krate) {
            Some(PathTarget::Foreign(..)) => {
                if self.foreign.insert((from, krate)) {
                    self.widen_by_registry(from, krate);
                }
                return;
            }
            Some(PathTarget::Module(root)) => {
                let krate = self.world.module(root).krate;
                self.join(krate);
                self.reach_importing_calls_of(krate);
            }
            _ => {}
        }
        self.reach_importing_calls_of(from);
        for name in text.split("::").filter(|name| !name.is_empty()) {
            self.add_loose(Name::new(name));
            self.generated(Name::new(name));
        }
    }

    /// Returns the compiled files of the reached crates whose source is not followed.
    pub(super) fn foreign_artifacts(&self) -> Vec<PathBuf> {
        let artifact = |(from, name): &(CrateId, Name)| self.world.krate(*from).externs.get(name);
        let mut artifacts: Vec<PathBuf> =
            self.foreign.iter().filter_map(artifact).cloned().collect();
        artifacts.sort();
        artifacts.dedup();
        artifacts
    }

    /// Adds a module that contains a reached item. Its imports decide which traits
    /// and foreign names are in scope.
    fn enter(&mut self, module: ModuleId) {
        if !self.modules.insert(module) {
            return;
        }
        if self.world.module(module).block
            && let Some(parent) = self.world.module(module).parent
        {
            self.enter(parent);
        }
        if let Some(call) = self.world.module(module).receiving_call {
            self.reach(call, true);
        }
        self.reach_importing_calls(module);
        for (name, target) in self.world.imports_of(module).iter() {
            if let (Some(name), PathTarget::Foreign(from, krate, path)) = (name, target)
                && *name != "_"
                && self.world.is_not_trait(*from, *krate, path)
            {
                continue;
            }
            self.add_import_target(target);
            if let (None, PathTarget::Module(opened)) = (name, target) {
                self.add_reexported_crates(*opened);
            }
        }
    }

    /// Adds the crates that a module re-exports to modules that glob-import it.
    fn add_reexported_crates(&mut self, module: ModuleId) {
        if !self.opened.insert(module) {
            return;
        }
        self.reach_importing_calls(module);
        for (name, target) in self.world.imports_of(module).iter() {
            match (name, target) {
                (_, PathTarget::Foreign(..)) => self.add_import_target(target),
                (None, PathTarget::Module(opened)) => self.add_reexported_crates(*opened),
                _ => {}
            }
        }
    }

    /// Adds the crate that `name` refers to in the crate `from`, if any.
    pub(super) fn add_extern_crate(&mut self, from: CrateId, name: Name) {
        if self.world.krate(from).externs.contains_key(&name)
            && let Some(target) = self.world.extern_target(from, name)
        {
            self.add_import_target(&target);
        }
    }

    fn add_import_target(&mut self, target: &PathTarget) {
        match target {
            PathTarget::Item(id) => {
                // Other imported items are reached through the references to them.
                let kind = &self.world.item(*id).kind;
                if matches!(kind, ItemKind::Trait | ItemKind::Macro) {
                    let krate = self.world.crate_of(*id);
                    self.join(krate);
                }
            }
            target => self.follow_target(target, false, false),
        }
    }

    /// Adds a crate and matches it against everything known so far.
    pub(super) fn join(&mut self, krate: CrateId) {
        if self.joined.iter().any(|(id, _)| *id == krate) {
            return;
        }
        let table = self.world.table(krate);
        Arc::make_mut(&mut self.joined).push((krate, Arc::clone(&table)));
        if self.world.krate(krate).is_proc_macro {
            self.reach_all(krate);
            self.add_written_names_of(krate);
        }
        for &id in &table.always {
            self.reach_with_members(id);
        }
        self.add_macro_use_crates(krate, &table);
        for id in self.reached.keys().copied().collect::<Vec<_>>() {
            self.type_in(&table, id);
            self.trait_in(&table, id);
        }
        for name in self.named_members() {
            self.member_in(&table, krate, name);
        }
        for name in self.loose.iter().copied().collect::<Vec<_>>() {
            self.loose_in(krate, name);
        }
        for name in self.words.iter().copied().collect::<Vec<_>>() {
            self.word_in(&table, name);
        }
        for name in self.generated.iter().copied().collect::<Vec<_>>() {
            self.generated_in(&table, name);
        }
        for asked in self.asked.iter().copied().collect::<Vec<_>>() {
            self.match_impls_in(&table, asked);
        }
        self.widen_to(krate);
    }

    /// Adds the crates of `#[macro_use] extern crate`, whose names are visible in
    /// every module.
    fn add_macro_use_crates(&mut self, krate: CrateId, table: &ImplIndex) {
        for &name in &table.extern_crates {
            if let Some(target) = self.world.extern_target(krate, name) {
                self.add_import_target(&target);
            }
        }
    }

    /// Returns the crates that take part so far.
    pub(super) fn parts(&self) -> Arc<Vec<(CrateId, Arc<ImplIndex>)>> {
        Arc::clone(&self.joined)
    }

    pub(super) fn add_word(&mut self, name: Name) {
        if self.words.insert(name) {
            for (_, table) in self.parts().iter() {
                self.word_in(table, name);
            }
        }
    }

    fn word_in(&mut self, table: &ImplIndex, name: Name) {
        for &id in table.macros.get(&name).map_or(&[][..], Vec::as_slice) {
            self.reach(id, true);
        }
    }
}
