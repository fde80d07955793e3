//! The identity of crates that count as a whole: everything that they were compiled
//! from, including features and the build script, and their dependencies.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::build_unit::CompiledUnit;
use super::cfg_uses::CfgUses;
use super::compile_time;
use super::crates::{ExternCrate, index_of};
use super::database::{CrateDb, CrateId};
use super::include::{files_below_up_to, is_skipped_dir};
use super::known::crates::{REGISTRY_CRATES, is_profile_independent};
use super::manifest::PackageManifest;
use super::name::Name;
use super::native_libraries::NativeLibraries;
use super::normalize;

/// Variables that contain the location of a crate, and not its contents.
pub(super) const LOCATION_VARIABLES: &[&str] = &[
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_TARGET_TMPDIR",
    "OUT_DIR",
];

/// Attributes that export an item by a symbol.
const EXPORTING: [&str; 2] = ["no_mangle", "export_name"];

/// The maximum number of files that are read in a package that links libraries.
const MAX_FILES: usize = 1_000;

impl CrateDb {
    /// Returns the identity of the crate that `from` calls `name`.
    pub(super) fn extern_identity(&mut self, from: CrateId, name: Name) -> Arc<str> {
        let Some(artifact) = self.krate(from).externs.get(&name).cloned() else {
            return Arc::from("");
        };
        let identity = self.identity(&artifact);
        if from != 0 || self.context.is_given(name.as_str()) {
            return identity;
        }
        // The metadata in these files decides which one rustc uses.
        let files = self.context.crate_files(name.as_str()).into_iter();
        let others = files.filter(|file| *file != artifact);
        let others: String = others.map(|file| of_bytes(&file)).collect();
        format!("{identity}{others}").into()
    }

    /// Returns the identity of a compiled crate: what it was compiled from, if the
    /// build records that, and otherwise its own bytes.
    pub(super) fn identity(&mut self, artifact: &Path) -> Arc<str> {
        if let Some(known) = self.packages.identities.get(artifact) {
            return Arc::clone(known);
        }
        let identity: Arc<str> = match self.extern_kind(artifact) {
            ExternCrate::Joblib => Arc::from(""),
            _ => match self.unit(artifact) {
                Some(unit) if self.context.is_wrapped => {
                    let unit = self.of_unit(artifact, &unit);
                    format!("{unit} {}", of_bytes(artifact)).into()
                }
                Some(unit) => self.of_unit(artifact, &unit).into(),
                None => of_bytes(artifact).into(),
            },
        };
        let identities = &mut self.packages.identities;
        identities.insert(artifact.to_owned(), Arc::clone(&identity));
        identity
    }

    fn of_unit(&mut self, artifact: &Path, unit: &CompiledUnit) -> String {
        let mut lines = vec![format!("{} {:?}", unit.name, unit.cfgs)];
        for (name, value) in &unit.variables {
            if !LOCATION_VARIABLES.contains(&name.as_str()) {
                lines.push(format!(
                    "{name}={:?}",
                    value.as_ref().map(|v| unit.without_out_dir(v))
                ));
            }
        }
        lines.extend(unit.instructions.iter().cloned());
        lines.extend(self.contents(unit));
        let own = normalize::hash(lines.join("\n").as_bytes()) as u64;
        self.packages.own_hashes.insert(artifact.to_owned(), own);
        for (name, artifact) in &unit.dependencies {
            lines.push(format!("{name} {}", self.identity(artifact)));
        }
        format!("{:032x}", normalize::hash(lines.join("\n").as_bytes()))
    }

    /// Returns lines for the files that a unit was compiled from. The contents of a
    /// version in a registry never change, so sizes are enough for these. All other
    /// files are read.
    fn contents(&mut self, unit: &CompiledUnit) -> Vec<String> {
        let dir = unit.package_dir().map(Path::to_owned).unwrap_or_default();
        let index = index_of(&dir);
        let is_published = index.is_some();
        let mut lines = Vec::new();
        if let Some(index) = index {
            let name = dir.file_name().unwrap_or_default();
            lines.push(format!("{} of {index}", name.to_string_lossy()));
        }
        lines.push(read(&dir.join("Cargo.toml")));
        // The edition may be inherited from the workspace.
        lines.extend(PackageManifest::read(&dir).map(|manifest| manifest.edition));
        if !is_published && unit.links() {
            lines.extend(self.foreign_sources(unit, &dir));
            lines.extend(revision(&dir));
        }
        let mut asks = CfgUses::default();
        let may_ask = !(is_published && is_profile_independent(&unit.name));
        for source in &unit.sources {
            let place = unit.place(source, &dir);
            let is_root = unit.root() == Some(source);
            let is_in_package = source.starts_with(&dir);
            if is_published && is_in_package {
                let size = source.metadata().map_or(0, |metadata| metadata.len());
                lines.push(format!("{place} {size}"));
                let bytes = || std::fs::read(source).unwrap_or_default();
                if may_ask {
                    asks.read(&bytes(), is_root);
                }
            } else {
                let bytes = std::fs::read(source).unwrap_or_default();
                lines.push(format!("{place} {:032x}", normalize::hash(&bytes)));
                if may_ask {
                    asks.read(&bytes, is_root);
                }
            }
        }
        if asks.of_profile {
            lines.push(format!("profile {}", unit.profile));
        }
        lines.extend(asks.flags(&unit.flags));
        lines
    }

    /// Returns the files of a package whose build script links libraries that are
    /// built from them. If there are too many files, or some changed since, returns
    /// the libraries.
    fn foreign_sources(&mut self, unit: &CompiledUnit, dir: &Path) -> Vec<String> {
        let mut files = files_below_up_to(dir, MAX_FILES, &|dir| is_skipped_dir(dir, None));
        let is_newer = |file: &PathBuf| {
            let started = unit.started;
            started.is_some_and(|started| {
                compile_time::age(file, started) == compile_time::TextAge::Newer
            })
        };
        if files.has_more || files.paths.iter().any(is_newer) {
            let mut native = NativeLibraries::default();
            unit.link(&mut native);
            let libraries = native.files();
            if libraries.is_empty() {
                files
                    .paths
                    .iter()
                    .for_each(|it| self.note_age(it, unit.started));
            } else {
                files.paths = libraries;
            }
        }
        let mut lines = Vec::new();
        for file in files.paths {
            lines.push(format!("{} {}", unit.place(&file, dir), read(&file)));
        }
        lines
    }

    /// Returns the crates that count as a whole and may link libraries or export a
    /// symbol, with their identities.
    pub(super) fn linking(&mut self) -> Vec<(String, Arc<str>)> {
        let externs = self.crates.iter().flat_map(|krate| krate.externs.values());
        let mut queue: Vec<PathBuf> = externs.cloned().collect();
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        while let Some(artifact) = queue.pop() {
            let kind = self.extern_kind(&artifact);
            if kind == ExternCrate::Joblib || !seen.insert(artifact.clone()) {
                continue;
            }
            let unit = self.unit(&artifact);
            let links = unit.as_ref().is_none_or(|unit| unit.links());
            if kind == ExternCrate::Whole && (links || self.exports(&artifact)) {
                let name = super::build_unit::crate_name(&artifact).unwrap_or_default();
                found.push((name, self.identity(&artifact)));
            }
            let below = unit.iter().flat_map(|unit| &unit.dependencies);
            queue.extend(below.map(|(_, path)| path.clone()));
        }
        found.sort();
        found.dedup();
        found
    }

    /// Returns whether the sources of a crate export something by a symbol.
    fn exports(&mut self, artifact: &Path) -> bool {
        if let Some(&known) = self.packages.exporting.get(artifact) {
            return known;
        }
        let exports = super::build_unit::sources(artifact).iter().any(|source| {
            let text = std::fs::read_to_string(source).unwrap_or_default();
            EXPORTING.iter().any(|word| text.contains(word))
        });
        let known = &mut self.packages.exporting;
        known.insert(artifact.to_owned(), exports);
        exports
    }

    /// Returns whether the crate or a dependency lets items of the program register
    /// themselves at link time.
    pub(super) fn has_link_time_registry(&mut self, artifact: &Path) -> bool {
        let mut queue = vec![artifact.to_owned()];
        let mut seen: Vec<PathBuf> = Vec::new();
        while let Some(artifact) = queue.pop() {
            if seen.contains(&artifact) || self.extern_kind(&artifact) == ExternCrate::Joblib {
                continue;
            }
            let name = super::build_unit::crate_name(&artifact).unwrap_or_default();
            if REGISTRY_CRATES.contains(&name.as_str()) {
                return true;
            }
            if let Some(unit) = self.unit(&artifact) {
                queue.extend(unit.dependencies.iter().map(|(_, path)| path.clone()));
            }
            seen.push(artifact);
        }
        false
    }
}

/// Returns the revision of the repository that cargo checked out around a package.
/// Linked libraries may be built from files next to the package.
fn revision(dir: &Path) -> Option<String> {
    let mut above = dir.ancestors();
    let checkout = above.find(|dir| dir.join(".cargo-ok").is_file())?;
    let is_of_git = checkout.ancestors().nth(2)?.ends_with("git/checkouts");
    let name = is_of_git.then(|| checkout.file_name())??;
    Some(format!("revision {}", name.to_string_lossy()))
}

fn read(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    format!("{:032x}", normalize::hash(&bytes))
}

/// Returns a digest of the file that the compiler reads for a crate.
pub(super) fn of_bytes(artifact: &Path) -> String {
    let kinds = ["rmeta", "rlib", "so", "dylib", "dll"].into_iter();
    let others = kinds.map(|kind| artifact.with_extension(kind));
    let found = std::iter::once(artifact.to_owned())
        .chain(others)
        .find(|path| path.is_file());
    match found {
        Some(path) => format!("bytes {}", read(&path)),
        None => "nothing".to_owned(),
    }
}
