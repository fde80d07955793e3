//! Computes the fingerprints of one crate. Reads the crate once, for all its
//! functions.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::context::Compilation;
use super::covered_crates::CoveredCrates;
#[cfg(test)]
use super::database::ItemKind;
use super::database::{CrateDb, ItemId};
use super::digest::ReachDigest;
use super::item_table::FunctionList;
use super::locate::{FnOwner, Position};
use super::name::{Map, Name};
use super::normalize;
use super::reachability::Reachability;
use super::token::LexedFile;

/// How much source a fingerprint covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FingerprintScope {
    /// Everything reachable from the function.
    #[default]
    Reach,
    /// The function's own tokens.
    Function,
    /// The whole crate, the workspace crates below it, and the versions of all other
    /// crates.
    Crate,
}

/// The source of a crate, ready to compute fingerprints.
#[derive(Debug)]
pub(super) struct FingerprintEngine {
    world: CrateDb,
    is_read: bool,
    nonce: Option<u128>,
    origins: Option<Arc<CoveredCrates>>,
}

/// Returns the root of the workspace of the package in `manifest_dir`, or that directory
/// if the package is not in the workspace that is compiled.
pub(super) fn workspace_of(manifest_dir: &Path) -> PathBuf {
    // Cargo runs the compiler in the root of the workspace.
    let here = std::env::current_dir().unwrap_or_default();
    match manifest_dir.starts_with(&here) && here.components().count() > 1 {
        true => here,
        false => manifest_dir.to_owned(),
    }
}

impl FingerprintEngine {
    /// Creates an engine for the crate that `context` compiles.
    pub(super) fn new(context: Compilation) -> FingerprintEngine {
        let shown_from = workspace_of(&context.manifest_dir);
        let mut world = CrateDb {
            context,
            shown_from,
            files: Vec::new(),
            modules: Vec::new(),
            items: Vec::new(),
            crates: Vec::new(),
            facts: Map::default(),
            bounds: Map::default(),
            memory: Default::default(),
            type_name_cache: Default::default(),
            lines: Map::default(),
            imports: Map::default(),
            packages: Default::default(),
            tables: Map::default(),
            macros: Default::default(),
            written: Default::default(),
            imported: Default::default(),
            importing: Default::default(),
            names: Map::default(),
            exporting: Map::default(),
            newer: Vec::new(),
            snapshots: Default::default(),
            sums: Default::default(),
            table: Default::default(),
            opened: Default::default(),
            impure_helpers: Default::default(),
            ordinals: Map::default(),
            readers: Default::default(),
            module_lines: Map::default(),
            textual: Default::default(),
        };
        let is_read = world.open_own();
        FingerprintEngine {
            world,
            is_read,
            nonce: None,
            origins: None,
        }
    }

    /// Returns the fingerprint of the function with the tokens `text` and its name at
    /// `position`.
    pub(super) fn reach(
        &mut self,
        text: &str,
        position: Option<Position<'_>>,
        scope: FingerprintScope,
    ) -> (ReachDigest, FnOwner) {
        let given = LexedFile::new("".into(), text.to_owned());
        if !self.is_read {
            let mut summary = own_digest(&given);
            if scope != FingerprintScope::Function {
                summary.is_unread = true;
                summary.digest ^= self.nonce();
            }
            return (summary, FnOwner::Unknown);
        }
        let found = position.and_then(|position| self.world.locate(position));
        let owner = found.map_or(FnOwner::Unknown, |id| self.world.owner(id));
        let mut summary = match (scope, found) {
            (FingerprintScope::Function, _) => own_digest(&given),
            (FingerprintScope::Reach, Some(id)) if self.world.is_same(id, &given) => {
                let alike = self.world.alike(id);
                self.closure_of_all(id, &alike)
            }
            _ => self.reach_of_generated(given, found, scope),
        };
        if let (Some(id), true) = (found, scope != FingerprintScope::Function) {
            summary.impure_helper = self.world.impure_helper(id);
        }
        if scope != FingerprintScope::Function {
            summary.newer = self.world.newer.clone();
            let is_known = summary.newer.is_empty() && summary.missing.is_empty();
            if !is_known || summary.has_too_many_files || !summary.unknown_inputs.is_empty() {
                summary.digest ^= self.nonce();
            }
        }
        (summary, owner)
    }

    /// Returns whether the function with its name at `position` is in the root module of a
    /// program.
    pub(super) fn is_in_program_root(&mut self, position: Option<Position<'_>>) -> bool {
        if !self.is_read || self.world.context.is_library {
            return false;
        }
        let found = position.and_then(|position| self.world.locate(position));
        found.is_some_and(|id| {
            let item = self.world.item(id);
            item.parent.is_none() && item.module == self.world.krate(0).root
        })
    }

    /// Returns the crates that fingerprints of this crate cover.
    pub(super) fn origins(&mut self) -> Arc<CoveredCrates> {
        let found = || Arc::new(self.world.origins());
        Arc::clone(self.origins.get_or_insert_with(found))
    }

    /// Returns a number that is unique to this build and constant within it.
    fn nonce(&mut self) -> u128 {
        *self.nonce.get_or_insert_with(|| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            let now = now.map_or(0, |now| now.as_nanos());
            let text = format!("{now} {} {:p}", std::process::id(), &self.world);
            normalize::hash(text.as_bytes())
        })
    }

    /// Returns the items behind a fingerprint, as indexes into the crate's table and
    /// as text.
    pub(super) fn listing(&mut self, summary: &ReachDigest) -> FunctionList {
        self.world.listing(summary)
    }

    /// Returns the items behind a fingerprint as text.
    pub(super) fn items_text(&mut self, summary: &ReachDigest) -> String {
        self.world.items_text(summary)
    }

    /// Returns the fingerprint of an item of the crate.
    #[cfg(test)]
    pub(super) fn reach_of_item(&mut self, id: ItemId) -> ReachDigest {
        self.closure_of_all(id, &[])
    }

    /// Returns the fingerprint of an item together with `alike`, the items at the
    /// same location. The function may be any of them.
    fn closure_of_all(&mut self, id: ItemId, alike: &[ItemId]) -> ReachDigest {
        let callers = self.world.callers_of(id);
        let mut closure = Reachability::sharing(&mut self.world, callers);
        if let Some(parent) = closure.world.item(id).parent {
            closure.reach(parent, true);
        }
        closure.seed(id);
        for &other in alike {
            closure.seed_with(other);
        }
        let summary = closure.summary(id);
        let (early, fresh) = (closure.early(), closure.fresh.len());
        self.world.learn(early, fresh);
        summary
    }

    /// Returns cargo's target directory.
    pub(super) fn target_dir(&self) -> Option<PathBuf> {
        self.world.context.target_dir()
    }

    /// Returns the fingerprint of a function that a macro generated, or of the whole
    /// crate.
    fn reach_of_generated(
        &mut self,
        given: LexedFile,
        found: Option<ItemId>,
        scope: FingerprintScope,
    ) -> ReachDigest {
        let root = self.world.krate(0).root;
        let module = found.map_or(root, |id| self.world.item(id).module);
        let names: Vec<Name> = given.all().filter_map(|i| given.name(i)).collect();
        let plain = own_digest(&given);
        let Some(id) = self.world.add_unseen(module, given) else {
            return plain;
        };
        let parent = found.and_then(|id| self.world.item(id).parent);
        self.world.items[id as usize].parent = parent;
        let mut closure = Reachability::new(&mut self.world);
        closure.seed(id);
        for name in names {
            closure.seed_word(name);
        }
        if scope == FingerprintScope::Crate {
            closure.reach_crate();
        }
        closure.summary(id)
    }

    /// Returns the function at a path such as `crate::module::name`.
    #[cfg(test)]
    pub(super) fn find(&self, path: &str) -> Option<ItemId> {
        let is_wanted = |id: &ItemId| {
            self.world.item(*id).kind == ItemKind::Fn && self.world.item_path(*id) == path
        };
        (0..self.world.items.len() as ItemId).find(is_wanted)
    }

    /// Returns all functions of the crate.
    #[cfg(test)]
    pub(super) fn functions(&self) -> Vec<ItemId> {
        let is_own_fn = |id: &ItemId| {
            self.world.item(*id).kind == ItemKind::Fn && self.world.crate_of(*id) == 0
        };
        (0..self.world.items.len() as ItemId)
            .filter(is_own_fn)
            .collect()
    }

    /// Returns the database of everything that has been read.
    pub(super) fn world_mut(&mut self) -> &mut CrateDb {
        &mut self.world
    }

    #[cfg(test)]
    pub(super) fn world(&self) -> &CrateDb {
        &self.world
    }
}

/// Returns the fingerprint of a function from its own tokens only.
fn own_digest(given: &LexedFile) -> ReachDigest {
    let name_at = (0..given.len())
        .find(|&i| given.is_word(i, "fn"))
        .map_or(0, |i| i + 1);
    let own = given.text(name_at);
    let digest = normalize::hash(&normalize::canonical(given, given.all(), Some(own)));
    ReachDigest {
        digest,
        ..ReachDigest::default()
    }
}
