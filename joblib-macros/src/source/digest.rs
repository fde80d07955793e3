//! The digest of a reachable set: the path and canonical form of every item, and what
//! each path in it refers to, so that swapping two meanings is also a change.

mod environment;
mod line;

pub(super) use line::contents;

use std::path::PathBuf;
use std::sync::Arc;

use super::cfg::Ternary;
use super::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use super::globs::GlobTrait;
use super::impure_helpers::ImpureHelper;
use super::item_list::CoveredItem;
use super::known::types::STANDARD_TYPES;
use super::name::Name;
use super::normalize;
use super::reachability::Reachability;
use super::references::ItemRefs;
use super::resolve::PathTarget;
use super::snapshot::Snapshot;

/// The digest of a reachable set and what belongs to it.
#[derive(Clone, Debug, Default)]
pub(super) struct ReachDigest {
    pub(super) digest: u128,
    /// The reached items that are not in `shared`.
    pub(super) items: Vec<ItemId>,
    /// The number of a snapshot and the partial digest of its items.
    pub(super) shared: Option<(usize, Arc<PartialDigest>)>,
    /// The reasons for which the reachable set was widened.
    pub(super) notes: Vec<CoveredItem>,
    pub(super) unknown_cfgs: Vec<String>,
    pub(super) envs: Vec<String>,
    pub(super) files: Vec<PathBuf>,
    /// Arguments of `include!`, `env!` and similar macros that could not be
    /// evaluated.
    pub(super) missing: Vec<String>,
    /// Inputs of macros whose values are not known.
    pub(super) unknown_inputs: Vec<String>,
    /// The variables of `envs` that count regardless of what macros reported to rustc
    /// in the previous compilation.
    pub(super) known_envs: Vec<String>,
    /// Files that may differ from what was compiled.
    pub(super) newer: Vec<PathBuf>,
    /// Whether the package has more files than are read, so that files which may
    /// count are missing.
    pub(super) has_too_many_files: bool,
    /// Whether no file of the crate could be read.
    pub(super) is_unread: bool,
    /// Whether something in it may refer to anything in the crate.
    pub(super) is_whole_crate: bool,
    /// Variables that count, with the crate in whose compilation they had their
    /// value.
    pub(super) variables: Vec<(CrateId, String)>,
    /// A helper function that reads what no key contains.
    pub(super) impure_helper: Option<ImpureHelper>,
}

/// An order-independent sum of the digests of lines. Each line names its subject, so
/// their order carries no information.
#[derive(Debug, Default)]
struct LineSum {
    total: u128,
    count: u64,
}

impl LineSum {
    fn add(&mut self, digest: u128) {
        self.total = self.total.wrapping_add(digest);
        self.count += 1;
    }

    fn add_text(&mut self, text: &str) {
        self.add(normalize::hash(text.as_bytes()));
    }

    fn digest(&self) -> u128 {
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(&self.total.to_le_bytes());
        bytes[16..].copy_from_slice(&self.count.to_le_bytes());
        normalize::hash(&bytes)
    }
}

/// The names relative to which a digest is computed.
#[derive(Clone, Copy)]
struct DigestNames<'a> {
    /// The path of the function's module, written as `~`.
    base: &'a str,
    /// The function, whose own name does not count.
    seed: ItemId,
    module: ModuleId,
}

impl DigestNames<'_> {
    fn relative(self, path: String) -> String {
        match path.strip_prefix(self.base) {
            Some(rest) if rest.is_empty() || rest.starts_with("::") => format!("~{rest}"),
            _ => path,
        }
    }
}

impl Reachability<'_> {
    /// Digests the reached items, as seen from the function `seed`.
    pub(super) fn summary(&mut self, seed: ItemId) -> ReachDigest {
        let module = self.world.enclosing(self.world.item(seed).module);
        let base = self.world.module_path(module);
        let frame = DigestNames {
            base: &base,
            module,
            seed,
        };
        let mut summary = ReachDigest::default();
        let mut sum = LineSum::default();
        let snapshot = self.base.clone();
        match snapshot.filter(|snapshot| !snapshot.state.reached.contains_key(&seed)) {
            Some(snapshot) => {
                let shared = self.shared(&snapshot, frame);
                let fresh = self.world.part(&self.fresh.clone(), frame);
                summary.add(&shared, &mut sum);
                summary.add(&fresh, &mut sum);
                summary.shared = Some((snapshot.number, shared));
                summary.items = fresh.items;
            }
            None => {
                let all: Vec<ItemId> = self.reached.keys().copied().collect();
                let part = self.world.part(&all, frame);
                summary.add(&part, &mut sum);
                summary.items = part.items;
            }
        }
        self.settle_reading();
        if self.widening.has_positions {
            for (id, line) in self.lines(frame) {
                sum.add_text(&format!("{line:032x} {}", self.world.positions(id)));
            }
        }
        if self.widening.has_written {
            for (id, line) in self.lines(frame) {
                sum.add_text(&format!("{line:032x} {}", self.world.written_text(id)));
            }
        }
        for module in self.modules.iter().copied().collect::<Vec<_>>() {
            self.module_lines(module, frame, &mut sum);
        }
        for (module, what) in self.glob_exports() {
            let place = frame.relative(self.world.module_path(module));
            sum.add_text(&format!("{place} hands on {what}"));
        }
        if self.widening.has_module_path {
            let krate = self.world.context.crate_name();
            sum.add_text(&format!("stands in {krate} {base}"));
        }
        self.outside(&mut summary, &mut sum);
        self.note_traits_from_above(seed);
        self.notes(&mut summary);
        summary.digest = sum.digest();
        summary
    }

    /// Returns the digest of each item. Several items may have the same path.
    fn lines(&mut self, frame: DigestNames<'_>) -> Vec<(ItemId, u128)> {
        let all: Vec<ItemId> = self.reached.keys().copied().collect();
        let line = |id| (id, self.world.line(id, frame));
        all.into_iter().map(line).collect()
    }

    /// Returns the partial digest of the items of a snapshot.
    fn shared(&mut self, base: &Snapshot, frame: DigestNames<'_>) -> Arc<PartialDigest> {
        let key = (base.number, frame.module);
        if let Some(known) = self.world.sums.get(&key) {
            return Arc::clone(known);
        }
        let items: Vec<ItemId> = base.state.reached.keys().copied().collect();
        let part = Arc::new(self.world.part(&items, frame));
        self.world.sums.insert(key, Arc::clone(&part));
        part
    }

    /// Adds what the imports of a module bring into scope without naming it.
    fn module_lines(&mut self, module: ModuleId, frame: DigestNames<'_>, sum: &mut LineSum) {
        for line in self.world.module_lines(module, frame).iter() {
            if line.of.is_none_or(|id| self.reached.contains_key(&id)) {
                sum.add(line.digest);
            }
        }
    }
}

/// A digest line of a module for names in scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct ModuleLine {
    digest: u128,
    /// The trait that must be reached for the line to count.
    of: Option<ItemId>,
}

/// The digest of a part of a reachable set.
#[derive(Debug, Default)]
pub(super) struct PartialDigest {
    sum: LineSum,
    pub(super) items: Vec<ItemId>,
    variables: Vec<(CrateId, String)>,
    files: Vec<PathBuf>,
    unknown_cfgs: Vec<String>,
}

impl CrateDb {
    /// Returns the partial digest of `items`.
    fn part(&mut self, items: &[ItemId], frame: DigestNames<'_>) -> PartialDigest {
        let mut part = PartialDigest::default();
        for &id in items {
            let digest = self.line(id, frame);
            let facts = self.refs_of(id);
            part.collect(self, id, &facts);
            part.items.push(id);
            part.sum.add(digest);
        }
        part.unknown_cfgs.sort();
        part.unknown_cfgs.dedup();
        part
    }

    fn module_lines(&mut self, module: ModuleId, frame: DigestNames<'_>) -> Arc<Vec<ModuleLine>> {
        let key = (module, frame.module);
        if let Some(known) = self.module_lines.get(&key) {
            return Arc::clone(known);
        }
        let place = frame.relative(self.module_path(module));
        let mut lines = Vec::new();
        let mut add = |text: String, of: Option<ItemId>| {
            let text = format!("in {place} sees {}", frame.relative(text));
            let digest = normalize::hash(text.as_bytes());
            lines.push(ModuleLine { digest, of });
        };
        for (name, target) in self.imports_of(module).iter() {
            match name {
                Some(name) => {
                    if let Some((text, of)) = self.brings(target, *name) {
                        add(text, of);
                    }
                }
                None => add(format!("{}::*", self.target_text(target)), None),
            }
        }
        for glob_trait in self.traits_from_globs(module) {
            let GlobTrait { place, text, of } = glob_trait;
            let place = frame.relative(self.module_path(place));
            add(format!("{} through {place}", frame.relative(text)), of);
        }
        for &id in &self.module(module).items {
            if self.item(id).kind == ItemKind::Trait {
                add(self.item_path(id), Some(id));
            }
        }
        let mut around = Some(module);
        while let Some(id) = around {
            for inner in &self.module(id).inner {
                let text = format!("in {place} under {inner:032x}");
                let digest = normalize::hash(text.as_bytes());
                lines.push(ModuleLine { digest, of: None });
            }
            around = self.module(id).parent;
        }
        let lines = Arc::new(lines);
        self.module_lines.insert(key, Arc::clone(&lines));
        lines
    }

    /// Returns the trait that an import brings into scope, and the item that must be
    /// reached for it to count.
    pub(super) fn brings(
        &self,
        target: &PathTarget,
        name: Name,
    ) -> Option<(String, Option<ItemId>)> {
        match target {
            PathTarget::Item(id) => {
                let is_trait = self.item(*id).kind == ItemKind::Trait;
                is_trait.then(|| (self.item_path(*id), Some(*id)))
            }
            PathTarget::Foreign(_, _, text) => {
                let is_std = self.is_of_standard(target);
                let last = text.rsplit("::").next().unwrap_or(text);
                let is_type = is_std && STANDARD_TYPES.contains(&last);
                let may_be_trait = !is_type && last.starts_with(char::is_uppercase);
                let is_trait = name == "_" || may_be_trait;
                is_trait.then(|| (text.clone(), None))
            }
            PathTarget::Module(_) => None,
        }
    }
}

impl ReachDigest {
    fn add(&mut self, part: &PartialDigest, sum: &mut LineSum) {
        sum.total = sum.total.wrapping_add(part.sum.total);
        sum.count += part.sum.count;
        self.variables.extend(part.variables.iter().cloned());
        self.files.extend(part.files.iter().cloned());
        self.unknown_cfgs.extend(part.unknown_cfgs.iter().cloned());
    }
}

impl PartialDigest {
    fn collect(&mut self, world: &CrateDb, id: ItemId, facts: &ItemRefs) {
        let krate = world.crate_of(id);
        let names = facts.envs.iter().cloned();
        self.variables
            .extend(names.clone().map(|name| (krate, name)));
        if world.item(id).kind == ItemKind::Macro || world.krate(krate).is_proc_macro {
            // A macro reads its files and variables where it is called.
            self.variables.extend(names.map(|name| (0, name)));
        }
        let files = facts.files.iter();
        self.files.extend(files.map(|(_, path)| path.clone()));
        let unknown = facts
            .cfgs
            .iter()
            .filter(|(_, truth)| *truth == Ternary::Unknown);
        self.unknown_cfgs
            .extend(unknown.map(|(predicate, _)| predicate.clone()));
        self.unknown_cfgs
            .extend(world.item(id).unknown.iter().cloned());
    }
}
