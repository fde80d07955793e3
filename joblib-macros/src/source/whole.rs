//! Crates that count as a whole: by all that they were compiled from, features
//! and build script included, and by the crates below them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::asserts;
use super::canon;
use super::context::Native;
use super::crates::{Extern, is_unpacked};
use super::include::{files_below, is_apart};
use super::known::crates::{REGISTRIES, is_indifferent};
use super::name::Name;
use super::unit::Unit;
use super::world::{CrateId, World};

/// Variables that say where a crate lies and not what it is.
pub(super) const PLACES: &[&str] = &[
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_TARGET_TMPDIR",
    "OUT_DIR",
];

impl World {
    /// What the crate that `from` calls `name` counts by.
    pub(super) fn counts_by(&mut self, from: CrateId, name: Name) -> Arc<str> {
        let Some(artifact) = self.krate(from).externs.get(&name).cloned() else {
            return Arc::from("");
        };
        let identity = self.identity(&artifact);
        if from != 0 || self.context.is_given(name.as_str()) {
            return identity;
        }
        // Which of these rustc took is written in them.
        let files = self.context.crate_files(name.as_str()).into_iter();
        let others = files.filter(|file| *file != artifact);
        let others: String = others.map(|file| of_bytes(&file)).collect();
        format!("{identity}{others}").into()
    }

    /// What a compiled crate counts by: what it was compiled from if the build
    /// tells, and otherwise its own bytes.
    pub(super) fn identity(&mut self, artifact: &Path) -> Arc<str> {
        if let Some(known) = self.packages.identities.get(artifact) {
            return Arc::clone(known);
        }
        let identity: Arc<str> = match self.extern_kind(artifact) {
            Extern::Joblib => Arc::from(""),
            _ => match self.unit(artifact) {
                Some(unit) => self.of_unit(&unit).into(),
                None => of_bytes(artifact).into(),
            },
        };
        let identities = &mut self.packages.identities;
        identities.insert(artifact.to_owned(), Arc::clone(&identity));
        identity
    }

    fn of_unit(&mut self, unit: &Unit) -> String {
        let mut lines = vec![format!("{} {:?}", unit.name, unit.cfgs)];
        for (name, value) in &unit.variables {
            if !PLACES.contains(&name.as_str()) {
                lines.push(format!(
                    "{name}={:?}",
                    value.as_ref().map(|v| unit.placeless(v))
                ));
            }
        }
        lines.extend(unit.instructions.iter().cloned());
        lines.extend(self.contents(unit));
        for (name, artifact) in &unit.dependencies {
            lines.push(format!("{name} {}", self.identity(artifact)));
        }
        format!("{:032x}", canon::hash(lines.join("\n").as_bytes()))
    }

    /// The files that a unit was compiled from. What a registry has under one
    /// version never changes, so that sizes suffice; all else is read.
    fn contents(&mut self, unit: &Unit) -> Vec<String> {
        let dir = unit.package_dir().map(Path::to_owned).unwrap_or_default();
        let is_published = is_unpacked(&dir);
        let mut lines = Vec::new();
        if is_published {
            lines.extend(
                dir.file_name()
                    .map(|name| name.to_string_lossy().into_owned()),
            );
        }
        lines.push(read(&dir.join("Cargo.toml")));
        if !is_published && unit.links() {
            lines.extend(self.foreign_sources(unit, &dir));
        }
        let mut asks = false;
        let may_ask = !(is_published && is_indifferent(&unit.name));
        for source in &unit.sources {
            let place = unit.place(source, &dir);
            let is_root = unit.root() == Some(source);
            let is_in_package = source.starts_with(&dir);
            if is_published && is_in_package {
                let size = source.metadata().map_or(0, |metadata| metadata.len());
                lines.push(format!("{place} {size}"));
                let bytes = || std::fs::read(source).unwrap_or_default();
                asks |= may_ask && !asks && asserts::asks(&bytes(), is_root);
            } else {
                let bytes = std::fs::read(source).unwrap_or_default();
                lines.push(format!("{place} {:032x}", canon::hash(&bytes)));
                asks |= may_ask && asserts::asks(&bytes, is_root);
            }
        }
        if asks {
            lines.push(format!("profile {}", unit.profile));
        }
        lines
    }

    /// The files of a package whose build script has libraries linked, which are
    /// made of them; where they are too many, the libraries.
    fn foreign_sources(&mut self, unit: &Unit, dir: &Path) -> Vec<String> {
        let mut files = files_below(dir, &is_apart);
        if files.has_more {
            let mut native = Native::default();
            unit.link(&mut native);
            files.paths = native.files();
        }
        let mut lines = Vec::new();
        for file in files.paths {
            self.note_age(&file, unit.started);
            lines.push(format!("{} {}", unit.place(&file, dir), read(&file)));
        }
        lines
    }

    /// Whether the crate or one below it lets any item of the program register
    /// itself while it is linked.
    pub(super) fn has_link_time_registry(&mut self, artifact: &Path) -> bool {
        let mut queue = vec![artifact.to_owned()];
        let mut seen: Vec<PathBuf> = Vec::new();
        while let Some(artifact) = queue.pop() {
            if seen.contains(&artifact) || self.extern_kind(&artifact) == Extern::Joblib {
                continue;
            }
            let name = super::unit::crate_name(&artifact).unwrap_or_default();
            if REGISTRIES.contains(&name.as_str()) {
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

fn read(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    format!("{:032x}", canon::hash(&bytes))
}

/// The bytes of the file that the compiler reads of a crate.
fn of_bytes(artifact: &Path) -> String {
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
