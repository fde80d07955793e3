//! Other crates: those of the workspace, whose source is read, and the rest,
//! which count by what `Cargo.lock` says of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::context::Origin;
use super::name::{Map, Name};
use super::world::{CrateId, Krate, World};

/// Crates by the name they have in source.
pub(super) type Externs = Map<Name, Extern>;

/// A crate that another one names.
#[derive(Clone, Debug)]
pub(super) enum Extern {
    /// A crate whose source lies in this directory.
    Source(PathBuf),
    /// A package of this name, and what the manifests say of it.
    Package { name: String, entry: String },
    /// A crate known only by its compiled file.
    Stem(String),
    /// A crate of joblib itself: it carries results and never changes one, so
    /// that an update of it loses none.
    Joblib,
}

/// The packages of joblib.
const JOBLIB: [&str; 3] = ["joblib", "joblib-macros", "joblib-runtime"];

/// What was read of manifests and the lock file.
#[derive(Debug, Default)]
pub(super) struct Packages {
    opened: HashMap<PathBuf, Option<CrateId>>,
    lock: Option<Lock>,
    versions: HashMap<(PathBuf, String), String>,
}

/// A package in `Cargo.lock`.
#[derive(Debug, Default, Clone)]
struct Locked {
    name: String,
    version: String,
    source: String,
    checksum: String,
    dependencies: Vec<String>,
}

type Lock = Vec<Locked>;

/// A manifest and that of its workspace.
struct Manifest {
    dir: PathBuf,
    table: Table,
    workspace_dir: PathBuf,
    workspace: Table,
}

impl Manifest {
    fn read(dir: &Path) -> Option<Manifest> {
        let table = read_table(&dir.join("Cargo.toml"))?;
        let mut workspace_dir = dir.to_owned();
        let mut workspace = table.clone();
        for above in dir.ancestors() {
            if let Some(found) = read_table(&above.join("Cargo.toml"))
                && found.contains_key("workspace")
            {
                workspace_dir = above.to_owned();
                workspace = found;
                break;
            }
        }
        Some(Manifest {
            dir: dir.to_owned(),
            table,
            workspace_dir,
            workspace,
        })
    }

    fn package_name(&self) -> String {
        text_at(&self.table, &["package", "name"]).unwrap_or_default()
    }

    fn lib_name(&self) -> String {
        text_at(&self.table, &["lib", "name"])
            .unwrap_or_else(|| self.package_name())
            .replace('-', "_")
    }

    fn lib_path(&self) -> PathBuf {
        let path = text_at(&self.table, &["lib", "path"]);
        self.dir.join(path.as_deref().unwrap_or("src/lib.rs"))
    }

    fn is_proc_macro(&self) -> bool {
        let lib = self.table.get("lib").and_then(Value::as_table);
        lib.is_some_and(|lib| {
            ["proc-macro", "proc_macro"]
                .iter()
                .any(|key| lib.get(*key).and_then(Value::as_bool) == Some(true))
        })
    }

    fn externs(&self) -> Externs {
        let mut externs = Externs::default();
        let targets = self.table.get("target").and_then(Value::as_table);
        let tables = std::iter::once(&self.table).chain(
            targets
                .into_iter()
                .flat_map(|t| t.values().filter_map(Value::as_table)),
        );
        for table in tables {
            for section in ["dependencies", "dev-dependencies", "dev_dependencies"] {
                let entries = table.get(section).and_then(Value::as_table);
                for (key, entry) in entries.into_iter().flatten() {
                    self.add_extern(&mut externs, key, entry);
                }
            }
        }
        externs
    }

    fn add_extern(&self, externs: &mut Externs, key: &str, entry: &Value) {
        let inherited = entry.get("workspace").and_then(Value::as_bool) == Some(true);
        let shared = self
            .workspace
            .get("workspace")
            .and_then(|w| w.get("dependencies"))
            .and_then(|d| d.get(key))
            .filter(|_| inherited);
        let find = |field: &str| {
            let own = entry
                .get(field)
                .and_then(Value::as_str)
                .map(|v| (v, &self.dir));
            own.or_else(|| {
                let value = shared?.get(field)?.as_str()?;
                Some((value, &self.workspace_dir))
            })
        };
        let package = find("package").map_or(key, |(name, _)| name).to_owned();
        let local = find("path")
            .map(|(path, base)| base.join(path))
            .or_else(|| {
                let patches = self.workspace.get("patch").and_then(Value::as_table)?;
                let path = patches
                    .values()
                    .find_map(|source| source.get(&package)?.get("path")?.as_str())?;
                Some(self.workspace_dir.join(path))
            });
        let name = Name::new(&key.replace('-', "_"));
        let local = local.filter(|dir| dir.join("Cargo.toml").is_file());
        let found = match local {
            _ if JOBLIB.contains(&package.as_str()) => Extern::Joblib,
            Some(dir) => {
                let renamed = entry.get("package").is_some()
                    || shared.is_some_and(|s| s.get("package").is_some());
                let lib = Manifest::read(&dir).map(|manifest| manifest.lib_name());
                if let Some(lib) = lib.filter(|_| !renamed) {
                    externs.insert(Name::new(&lib), Extern::Source(dir.clone()));
                }
                Extern::Source(dir)
            }
            None => {
                let entry = format!("{entry:?} {shared:?}");
                Extern::Package {
                    name: package,
                    entry,
                }
            }
        };
        match (externs.get_mut(&name), found) {
            (Some(Extern::Package { entry, .. }), Extern::Package { entry: more, .. }) => {
                entry.push_str(&more);
            }
            (_, found) => {
                externs.insert(name, found);
            }
        }
    }
}

impl World {
    /// Reads the crate being compiled, which becomes the first.
    pub(super) fn open_own(&mut self) -> bool {
        let Some(root) = self.context.root.clone().filter(|root| root.is_file()) else {
            return false;
        };
        let manifest = Manifest::read(&self.context.manifest_dir);
        let mut externs = manifest.as_ref().map(Manifest::externs).unwrap_or_default();
        let mut package = String::new();
        if let Some(manifest) = &manifest {
            package = manifest.package_name();
            let lib = manifest.lib_path();
            if lib.is_file() && lib.canonicalize().ok() != root.canonicalize().ok() {
                let own = match JOBLIB.contains(&package.as_str()) {
                    true => Extern::Joblib,
                    false => Extern::Source(manifest.dir.clone()),
                };
                externs.insert(Name::new(&manifest.lib_name()), own);
            }
        }
        for (name, path) in &self.context.externs {
            let stem = path.as_ref().and_then(|path| path.file_stem());
            let stem = stem.map(|stem| stem.to_string_lossy().into_owned());
            externs
                .entry(Name::new(name))
                .or_insert(Extern::Stem(stem.unwrap_or_default()));
        }
        let origin = Origin {
            dir: self.context.manifest_dir.clone(),
            package,
            is_own: true,
        };
        let cfgs = self.context.cfgs.clone();
        let id = self.add_crate("crate".to_owned(), cfgs, externs, origin, false);
        self.index(id, &root);
        true
    }

    /// The crate whose manifest lies in `dir`, read when first asked for.
    pub(super) fn open_source(&mut self, dir: &Path) -> Option<CrateId> {
        let dir = dir.canonicalize().ok()?;
        if let Some(known) = self.packages.opened.get(&dir) {
            return *known;
        }
        let id = self.read_source(&dir);
        self.packages.opened.insert(dir, id);
        id
    }

    fn read_source(&mut self, dir: &Path) -> Option<CrateId> {
        let manifest = Manifest::read(dir)?;
        let path = manifest.lib_path();
        if !path.is_file() {
            return None;
        }
        let origin = Origin {
            dir: dir.to_owned(),
            package: manifest.package_name(),
            is_own: false,
        };
        let cfgs = self.context.cfgs.for_dependency();
        let is_proc_macro = manifest.is_proc_macro();
        let id = self.add_crate(
            manifest.lib_name(),
            cfgs,
            manifest.externs(),
            origin,
            is_proc_macro,
        );
        self.packages.opened.insert(dir.to_owned(), Some(id));
        self.index(id, &path);
        Some(id)
    }

    fn add_crate(
        &mut self,
        label: String,
        cfgs: super::cfg::Cfgs,
        externs: Externs,
        origin: Origin,
        is_proc_macro: bool,
    ) -> CrateId {
        let id = self.crates.len() as CrateId;
        let root = self.add_module(Name::new(&label), None, id, false);
        self.crates.push(Krate {
            label,
            root,
            cfgs,
            externs,
            origin,
            free: Map::default(),
            members: Map::default(),
            children: Map::default(),
            impls: Vec::new(),
            invocations: Vec::new(),
            blocks: Map::default(),
            is_proc_macro,
        });
        id
    }

    /// What the crate that `from` calls `name` counts by: its version, source
    /// and features, and those of all it depends on.
    pub(super) fn version_of(&mut self, from: CrateId, name: Name) -> String {
        let (package, entry) = match self.krate(from).externs.get(&name) {
            Some(Extern::Package { name, entry }) => (name.clone(), entry.clone()),
            Some(Extern::Stem(stem)) => return stem.clone(),
            _ => return String::new(),
        };
        let key = (self.krate(from).origin.dir.clone(), package.clone());
        if let Some(known) = self.packages.versions.get(&key) {
            return format!("{entry} {known}");
        }
        let lock = self.lock();
        let own = &self.krate(from).origin.package;
        let stems = || {
            let stem = self
                .context
                .externs
                .iter()
                .find(|(n, _)| name == n.as_str());
            stem.map_or_else(String::new, |(_, path)| format!("{path:?}"))
        };
        let text = if lock.is_empty() {
            stems()
        } else {
            closure(&lock, own, &package)
        };
        self.packages.versions.insert(key, text.clone());
        format!("{entry} {text}")
    }

    /// The compiled files of the crates whose source is read: cargo names
    /// them by their features.
    pub(super) fn source_stems(&self) -> Vec<String> {
        let externs = &self.krate(0).externs;
        let is_source =
            |name: &str| matches!(externs.get(&Name::new(name)), Some(Extern::Source(_)));
        let mut stems: Vec<String> = self
            .context
            .externs
            .iter()
            .filter(|(name, _)| is_source(name))
            .filter_map(|(_, path)| Some(path.as_ref()?.file_stem()?.to_string_lossy().into()))
            .collect();
        stems.sort();
        stems
    }

    /// Every line of the lock file that counts for scope `crate`.
    pub(super) fn lock_text(&mut self) -> String {
        format!("{:?}", self.lock())
    }

    fn lock(&mut self) -> Lock {
        if self.packages.lock.is_none() {
            let found = self
                .context
                .manifest_dir
                .ancestors()
                .find_map(|dir| std::fs::read_to_string(dir.join("Cargo.lock")).ok());
            self.packages.lock = Some(found.map(|text| parse_lock(&text)).unwrap_or_default());
        }
        self.packages.lock.clone().unwrap_or_default()
    }
}

/// The packages called `package` that `own` depends on, and all below them.
fn closure(lock: &Lock, own: &str, package: &str) -> String {
    let is_named = |entry: &String| entry.split(' ').next() == Some(package);
    let mut queue: Vec<String> = lock
        .iter()
        .filter(|locked| locked.name == own && locked.source.is_empty())
        .flat_map(|locked| {
            locked
                .dependencies
                .iter()
                .filter(|entry| is_named(entry))
                .cloned()
        })
        .collect();
    if queue.is_empty() {
        queue.push(package.to_owned());
    }
    let mut found = BTreeMap::new();
    let mut seen = BTreeSet::new();
    while let Some(entry) = queue.pop() {
        if !seen.insert(entry.clone()) {
            continue;
        }
        let mut words = entry.split(' ');
        let (name, version) = (words.next().unwrap_or_default(), words.next());
        for locked in lock.iter().filter(|locked| {
            locked.name == name && version.is_none_or(|version| locked.version == version)
        }) {
            let text = format!("{} {}", locked.source, locked.checksum);
            found.insert((locked.name.clone(), locked.version.clone()), text);
            queue.extend(locked.dependencies.iter().cloned());
        }
    }
    format!("{found:?}")
}

fn parse_lock(text: &str) -> Lock {
    let mut lock = Lock::new();
    for line in text.lines() {
        if line == "[[package]]" {
            lock.push(Locked::default());
            continue;
        }
        let Some(package) = lock.last_mut() else {
            continue;
        };
        let value = |rest: &str| rest.trim().trim_matches('"').to_owned();
        match line.split_once(" = ") {
            Some(("name", rest)) => package.name = value(rest),
            Some(("version", rest)) => package.version = value(rest),
            Some(("source", rest)) => package.source = value(rest),
            Some(("checksum", rest)) => package.checksum = value(rest),
            _ if line.starts_with(" \"") => {
                package
                    .dependencies
                    .push(line.trim_matches([' ', '"', ',']).to_owned());
            }
            _ => {}
        }
    }
    lock
}

fn read_table(path: &Path) -> Option<Table> {
    std::fs::read_to_string(path).ok()?.parse().ok()
}

fn text_at(table: &Table, path: &[&str]) -> Option<String> {
    let (last, tables) = path.split_last()?;
    let mut table = table;
    for name in tables {
        table = table.get(*name)?.as_table()?;
    }
    Some(table.get(*last)?.as_str()?.to_owned())
}
