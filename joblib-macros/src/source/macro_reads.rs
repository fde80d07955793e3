//! Procedural macros that read files and variables without reporting them to rustc.
//! Their source shows which kinds of input they read. A macro that reads files may
//! read any file of the package.

mod macro_inputs;
mod names;
mod tracked;

use std::collections::{HashMap, HashSet};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::build_unit;
use super::compile_time;
use super::crates::ExternCrate;
use super::database::{CrateDb, CrateId, ItemId, ItemKind};
use super::digest::contents;
use super::include::{DirectoryFiles, files_below_up_to, is_skipped_dir};
use super::known::crates::{MACRO_LIBRARY_CRATES, names_nothing};
use super::manifest::PackageManifest;
use super::name::{Map, Set};
use super::normalize;
use super::reachability::Reachability;
use super::token::LexedFile;
pub(in crate::source) use macro_inputs::MacroInputs;
use tracked::TrackedPaths;
pub(in crate::source) use tracked::{mark_of_variable, tracked_path};

/// The maximum number of files in a package that are considered.
const MAX_FILES: usize = 20_000;
/// The maximum number of files, and of bytes in each, whose contents are hashed.
const MAX_READ: usize = 1_000;
const MAX_READ_BYTES: u64 = 1 << 20;

/// What procedural macros of other crates read, according to their source.
#[derive(Debug, Default)]
pub(super) struct FileReadingMacros {
    known: HashMap<PathBuf, Arc<MacroInputs>>,
    /// The files of each package, with their digest.
    packages: Map<CrateId, Arc<PackageFiles>>,
    /// What rustc recorded during the compilation of each crate.
    tracked: Map<CrateId, Arc<TrackedPaths>>,
    /// What the items of followed procedural macros read.
    items: Map<ItemId, Arc<MacroInputs>>,
    /// The dependencies of each crate.
    below: Map<CrateId, Arc<HashSet<PathBuf>>>,
}

/// The files of a package.
#[derive(Debug)]
pub(super) struct PackageFiles {
    pub(super) digest: u128,
    /// Whether there are more files than the limit.
    pub(super) has_more: bool,
}

/// Returns the directories from which file names in the code of `file` may start, for
/// the package in `dir`.
pub(super) fn places(dir: &Path, file: &LexedFile) -> [PathBuf; 4] {
    let beside = file.path.parent().unwrap_or(Path::new("")).to_owned();
    let package = dir.to_owned();
    [
        beside,
        package.join("src"),
        package.join("templates"),
        package,
    ]
}

impl Reachability<'_> {
    /// Records that macros of these crates process an item.
    pub(super) fn add_readers(&mut self, id: ItemId, artifacts: &[PathBuf]) {
        let readers = artifacts.iter().map(|artifact| (id, artifact.clone()));
        self.widening.readers.extend(readers);
    }

    /// Adds what the reached macros may read, once all of them are known.
    pub(super) fn settle_reading(&mut self) {
        let mut seen: Map<CrateId, MacroInputs> = Map::default();
        let mut readers = std::mem::take(&mut self.widening.readers);
        readers.sort();
        readers.dedup();
        for (id, artifact) in readers {
            let inputs = self.world.inputs_behind(&artifact);
            let users = self.users_of_item(id);
            self.add_inputs_for(&users, &inputs, Some(id), &mut seen);
        }
        self.settle_followed(&mut seen);
        let mut seen: Vec<(CrateId, MacroInputs)> = seen.into_iter().collect();
        seen.sort_by_key(|(krate, _)| *krate);
        for (krate, inputs) in seen {
            self.add_macro_inputs(krate, &inputs);
        }
    }

    /// Adds what followed procedural macros, and their dependencies, read.
    fn settle_followed(&mut self, seen: &mut Map<CrateId, MacroInputs>) {
        let workers = self.workers();
        if workers.is_empty() {
            return;
        }
        let users = self.users_of(&workers);
        let mut reached: Vec<ItemId> = self.reached.keys().copied().collect();
        reached.retain(|id| workers.contains(&self.world.crate_of(*id)));
        reached.sort_unstable();
        for id in reached {
            let inputs = self.world.inputs_of_item(id);
            self.add_inputs_for(&users, &inputs, Some(id), seen);
        }
        let foreign = self
            .foreign
            .iter()
            .filter(|(from, _)| workers.contains(from));
        let artifact = |(from, name)| self.world.krate(from).externs.get(&name).cloned();
        let foreign: Vec<PathBuf> = foreign.copied().filter_map(artifact).collect();
        for artifact in foreign {
            let inputs = self.world.inputs(&artifact);
            self.add_inputs_for(&users, &inputs, None, seen);
        }
    }

    fn add_inputs_for(
        &mut self,
        users: &[CrateId],
        inputs: &MacroInputs,
        id: Option<ItemId>,
        seen: &mut Map<CrateId, MacroInputs>,
    ) {
        if let (Some(id), true) = (id, inputs.reads_files) {
            let what = "any file of the package, which a macro may read";
            self.widening.notes.push((id, what.to_owned()));
        }
        for &user in users {
            seen.entry(user).or_default().add(inputs);
        }
    }

    /// Returns the crates for which the macros that an item calls run: its own crate
    /// and, for calls in a macro, every crate that may call it.
    fn users_of_item(&mut self, id: ItemId) -> Vec<CrateId> {
        let krate = self.world.crate_of(id);
        let mut users = vec![krate];
        if self.world.item(id).kind == ItemKind::Macro {
            users.extend(self.users_of(&Set::from_iter([krate])));
        }
        users
    }

    /// Returns the joined crates that are procedural macros or dependencies of one.
    fn workers(&mut self) -> Set<CrateId> {
        let joined: Vec<CrateId> = self.joined.iter().map(|(krate, _)| *krate).collect();
        let macros = joined.iter().copied();
        let macros = macros.filter(|&krate| self.world.krate(krate).is_proc_macro);
        let macros: Vec<CrateId> = macros.collect();
        let mut workers: Set<CrateId> = macros.iter().copied().collect();
        for krate in macros {
            let joined = joined.iter().copied().filter(|&other| other != 0);
            workers.extend(joined.filter(|&other| self.world.is_above(krate, other)));
        }
        workers
    }

    /// Returns the joined crates that depend on one of these.
    fn users_of(&mut self, crates: &Set<CrateId>) -> Vec<CrateId> {
        let joined: Vec<CrateId> = self.joined.iter().map(|(krate, _)| *krate).collect();
        let others = joined.into_iter().filter(|krate| !crates.contains(krate));
        let mut users: Vec<CrateId> = others
            .filter(|&krate| {
                let mut crates = crates.iter();
                crates.any(|&other| self.world.is_above(krate, other))
            })
            .collect();
        users.sort_unstable();
        users
    }

    /// Adds what macros that run for a crate read.
    fn add_macro_inputs(&mut self, krate: CrateId, inputs: &MacroInputs) {
        self.widening.has_positions |= inputs.sees_places;
        self.widening.has_written |= inputs.sees_places;
        if inputs.reads_files {
            self.widening.packages.push(krate);
        }
        if inputs.reads_files || inputs.reports_inputs {
            self.add_tracked(krate, inputs.reads_files);
            self.add_outside_directories(krate);
        }
        if inputs.reads_files && inputs.reads_generated {
            self.add_generated_files(krate);
        }
        for name in &inputs.variables {
            let is_tracked = !inputs.untracked.contains(name);
            self.add_macro_variable(krate, name, is_tracked);
        }
        if inputs.reads_any_variable && krate == 0 {
            let names = self.computed_names(inputs).into_iter();
            self.widening.envs.extend(names.map(|name| (0, name)));
        } else if inputs.reads_any_variable {
            // Rustc recorded all of them, each with its value.
            let names = self.world.noted_variables(krate).into_iter();
            self.widening.envs.extend(names.map(|name| (krate, name)));
        }
        if inputs.computes_untracked && krate != 0 {
            self.note_unknown_input(krate, "variables under computed names");
        }
        if inputs.reads_all_variables {
            self.note_unknown_input(krate, "all variables");
        }
    }

    /// Adds the files and variables that macros reported to rustc when it compiled
    /// the crate. Those that a source names are added elsewhere.
    fn add_tracked(&mut self, krate: CrateId, reads_files: bool) {
        let tracked = self.world.tracked(krate);
        for file in &tracked.files {
            // Files of the package count anyway if a macro reads files.
            let is_taken = file.is_named || (reads_files && file.is_of_package);
            if !is_taken {
                self.take_file(&file.name, &file.path);
            }
        }
        let names = tracked.variables.iter().map(|name| (krate, name.clone()));
        self.widening.tracked.extend(names);
    }
}

impl CrateDb {
    /// Returns the procedural macro crates that a crate re-exports.
    fn macro_crates(&mut self, artifact: &Path, depth: usize) -> Vec<PathBuf> {
        if self.extern_kind(artifact) == ExternCrate::Joblib {
            return Vec::new();
        }
        let Some(unit) = self.unit(artifact) else {
            let is_unknown = self.is_unknown(artifact);
            return Vec::from_iter(is_unknown.then(|| artifact.to_owned()));
        };
        let manifest = unit.package_dir().and_then(PackageManifest::read);
        if manifest.is_some_and(|manifest| manifest.is_proc_macro) {
            return vec![artifact.to_owned()];
        }
        let mut found = Vec::new();
        if depth > 0 {
            for (_, below) in &unit.dependencies {
                found.extend(self.macro_crates(below, depth - 1));
            }
        }
        found
    }

    /// Returns what the procedural macros behind a crate read.
    fn inputs_behind(&mut self, artifact: &Path) -> MacroInputs {
        let mut inputs = MacroInputs::default();
        // What joblib's macros read is handled separately.
        if self.extern_kind(artifact) == ExternCrate::Joblib {
            return inputs;
        }
        let crates = self.macro_crates(artifact, 2);
        // If the macros are not found, it is unknown what they report to rustc.
        inputs.reports_inputs = crates.is_empty();
        for artifact in crates {
            inputs.add(&self.inputs(&artifact));
        }
        inputs
    }

    /// Returns what a crate and its dependencies read.
    fn inputs(&mut self, artifact: &Path) -> Arc<MacroInputs> {
        if let Some(known) = self.readers.known.get(artifact) {
            return Arc::clone(known);
        }
        let name = self.published(artifact);
        let is_harmless = name
            .as_ref()
            .is_some_and(|name| MACRO_LIBRARY_CRATES.contains(&&**name));
        let inputs = match is_harmless {
            true => MacroInputs::default(),
            false => self.inputs_of_sources(artifact),
        };
        let inputs = match name.is_some_and(|name| names_nothing(&name)) {
            true => inputs.of_known(),
            false => inputs,
        };
        let inputs = Arc::new(inputs);
        let known = &mut self.readers.known;
        known.insert(artifact.to_owned(), Arc::clone(&inputs));
        inputs
    }

    fn inputs_of_sources(&mut self, artifact: &Path) -> MacroInputs {
        let is_source = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "rs");
        let sources = build_unit::sources(artifact).into_iter().filter(is_source);
        let files = sources.filter_map(|source| {
            let text = std::fs::read_to_string(&source).ok()?;
            Some(LexedFile::new(source, text))
        });
        let files: Vec<LexedFile> = files.collect();
        let code: Vec<_> = files.iter().map(|file| (file, file.all())).collect();
        let mut inputs = MacroInputs::of(&code);
        inputs.reads_files |= self.is_unknown(artifact);
        let below = self.unit(artifact);
        for (_, below) in below.iter().flat_map(|unit| &unit.dependencies) {
            inputs.add(&self.inputs(below));
        }
        inputs
    }

    /// Returns the compiled files, without extensions, of all dependencies of a
    /// crate.
    fn below(&mut self, krate: CrateId) -> Arc<HashSet<PathBuf>> {
        if let Some(known) = self.readers.below.get(&krate) {
            return Arc::clone(known);
        }
        let externs = self.krate(krate).externs.values();
        let mut waiting: Vec<PathBuf> = externs.cloned().collect();
        let mut found = HashSet::new();
        while let Some(artifact) = waiting.pop() {
            if found.insert(artifact.with_extension("")) {
                let unit = self.unit(&artifact);
                let below = unit.iter().flat_map(|unit| &unit.dependencies);
                waiting.extend(below.map(|(_, artifact)| artifact.clone()));
            }
        }
        let found = Arc::new(found);
        self.readers.below.insert(krate, Arc::clone(&found));
        found
    }

    /// Returns whether a crate depends on another followed crate.
    fn is_above(&mut self, krate: CrateId, other: CrateId) -> bool {
        let artifact = self.artifact_of(other);
        let artifact = artifact.map(|artifact| artifact.with_extension(""));
        artifact.is_some_and(|artifact| self.below(krate).contains(&artifact))
    }

    /// Returns what an item of a procedural macro reads.
    fn inputs_of_item(&mut self, id: ItemId) -> Arc<MacroInputs> {
        if let Some(known) = self.readers.items.get(&id) {
            return Arc::clone(known);
        }
        let file = self.file_of(id);
        let inputs = Arc::new(MacroInputs::of(&[(&file, self.item(id).span.clone())]));
        self.readers.items.insert(id, Arc::clone(&inputs));
        inputs
    }

    /// Returns the digest of the package files of a crate, excluding sources and
    /// build outputs.
    pub(super) fn package_files(&mut self, krate: CrateId) -> Arc<PackageFiles> {
        if let Some(known) = self.readers.packages.get(&krate) {
            return Arc::clone(known);
        }
        let dir = self.krate(krate).origin.dir.clone();
        let target_dir = self.context.target_dir();
        let is_left_out = |path: &Path| is_skipped_dir(path, target_dir.as_deref());
        let mut files = files_below_up_to(&dir, MAX_FILES, &is_left_out);
        let is_source = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "rs");
        files.paths.retain(|path| !is_source(path));
        // A dependency may have been compiled before a file was added, removed or
        // changed.
        let started = self.started(krate);
        if krate != 0 {
            for dir in &files.directories {
                self.note_age(dir, started);
            }
        }
        let package = Arc::new(self.package(&dir, &files, started));
        self.readers.packages.insert(krate, Arc::clone(&package));
        package
    }

    /// Returns when the compilation of a crate started.
    pub(super) fn started(&self, krate: CrateId) -> Option<SystemTime> {
        match &self.krate(krate).origin.unit {
            None => self.context.started,
            Some(unit) => unit.started,
        }
    }

    fn package(
        &mut self,
        dir: &Path,
        files: &DirectoryFiles,
        started: Option<SystemTime>,
    ) -> PackageFiles {
        let are_few = files.paths.len() <= MAX_READ;
        let mut text = String::new();
        for path in &files.paths {
            self.note_age(path, started);
            let place = path.strip_prefix(dir).unwrap_or(path).display();
            let holds = match path.metadata() {
                Ok(metadata) if !are_few || metadata.len() > MAX_READ_BYTES => stamp(&metadata),
                _ => contents(path),
            };
            text.push_str(&format!("{place} {holds}\n"));
        }
        PackageFiles {
            digest: normalize::hash(text.as_bytes()),
            has_more: files.has_more,
        }
    }
}

/// Returns the replacement for the contents of a file that is not read: its size and
/// the time of its last change.
fn stamp(metadata: &Metadata) -> String {
    format!("{} {:?}", metadata.len(), compile_time::changed(metadata))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_beyond_the_limit_are_reported() {
        let dir = tempfile::TempDir::new().unwrap();
        for name in ["a", "b", "c"] {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        let files = |most| files_below_up_to(dir.path(), most, &|_| false);
        assert!(files(2).has_more);
        assert!(!files(3).has_more);
    }
}
