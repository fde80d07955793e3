//! What the build tells of a crate: for the compiled file that rustc was given,
//! the files that cargo and rustc left beside it say from which sources, with
//! which features and after which build script it was compiled. What the crate
//! means is for others to say, and a layout that is not cargo's has no unit.

mod compiled;
mod depinfo;
pub(super) mod md5;
mod record;
mod script;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::native_libraries::NativeLibraries;
pub(super) use depinfo::DepInfo;
use record::{TargetLayout, UnitNeed, UnitRecord};

/// A compiled crate and what it was compiled from.
#[derive(Clone, Debug, Default)]
pub(super) struct CompiledUnit {
    /// The name of the crate, as its file has it.
    pub(super) name: String,
    /// The files it was compiled from, its root first.
    pub(super) sources: Vec<PathBuf>,
    /// Whether these are known by where the compiler ran.
    pub(super) is_relative: bool,
    /// Environment variables that it read while it was compiled.
    pub(super) variables: BTreeMap<String, Option<String>>,
    /// What `--cfg` set, features among them.
    pub(super) cfgs: BTreeSet<String>,
    /// The crates it depends on, by the names it gives them.
    pub(super) dependencies: Vec<(String, PathBuf)>,
    /// A number of cargo's for its profile.
    pub(super) profile: u64,
    /// Where its build script wrote.
    pub(super) out_dir: Option<PathBuf>,
    /// What its build script asked for beside `cfgs`, in its order.
    pub(super) instructions: Vec<String>,
    /// When the compiler was started for it.
    pub(super) started: Option<SystemTime>,
    /// Whether rustc wrote it to another directory than it lies in.
    pub(super) is_moved: bool,
    /// Flags of the user's that it was compiled with.
    pub(super) flags: Vec<String>,
}

/// The layouts of cargo's that were looked into, by their directories.
#[derive(Debug, Default)]
pub(super) struct BuildLayouts {
    layouts: BTreeMap<PathBuf, TargetLayout>,
}

impl BuildLayouts {
    /// The unit behind the compiled file at `artifact`, if cargo built it and
    /// says all of it, and its sources are those that were compiled.
    pub(super) fn find(&mut self, artifact: &Path) -> Option<CompiledUnit> {
        let (name, hash) = split(artifact)?;
        let info = DepInfo::read(&dep_info(artifact)?)?;
        let hash = hash.as_deref();
        let profile = artifact.parent()?.parent()?.to_owned();
        let layout = self
            .layouts
            .entry(profile.clone())
            .or_insert_with(|| TargetLayout::open(&profile));
        let dir = info.sources.first().and_then(|root| package_dir(root));
        let record = layout.record(&name, hash, dir, artifact)?;
        let mut unit = CompiledUnit {
            sources: info.sources,
            is_relative: info.is_relative,
            variables: info.variables,
            cfgs: record.cfgs(),
            profile: record.profile,
            started: record.started,
            is_moved: info.is_moved,
            flags: record.flags.clone(),
            name,
            ..CompiledUnit::default()
        };
        unit.follow(&record, layout)?;
        compiled::is_current(&unit, artifact).then_some(unit)
    }
}

impl CompiledUnit {
    /// Finds the crates and the build script run that the unit depends on.
    fn follow(&mut self, record: &UnitRecord, layout: &mut TargetLayout) -> Option<()> {
        for dependency in &record.dependencies {
            match layout.needed(record, dependency)? {
                UnitNeed::Run(run) => {
                    self.cfgs.extend(run.cfgs());
                    self.instructions.extend(run.instructions());
                    self.out_dir = Some(run.out_dir);
                }
                UnitNeed::Crate(file) => self.dependencies.push((dependency.name.clone(), file)),
            }
        }
        Some(())
    }

    /// The value of a variable while it was compiled, if it read that.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        if let Some(value) = self.variables.get(name) {
            return value.clone();
        }
        match name {
            "OUT_DIR" => Some(self.out_dir.as_ref()?.display().to_string()),
            "CARGO_MANIFEST_DIR" => Some(self.package_dir()?.display().to_string()),
            _ => None,
        }
    }

    /// A text without the place where the build script wrote.
    pub(super) fn placeless(&self, text: &str) -> String {
        match &self.out_dir {
            Some(dir) => text.replace(&*dir.to_string_lossy(), "OUT_DIR"),
            None => text.to_owned(),
        }
    }

    /// Whether the build script has libraries linked.
    pub(super) fn links(&self) -> bool {
        let mut told = self.instructions.iter();
        // Where to search is all that is told where `#[link]` names the library.
        let kinds = ["rustc-link-", "rustc-cdylib-link-", "rustc-flags="];
        told.any(|told| kinds.iter().any(|kind| told.starts_with(kind)))
    }

    /// Adds the libraries that the build script has linked.
    pub(super) fn link(&self, native: &mut NativeLibraries) {
        let out_dir = self.out_dir.as_deref().unwrap_or(Path::new(""));
        for told in &self.instructions {
            let told = told.replace("OUT_DIR", &out_dir.to_string_lossy());
            match told.split_once('=') {
                Some(("rustc-link-lib", library)) => native.link(library),
                Some(("rustc-link-search", directory)) => native.search(directory),
                Some((kind, argument)) if kind.contains("link-arg") => native.argue(argument),
                _ => {}
            }
        }
    }

    /// Where a source lies in the package, or where its build script put it.
    pub(super) fn place(&self, source: &Path, package: &Path) -> String {
        match source.strip_prefix(package) {
            Ok(rest)
                if self
                    .out_dir
                    .as_ref()
                    .is_none_or(|dir| !source.starts_with(dir)) =>
            {
                rest.display().to_string()
            }
            _ => self.placeless(&source.to_string_lossy()),
        }
    }

    /// The root file of the crate.
    pub(super) fn root(&self) -> Option<&Path> {
        self.sources.first().map(PathBuf::as_path)
    }

    /// The directory of the package.
    pub(super) fn package_dir(&self) -> Option<&Path> {
        package_dir(self.root()?)
    }
}

/// The directory of the package of a root file: the closest above that has a
/// manifest.
fn package_dir(root: &Path) -> Option<&Path> {
    let mut above = root.ancestors().skip(1);
    above.find(|dir| dir.join("Cargo.toml").is_file())
}

/// The name of the crate behind a compiled file.
pub(super) fn crate_name(artifact: &Path) -> Option<String> {
    split(artifact).map(|(name, _)| name)
}

/// The files of the crate behind a compiled file, its root first; none where
/// cargo did not build it.
pub(super) fn sources(artifact: &Path) -> Vec<PathBuf> {
    let info = dep_info(artifact).and_then(|path| DepInfo::read(&path));
    info.unwrap_or_default().sources
}

/// Where rustc says what a compiled file was compiled from.
fn dep_info(artifact: &Path) -> Option<PathBuf> {
    let file = match split(artifact)? {
        (name, Some(hash)) => format!("{name}-{hash}.d"),
        (name, None) => format!("{name}.d"),
    };
    Some(artifact.parent()?.join(file))
}

/// The name of the crate and the hash of the unit in the name of a compiled
/// file, such as `libserde-0123456789abcdef.rmeta`; what other languages link to
/// has no hash.
fn split(artifact: &Path) -> Option<(String, Option<String>)> {
    let stem = artifact.file_stem()?.to_str()?;
    let stem = match artifact.extension()?.to_str()? {
        "dll" => stem,
        _ => stem.strip_prefix("lib").unwrap_or(stem),
    };
    let is_hash = |hash: &str| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    match stem.rsplit_once('-') {
        Some((name, hash)) if is_hash(hash) => Some((name.to_owned(), Some(hash.to_owned()))),
        _ => Some((stem.to_owned(), None)),
    }
}
