//! Other crates: the compiled file for each crate name, and whether its source is
//! followed item by item or counts as a whole.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::build_unit::{BuildLayouts, CompiledUnit};
use super::cfg::Cfgs;
use super::database::{CrateDb, CrateId, CrateSource};
use super::item_list::CoveredItem;
use super::manifest::PackageManifest;
use super::name::{Map, Name};
use super::resolve::PathTarget;
use super::shadowed::ShadowedNames;
use super::widen::DeclaredSymbols;

/// The compiled file of each crate, by its name in source.
pub(super) type Externs = Map<Name, PathBuf>;

/// How a referenced crate counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExternCrate {
    /// By its reached items: its source is edited locally.
    Source,
    /// As a whole: it was downloaded and is replaced as a whole.
    Whole,
    /// Not at all: a crate of joblib transports results and never changes one, so an
    /// update of it must not invalidate results.
    Joblib,
}

/// The crates that come with the compiler.
const COMPILER_CRATES: [&str; 5] = ["std", "core", "alloc", "proc_macro", "test"];

/// The crates of joblib.
const JOBLIB_CRATES: [&str; 3] = ["joblib", "joblib_macros", "joblib_runtime"];

/// The package of a source file.
#[derive(Clone, Debug, Default)]
pub(super) struct SourceOrigin {
    /// The directory of its `Cargo.toml`.
    pub(super) dir: PathBuf,
    /// How it was compiled; empty for the crate that is being compiled.
    pub(super) unit: Option<Arc<CompiledUnit>>,
}

/// A cache of what is known of other crates.
#[derive(Debug, Default)]
pub(super) struct Packages {
    units: BuildLayouts,
    known: HashMap<PathBuf, Option<Arc<CompiledUnit>>>,
    opened: HashMap<PathBuf, Option<CrateId>>,
    published: HashMap<PathBuf, Option<Arc<str>>>,
    /// The symbols that crates declare.
    pub(super) declared: HashMap<PathBuf, Arc<DeclaredSymbols>>,
    /// The followed crates, and the number of crates when the list was computed.
    below: Option<(usize, Arc<Vec<CrateId>>)>,
    /// Whether crates export a symbol.
    pub(super) exporting: HashMap<PathBuf, bool>,
    /// The identities of crates that count as a whole.
    pub(super) identities: HashMap<PathBuf, Arc<str>>,
    /// The same without the crates that they depend on.
    pub(super) own_hashes: HashMap<PathBuf, u64>,
    /// What is listed of crates that count as a whole.
    pub(super) listed: HashMap<PathBuf, Arc<BTreeSet<CoveredItem>>>,
}

impl CrateDb {
    /// Reads the compiled crate, which gets the first id.
    pub(super) fn open_own(&mut self) -> bool {
        let Some(root) = self.context.root.clone().filter(|root| root.is_file()) else {
            return false;
        };
        let context = &self.context;
        let externs = context.externs.iter().filter_map(|(name, path)| {
            let is_of_compiler = COMPILER_CRATES.contains(&name.as_str());
            let files = || context.crate_files(name).into_iter();
            let found = || files().next().filter(|_| !is_of_compiler);
            Some((Name::new(name), path.clone().or_else(found)?))
        });
        let krate = CrateHead {
            label: "crate".to_owned(),
            cfgs: self.context.cfgs.clone(),
            externs: externs.collect(),
            origin: SourceOrigin {
                dir: self.context.manifest_dir.clone(),
                unit: None,
            },
            edition: self.context.edition.clone(),
            is_proc_macro: false,
        };
        let id = self.add_crate(krate);
        self.index(id, &root);
        true
    }

    /// Searches a crate that the compiled crate names without a file.
    pub(super) fn find_crate(&mut self, krate: CrateId, name: Name) {
        let is_known = self.krate(krate).externs.contains_key(&name);
        if krate == 0 && !is_known && name != "self" && !COMPILER_CRATES.contains(&name.as_str()) {
            let found = self.context.crate_files(name.as_str()).into_iter().next();
            let externs = &mut self.crates[0].externs;
            externs.extend(found.map(|path| (name, path)));
        }
    }

    /// Returns whether `name` in `krate` refers to a crate of the compiler. A crate
    /// of the build may have that name.
    pub(super) fn is_of_compiler(&self, krate: CrateId, name: Name) -> bool {
        COMPILER_CRATES.contains(&name.as_str()) && !self.krate(krate).externs.contains_key(&name)
    }

    /// Returns whether `name` in `krate` refers to the standard library, which does
    /// not take part in a fingerprint.
    pub(super) fn is_standard_crate(&self, krate: CrateId, name: Name) -> bool {
        matches!(name.as_str(), "std" | "core" | "alloc") && self.is_of_compiler(krate, name)
    }

    /// Returns whether a path leads into the standard library.
    pub(super) fn is_of_standard(&self, target: &PathTarget) -> bool {
        matches!(target, PathTarget::Foreign(from, krate, _) if self.is_standard_crate(*from, *krate))
    }

    /// Returns whether a path leads into a crate of joblib.
    pub(super) fn is_joblib_target(&self, target: &PathTarget) -> bool {
        let PathTarget::Foreign(from, krate, _) = target else {
            return false;
        };
        let artifact = self.krate(*from).externs.get(krate);
        artifact.is_some_and(|artifact| is_joblib(artifact))
    }

    /// Returns whether a path leads to a crate that is neither followed nor the
    /// standard library.
    pub(super) fn is_of_others(&self, target: &PathTarget) -> bool {
        matches!(target, PathTarget::Foreign(..)) && !self.is_of_standard(target)
    }

    /// Returns the unit of a compiled file.
    pub(super) fn unit(&mut self, artifact: &Path) -> Option<Arc<CompiledUnit>> {
        if let Some(known) = self.packages.known.get(artifact) {
            return known.clone();
        }
        let unit = self.packages.units.find(artifact).map(Arc::new);
        let known = &mut self.packages.known;
        known.insert(artifact.to_owned(), unit.clone());
        unit
    }

    /// Returns how the crate of a compiled file counts.
    pub(super) fn extern_kind(&mut self, artifact: &Path) -> ExternCrate {
        if is_joblib(artifact) {
            return ExternCrate::Joblib;
        }
        match super::build_unit::sources(artifact).first() {
            Some(root) if is_edited_here(root) && self.unit(artifact).is_some() => {
                ExternCrate::Source
            }
            _ => ExternCrate::Whole,
        }
    }

    /// Returns whether it is unknown how a crate was compiled, so that its sources
    /// may differ from those that were compiled.
    pub(super) fn is_unknown(&mut self, artifact: &Path) -> bool {
        !is_joblib(artifact) && self.unit(artifact).is_none()
    }

    /// Returns the published name of the crate of a compiled file, if its sources are
    /// as published. Knowledge about a published crate does not apply to other crates
    /// of the same name.
    pub(super) fn published(&mut self, artifact: &Path) -> Option<Arc<str>> {
        if let Some(known) = self.packages.published.get(artifact) {
            return known.clone();
        }
        let name = super::build_unit::crate_name(artifact).filter(|_| {
            let sources = super::build_unit::sources(artifact);
            sources.first().is_some_and(|root| is_published(root))
        });
        let name: Option<Arc<str>> = name.map(Into::into);
        let published = &mut self.packages.published;
        published.insert(artifact.to_owned(), name.clone());
        name
    }

    /// Returns the compiled file of a followed crate.
    pub(super) fn artifact_of(&self, id: CrateId) -> Option<PathBuf> {
        let mut opened = self.packages.opened.iter();
        let (artifact, _) = opened.find(|(_, opened)| **opened == Some(id))?;
        Some(artifact.clone())
    }

    /// Returns the crate of a compiled file and reads it on first use.
    pub(super) fn open_source(&mut self, artifact: &Path) -> Option<CrateId> {
        if let Some(known) = self.packages.opened.get(artifact) {
            return *known;
        }
        // A binary and a library get different files of the same crate.
        let is_same = |known: &PathBuf| known.with_extension("") == artifact.with_extension("");
        let mut opened = self.packages.opened.iter();
        let known = opened.find(|(known, _)| is_same(known)).map(|(_, id)| *id);
        let id = known.unwrap_or_else(|| self.read_source(artifact));
        self.packages.opened.insert(artifact.to_owned(), id);
        id
    }

    fn read_source(&mut self, artifact: &Path) -> Option<CrateId> {
        if self.extern_kind(artifact) != ExternCrate::Source {
            return None;
        }
        let unit = self.unit(artifact)?;
        let root = unit.root()?.to_owned();
        let dir = unit.package_dir()?.to_owned();
        let manifest = PackageManifest::read(&dir)?;
        let named = unit.dependencies.iter();
        let externs = named.map(|(name, path)| (Name::new(name), path.clone()));
        let krate = CrateHead {
            label: self.label(&unit.name, &dir),
            cfgs: Cfgs {
                set: unit.cfgs.iter().cloned().collect(),
                complete: !self.context.is_wrapped,
                native: self.context.cfgs.native || manifest.is_proc_macro,
                ..Cfgs::default()
            },
            externs: externs.collect(),
            origin: SourceOrigin {
                dir,
                unit: Some(Arc::clone(&unit)),
            },
            edition: manifest.edition,
            is_proc_macro: manifest.is_proc_macro,
        };
        let id = self.add_crate(krate);
        self.packages.opened.insert(artifact.to_owned(), Some(id));
        self.index(id, &root);
        Some(id)
    }

    /// Returns the first segment of the paths of a crate: its name, and also its
    /// location if another crate has the same name.
    fn label(&self, name: &str, dir: &Path) -> String {
        let is_taken = self.crates.iter().any(|krate| krate.label == name);
        match is_taken {
            true => format!("{name} in {}", self.shown(dir)),
            false => name.to_owned(),
        }
    }

    fn add_crate(&mut self, mut opened: CrateHead) -> CrateId {
        let of_build = |name: &Name, path: &mut PathBuf| {
            !(COMPILER_CRATES.contains(&name.as_str()) && is_of_toolchain(path))
        };
        opened.externs.retain(of_build);
        let id = self.crates.len() as CrateId;
        let names = |of_joblib: bool| {
            let externs = opened.externs.iter();
            let wanted = externs.filter(|(_, path)| is_joblib(path) == of_joblib);
            wanted.map(|(name, _)| *name).collect()
        };
        let shadowed = ShadowedNames::by(names(false), names(true));
        let root = self.add_module(Name::new(&opened.label), None, id, false);
        self.crates.push(CrateSource {
            label: opened.label,
            root,
            cfgs: opened.cfgs,
            externs: opened.externs,
            origin: opened.origin,
            edition: opened.edition,
            is_proc_macro: opened.is_proc_macro,
            shadowed: Arc::new(shadowed),
            ..CrateSource::default()
        });
        id
    }

    /// Returns the value of an environment variable during the compilation of
    /// `krate`.
    pub(super) fn variable(&self, krate: CrateId, name: &str) -> Option<String> {
        match &self.krate(krate).origin.unit {
            None => self.context.variable(name),
            Some(unit) => unit.variable(name),
        }
    }
}

impl CrateDb {
    /// Returns the compiled crate and the followed crates it depends on, except
    /// procedural macros and their dependencies. Reads them if necessary.
    pub(super) fn crates_below(&mut self) -> Arc<Vec<CrateId>> {
        if let Some((count, known)) = &self.packages.below
            && *count == self.crates.len()
        {
            return Arc::clone(known);
        }
        let mut found: Vec<CrateId> = vec![0];
        let mut at = 0;
        while let Some(&krate) = found.get(at) {
            at += 1;
            let mut names: Vec<Name> = self.krate(krate).externs.keys().copied().collect();
            names.sort_unstable();
            for name in names {
                if let Some(PathTarget::Module(root)) = self.extern_target(krate, name) {
                    let below = self.module(root).krate;
                    if !found.contains(&below) && !self.krate(below).is_proc_macro {
                        found.push(below);
                    }
                }
            }
        }
        let found = Arc::new(found);
        self.packages.below = Some((self.crates.len(), Arc::clone(&found)));
        found
    }

    /// Returns the known names of the variables that were set during the compilation
    /// of `krate`.
    pub(super) fn variable_names(&self, krate: CrateId) -> Vec<String> {
        match &self.krate(krate).origin.unit {
            None => self.context.variable_names(),
            Some(unit) => {
                let places = ["CARGO_MANIFEST_DIR", "OUT_DIR"].map(str::to_owned);
                unit.variables.keys().cloned().chain(places).collect()
            }
        }
    }
}

/// What is known of a crate before its source is read.
struct CrateHead {
    label: String,
    cfgs: Cfgs,
    externs: Externs,
    origin: SourceOrigin,
    edition: String,
    is_proc_macro: bool,
}

/// Returns whether a compiled file belongs to a crate of joblib.
fn is_joblib(artifact: &Path) -> bool {
    super::build_unit::crate_name(artifact).is_some_and(|name| JOBLIB_CRATES.contains(&&*name))
}

/// Returns whether a compiled file was built from the sources of the standard
/// library, which cargo does with `build-std`.
fn is_of_toolchain(artifact: &Path) -> bool {
    let sources = super::build_unit::sources(artifact);
    let names = sources.first().into_iter().flat_map(|root| root.iter());
    let names: Vec<_> = names.filter_map(|part| part.to_str()).collect();
    let library = ["rustlib", "src", "rust", "library"];
    names.windows(library.len()).any(|part| part == library)
}

/// Returns whether cargo unpacked a registry package into this directory. A copy of
/// such a directory may have been edited.
pub(super) fn is_unpacked(package: &Path) -> bool {
    index_of(package).is_some()
}

/// Returns the registry from which cargo unpacked the package in a directory.
pub(super) fn index_of(package: &Path) -> Option<String> {
    let mut above = package.iter().rev().skip(1);
    let index = above.next()?.to_str()?;
    let is_of_registry =
        above.next() == Some("src".as_ref()) && above.next() == Some("registry".as_ref());
    if !is_of_registry || !has_version(package) || !package.join(".cargo-ok").is_file() {
        return None;
    }
    // crates.io has two protocols, and cargo adds a hash.
    let of_all = ["index.crates.io-", "github.com-1ecc6299db9ec823"];
    let is_of_all = of_all.iter().any(|start| index.starts_with(start));
    Some(if is_of_all { "crates.io" } else { index }.to_owned())
}

/// Returns whether the root file of a crate is in an unpacked or vendored registry
/// package.
fn is_published(root: &Path) -> bool {
    let mut above = root.ancestors().skip(1).take(8);
    let package = above.find(|dir| dir.join("Cargo.toml").is_file());
    package.is_some_and(|dir| {
        let vendored = std::fs::read_to_string(dir.join(".cargo-checksum.json"));
        // A vendored package from another source has no package checksum.
        vendored.is_ok_and(|text| text.contains("\"package\":\"")) || is_unpacked(dir)
    })
}

/// Returns whether the name of a package directory ends with a version.
fn has_version(dir: &Path) -> bool {
    let name = dir.file_name().and_then(|name| name.to_str());
    name.and_then(|name| {
        name.split('-')
            .find(|part| part.starts_with(|c: char| c.is_ascii_digit()))
    })
    .is_some_and(|version| version.contains('.'))
}

/// Returns whether the file is edited locally: it is not in a registry, a git
/// checkout of cargo or a vendored package.
fn is_edited_here(root: &Path) -> bool {
    let names: Vec<_> = root.iter().filter_map(|part| part.to_str()).collect();
    let is_downloaded = names
        .windows(2)
        .any(|pair| matches!(pair, ["registry", "src"] | ["git", "checkouts"]));
    // Cargo writes this file when it unpacks a crate.
    let is_unpacked = || {
        let mut above = root.ancestors().skip(1).take(8);
        above.any(|dir| dir.join(".cargo-ok").is_file())
    };
    let is_vendored = || {
        let above = root.ancestors().skip(1);
        above
            .take(3)
            .any(|dir| dir.join(".cargo-checksum.json").is_file())
    };
    !(is_vendored() || (is_downloaded && is_unpacked()))
}
