//! Other crates: which compiled file each name stands for, and whether its
//! source is followed item by item or counts as a whole.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::build_unit::{BuildLayouts, CompiledUnit};
use super::cfg::Cfgs;
use super::database::{CrateDb, CrateId, CrateSource};
use super::manifest::PackageManifest;
use super::name::{Map, Name};
use super::resolve::PathTarget;
use super::shadowed::ShadowedNames;
use super::widen::DeclaredSymbols;

/// The compiled file of each crate, by the name it has in source.
pub(super) type Externs = Map<Name, PathBuf>;

/// How a crate counts that another one names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExternCrate {
    /// By the items that are reached: it lies where people edit it.
    Source,
    /// As a whole: it came from elsewhere and is replaced as a whole.
    Whole,
    /// Not at all: a crate of joblib itself carries results and never changes
    /// one, so that an update of it loses none.
    Joblib,
}

/// The crates that come with the compiler.
const OF_COMPILER: [&str; 5] = ["std", "core", "alloc", "proc_macro", "test"];

/// The crates of joblib.
const JOBLIB: [&str; 3] = ["joblib", "joblib_macros", "joblib_runtime"];

/// Which package a source file belongs to.
#[derive(Clone, Debug, Default)]
pub(super) struct SourceOrigin {
    /// The directory of its `Cargo.toml`.
    pub(super) dir: PathBuf,
    /// How it was compiled; the crate being compiled has no such record.
    pub(super) unit: Option<Arc<CompiledUnit>>,
}

/// What was found of other crates.
#[derive(Debug, Default)]
pub(super) struct Packages {
    units: BuildLayouts,
    known: HashMap<PathBuf, Option<Arc<CompiledUnit>>>,
    opened: HashMap<PathBuf, Option<CrateId>>,
    published: HashMap<PathBuf, Option<Arc<str>>>,
    /// The symbols that crates declare.
    pub(super) declared: HashMap<PathBuf, Arc<DeclaredSymbols>>,
    /// The crates that are followed, and how many were read then.
    below: Option<(usize, Arc<Vec<CrateId>>)>,
    /// Whether crates export something by a symbol.
    pub(super) exporting: HashMap<PathBuf, bool>,
    /// What crates that count as a whole come to.
    pub(super) identities: HashMap<PathBuf, Arc<str>>,
}

impl CrateDb {
    /// Reads the crate being compiled, which becomes the first.
    pub(super) fn open_own(&mut self) -> bool {
        let Some(root) = self.context.root.clone().filter(|root| root.is_file()) else {
            return false;
        };
        let context = &self.context;
        let externs = context.externs.iter().filter_map(|(name, path)| {
            let is_of_compiler = OF_COMPILER.contains(&name.as_str());
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

    /// Looks for a crate that the one being compiled names without a file.
    pub(super) fn find_crate(&mut self, krate: CrateId, name: Name) {
        let is_known = self.krate(krate).externs.contains_key(&name);
        if krate == 0 && !is_known && name != "self" && !OF_COMPILER.contains(&name.as_str()) {
            let found = self.context.crate_files(name.as_str()).into_iter().next();
            let externs = &mut self.crates[0].externs;
            externs.extend(found.map(|path| (name, path)));
        }
    }

    /// Whether `krate` calls a crate of the compiler by this name: one of the build
    /// may have the name.
    pub(super) fn is_of_compiler(&self, krate: CrateId, name: Name) -> bool {
        OF_COMPILER.contains(&name.as_str()) && !self.krate(krate).externs.contains_key(&name)
    }

    /// Whether `krate` calls the standard library by this name, which has no part in
    /// a fingerprint.
    pub(super) fn is_standard_crate(&self, krate: CrateId, name: Name) -> bool {
        matches!(name.as_str(), "std" | "core" | "alloc") && self.is_of_compiler(krate, name)
    }

    /// Whether a path leads into the standard library.
    pub(super) fn is_of_standard(&self, target: &PathTarget) -> bool {
        matches!(target, PathTarget::Foreign(from, krate, _) if self.is_standard_crate(*from, *krate))
    }

    /// Whether a path leads into a crate of joblib.
    pub(super) fn is_ours(&self, target: &PathTarget) -> bool {
        let PathTarget::Foreign(from, krate, _) = target else {
            return false;
        };
        let artifact = self.krate(*from).externs.get(krate);
        artifact.is_some_and(|artifact| is_joblib(artifact))
    }

    /// Whether a path leads to a crate that is not followed, nor the standard
    /// library.
    pub(super) fn is_of_others(&self, target: &PathTarget) -> bool {
        matches!(target, PathTarget::Foreign(..)) && !self.is_of_standard(target)
    }

    /// The unit behind a compiled file.
    pub(super) fn unit(&mut self, artifact: &Path) -> Option<Arc<CompiledUnit>> {
        if let Some(known) = self.packages.known.get(artifact) {
            return known.clone();
        }
        let unit = self.packages.units.find(artifact).map(Arc::new);
        let known = &mut self.packages.known;
        known.insert(artifact.to_owned(), unit.clone());
        unit
    }

    /// How the crate of a compiled file counts.
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

    /// Whether nothing is known of how a crate was compiled, so that its sources
    /// may be other than those that it was compiled from.
    pub(super) fn is_unknown(&mut self, artifact: &Path) -> bool {
        !is_joblib(artifact) && self.unit(artifact).is_none()
    }

    /// What the crate of a compiled file is published as, if it is as it was
    /// published: what is known of such a crate holds for no other of its name.
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

    /// The compiled file of a crate that is followed.
    pub(super) fn artifact_of(&self, id: CrateId) -> Option<PathBuf> {
        let mut opened = self.packages.opened.iter();
        let (artifact, _) = opened.find(|(_, opened)| **opened == Some(id))?;
        Some(artifact.clone())
    }

    /// The crate behind a compiled file, read when first asked for.
    pub(super) fn open_source(&mut self, artifact: &Path) -> Option<CrateId> {
        if let Some(known) = self.packages.opened.get(artifact) {
            return *known;
        }
        // Of one crate, a program is given another file than a library is.
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

    /// What paths of a crate start with: its name, and its place where another
    /// crate has the same name.
    fn label(&self, name: &str, dir: &Path) -> String {
        let is_taken = self.crates.iter().any(|krate| krate.label == name);
        match is_taken {
            true => format!("{name} in {}", self.shown(dir)),
            false => name.to_owned(),
        }
    }

    fn add_crate(&mut self, mut opened: CrateHead) -> CrateId {
        let of_build = |name: &Name, path: &mut PathBuf| {
            !(OF_COMPILER.contains(&name.as_str()) && is_of_toolchain(path))
        };
        opened.externs.retain(of_build);
        let id = self.crates.len() as CrateId;
        let names = |of_joblib: bool| {
            let externs = opened.externs.iter();
            let wanted = externs.filter(|(_, path)| is_joblib(path) == of_joblib);
            wanted.map(|(name, _)| *name).collect()
        };
        let taken = ShadowedNames::by(names(false), names(true));
        let root = self.add_module(Name::new(&opened.label), None, id, false);
        self.crates.push(CrateSource {
            label: opened.label,
            root,
            cfgs: opened.cfgs,
            externs: opened.externs,
            origin: opened.origin,
            edition: opened.edition,
            is_proc_macro: opened.is_proc_macro,
            taken: Arc::new(taken),
            ..CrateSource::default()
        });
        id
    }

    /// The value of an environment variable while `krate` was compiled.
    pub(super) fn variable(&self, krate: CrateId, name: &str) -> Option<String> {
        match &self.krate(krate).origin.unit {
            None => self.context.variable(name),
            Some(unit) => unit.variable(name),
        }
    }
}

impl CrateDb {
    /// The crate that is compiled and those below it that are followed, read if they
    /// are not yet, but for procedural macros and what is below these alone.
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

    /// The names of the variables that were set while `krate` was compiled, as far
    /// as that is known.
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

/// What is known of a crate before it is read.
struct CrateHead {
    label: String,
    cfgs: Cfgs,
    externs: Externs,
    origin: SourceOrigin,
    edition: String,
    is_proc_macro: bool,
}

/// Whether a compiled file is that of a crate of joblib.
fn is_joblib(artifact: &Path) -> bool {
    super::build_unit::crate_name(artifact).is_some_and(|name| JOBLIB.contains(&&*name))
}

/// Whether a compiled file was made from the sources of the standard library, which
/// cargo builds where it is told to.
fn is_of_toolchain(artifact: &Path) -> bool {
    let sources = super::build_unit::sources(artifact);
    let names = sources.first().into_iter().flat_map(|root| root.iter());
    let names: Vec<_> = names.filter_map(|part| part.to_str()).collect();
    let library = ["rustlib", "src", "rust", "library"];
    names.windows(library.len()).any(|part| part == library)
}

/// Whether a directory is where cargo unpacked a package of a registry: what was
/// copied from there may be another text.
pub(super) fn is_unpacked(package: &Path) -> bool {
    index_of(package).is_some()
}

/// The registry that cargo unpacked the package in a directory from.
pub(super) fn index_of(package: &Path) -> Option<String> {
    let mut above = package.iter().rev().skip(1);
    let index = above.next()?.to_str()?;
    let is_of_registry =
        above.next() == Some("src".as_ref()) && above.next() == Some("registry".as_ref());
    if !is_of_registry || !has_version(package) || !package.join(".cargo-ok").is_file() {
        return None;
    }
    // The one of all has two protocols, and a hash of cargo's.
    let of_all = ["index.crates.io-", "github.com-1ecc6299db9ec823"];
    let is_of_all = of_all.iter().any(|start| index.starts_with(start));
    Some(if is_of_all { "crates.io" } else { index }.to_owned())
}

/// Whether the root file of a crate lies where a registry's crates are unpacked,
/// or vendored.
fn is_published(root: &Path) -> bool {
    let mut above = root.ancestors().skip(1).take(8);
    let package = above.find(|dir| dir.join("Cargo.toml").is_file());
    package.is_some_and(|dir| {
        let vendored = std::fs::read_to_string(dir.join(".cargo-checksum.json"));
        // What was vendored from elsewhere has no checksum of its package.
        vendored.is_ok_and(|text| text.contains("\"package\":\"")) || is_unpacked(dir)
    })
}

/// Whether the name of a package's directory ends with a version.
fn has_version(dir: &Path) -> bool {
    let name = dir.file_name().and_then(|name| name.to_str());
    name.and_then(|name| {
        name.split('-')
            .find(|part| part.starts_with(|c: char| c.is_ascii_digit()))
    })
    .is_some_and(|version| version.contains('.'))
}

/// Whether people edit the file where it lies: it is neither of a registry, nor
/// of a checkout of cargo's, nor vendored.
fn is_edited_here(root: &Path) -> bool {
    let names: Vec<_> = root.iter().filter_map(|part| part.to_str()).collect();
    let is_downloaded = names
        .windows(2)
        .any(|pair| matches!(pair, ["registry", "src"] | ["git", "checkouts"]));
    // Cargo puts this file where it unpacks a crate.
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
