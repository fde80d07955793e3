//! Finds how a crate was compiled. For a compiled file that rustc received, the files
//! of cargo and rustc in the same directory contain its sources, features and build
//! script run. The meaning of the crate is determined elsewhere. A build that does
//! not use cargo's layout has no unit.

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
    /// The name of the crate, from its file name.
    pub(super) name: String,
    /// Its source files, the root first.
    pub(super) sources: Vec<PathBuf>,
    /// Whether their paths depend on the working directory of the compiler.
    pub(super) is_relative: bool,
    /// The environment variables that were read during its compilation.
    pub(super) variables: BTreeMap<String, Option<String>>,
    /// The `--cfg` values, including features.
    pub(super) cfgs: BTreeSet<String>,
    /// The crates it depends on, by their names in its source.
    pub(super) dependencies: Vec<(String, PathBuf)>,
    /// Cargo's number of its profile.
    pub(super) profile: u64,
    /// The output directory of its build script.
    pub(super) out_dir: Option<PathBuf>,
    /// The other instructions of its build script, in order.
    pub(super) instructions: Vec<String>,
    /// When its compiler started.
    pub(super) started: Option<SystemTime>,
    /// Whether rustc wrote it to another directory than the one it is in.
    pub(super) is_moved: bool,
    /// The user's flags in its compilation.
    pub(super) flags: Vec<String>,
}

/// The cargo layouts that were read, by directory.
#[derive(Debug, Default)]
pub(super) struct BuildLayouts {
    layouts: BTreeMap<PathBuf, TargetLayout>,
}

impl BuildLayouts {
    /// Returns the unit of the compiled file `artifact`, if cargo built it, its
    /// records are complete, and its sources are those that were compiled.
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
    /// Adds the crates and the build script run that the unit depends on.
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

    /// Returns the value of a variable during its compilation, if the unit read it.
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

    /// Replaces the output directory of the build script in a text.
    pub(super) fn without_out_dir(&self, text: &str) -> String {
        match &self.out_dir {
            Some(dir) => text.replace(&*dir.to_string_lossy(), "OUT_DIR"),
            None => text.to_owned(),
        }
    }

    /// Returns whether the build script links libraries.
    pub(super) fn links(&self) -> bool {
        let mut printed = self.instructions.iter();
        // If `#[link]` names the library, the script prints only the search path.
        let kinds = ["rustc-link-", "rustc-cdylib-link-", "rustc-flags="];
        printed.any(|printed| kinds.iter().any(|kind| printed.starts_with(kind)))
    }

    /// Adds the libraries that the build script links.
    pub(super) fn link(&self, native: &mut NativeLibraries) {
        let out_dir = self.out_dir.as_deref().unwrap_or(Path::new(""));
        for printed in &self.instructions {
            let printed = printed.replace("OUT_DIR", &out_dir.to_string_lossy());
            match printed.split_once('=') {
                Some(("rustc-link-lib", library)) => native.link(library),
                Some(("rustc-link-search", directory)) => native.search(directory),
                Some((kind, argument)) if kind.contains("link-arg") => {
                    native.add_linker_arguments(argument)
                }
                _ => {}
            }
        }
    }

    /// Returns the path of a source relative to the package, or to the output
    /// directory of its build script.
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
            _ => self.without_out_dir(&source.to_string_lossy()),
        }
    }

    /// Returns the root file of the crate.
    pub(super) fn root(&self) -> Option<&Path> {
        self.sources.first().map(PathBuf::as_path)
    }

    /// Returns the directory of the package.
    pub(super) fn package_dir(&self) -> Option<&Path> {
        package_dir(self.root()?)
    }
}

/// Returns the package directory of a root file: the closest parent directory with a
/// manifest.
fn package_dir(root: &Path) -> Option<&Path> {
    let mut above = root.ancestors().skip(1);
    above.find(|dir| dir.join("Cargo.toml").is_file())
}

/// Returns the name of the crate of a compiled file.
pub(super) fn crate_name(artifact: &Path) -> Option<String> {
    split(artifact).map(|(name, _)| name)
}

/// Returns the source files of the crate of a compiled file, its root first; empty if
/// cargo did not build it.
pub(super) fn sources(artifact: &Path) -> Vec<PathBuf> {
    let info = dep_info(artifact).and_then(|path| DepInfo::read(&path));
    info.unwrap_or_default().sources
}

/// Returns the dependency file of a compiled file.
fn dep_info(artifact: &Path) -> Option<PathBuf> {
    let file = match split(artifact)? {
        (name, Some(hash)) => format!("{name}-{hash}.d"),
        (name, None) => format!("{name}.d"),
    };
    Some(artifact.parent()?.join(file))
}

/// Returns the name of the crate and the hash of the unit from the name of a compiled
/// file, for example `libserde-0123456789abcdef.rmeta`. Libraries for other languages
/// have no hash.
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
