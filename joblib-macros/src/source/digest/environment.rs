//! Digest lines of everything that is not an item: crates, conditions, variables and
//! files. Each is listed as an item without a location.

use std::path::Path;

use super::line::contents;
use super::{LineSum, ReachDigest};
use crate::source::cfg::{self, Ternary};
use crate::source::database::CrateId;
use crate::source::item_list::CoveredItem;
use crate::source::normalize;
use crate::source::opaque_crates::of_bytes;
use crate::source::reachability::Reachability;
use crate::source::widen::{WHOLE_CONFIGURATION, WHOLE_CRATE};

impl Reachability<'_> {
    /// Adds everything that is not an item.
    pub(super) fn outside(&mut self, summary: &mut ReachDigest, sum: &mut LineSum) {
        self.foreign_lines(summary, sum);
        self.crate_lines(summary, sum);
        self.variable_lines(summary, sum);
        self.condition_lines(summary, sum);
        self.file_lines(summary, sum);
        self.library_lines(summary, sum);
        self.package_lines(summary, sum);
        summary.missing = self.unnamed();
        summary.unknown_inputs = std::mem::take(&mut self.widening.unseen);
        summary.unknown_inputs.sort();
        summary.unknown_inputs.dedup();
        summary.unknown_cfgs.sort();
        summary.unknown_cfgs.dedup();
    }

    /// Adds the files of packages that macros may read.
    fn package_lines(&mut self, summary: &mut ReachDigest, sum: &mut LineSum) {
        for krate in sorted(&self.widening.packages) {
            let package = self.world.package_files(krate);
            let files = format!("{:032x}", package.digest);
            let label = &self.world.krate(krate).label;
            let of = match krate {
                0 => "the package".to_owned(),
                _ => format!("the package of {label}"),
            };
            summary.add_note(sum, format!("files of {of}"), &files);
            summary.has_too_many_files |= package.has_more;
        }
        for krate in sorted(&self.widening.manifests) {
            let krate = self.world.krate(krate);
            let manifest = format!("manifest of {}", krate.label);
            summary.add_note(sum, manifest, &manifests(&krate.origin.dir));
        }
    }

    /// Adds the crates whose source is not followed.
    fn foreign_lines(&mut self, summary: &mut ReachDigest, sum: &mut LineSum) {
        for (from, name) in self.foreign.iter().copied().collect::<Vec<_>>() {
            if !self.world.is_standard_crate(from, name) {
                let identity = self.world.extern_identity(from, name);
                let artifact = self.world.krate(from).externs.get(&name).cloned();
                let listed = artifact.map(|artifact| self.world.listed_crates(&artifact));
                let krate = match from {
                    0 => format!("crate {}", name.as_str()),
                    _ => format!(
                        "crate {} of {}",
                        name.as_str(),
                        self.world.krate(from).label
                    ),
                };
                match listed.filter(|items| !items.is_empty()) {
                    Some(items) => {
                        sum.add(hash_of_note(&krate, &identity));
                        summary.notes.extend(items.iter().cloned());
                    }
                    None => summary.add_note(sum, krate, &identity),
                }
            }
        }
    }

    /// Adds the compilation settings of each followed crate.
    fn crate_lines(&self, summary: &mut ReachDigest, sum: &mut LineSum) {
        for (id, _) in self.joined.iter() {
            let krate = self.world.krate(*id);
            let label = &krate.label;
            sum.add_text(&format!("edition {label} {}", krate.edition));
            if self.widening.has_conditions {
                let mut set: Vec<&String> = krate.cfgs.set.iter().collect();
                set.sort();
                let is_debug = krate.cfgs.debug_assertions;
                let configuration = format!("{set:?} {is_debug:?}");
                summary.add_note(sum, format!("configuration of {label}"), &configuration);
            }
            // A path leads through imports, which have no lines of their own.
            for predicate in &krate.import_conditions {
                sum.add_text(&format!("imports of {label} under {predicate}"));
                summary.unknown_cfgs.push(predicate.clone());
            }
            if let Some(unit) = &krate.origin.unit
                && krate
                    .import_conditions
                    .iter()
                    .any(|it| cfg::is_of_profile(it))
            {
                sum.add_text(&format!("profile of {label} {}", unit.profile));
            }
            // A wrapper may change the flags in unknown ways.
            if self.world.context.is_wrapped && krate.origin.unit.is_some() {
                let artifact = self.world.artifact_of(*id).unwrap_or_default();
                summary.add_note(
                    sum,
                    format!("compiled file of {label}"),
                    &of_bytes(&artifact),
                );
            }
        }
    }

    fn variable_lines(&mut self, summary: &mut ReachDigest, sum: &mut LineSum) {
        let mut known = self.known_variables();
        known.append(&mut summary.variables);
        let mut variables = self.variables();
        variables.extend(known.iter().cloned());
        variables.sort();
        variables.dedup();
        for (krate, name) in &variables {
            let label = &self.world.krate(*krate).label;
            let value = format!("{:?}", self.world.variable(*krate, name));
            summary.add_note(sum, format!("variable {name} of {label}"), &value);
        }
        let own = variables.into_iter().filter(|(krate, _)| *krate == 0);
        summary.envs = own.map(|(_, name)| name).collect();
        let is_known = |name: &&String| known.contains(&(0, (*name).clone()));
        summary.known_envs = summary.envs.iter().filter(is_known).cloned().collect();
    }

    fn condition_lines(&mut self, summary: &mut ReachDigest, sum: &mut LineSum) {
        let mut cfgs = std::mem::take(&mut self.widening.cfgs);
        cfgs.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        cfgs.dedup();
        for (krate, predicate, truth) in &cfgs {
            let label = &self.world.krate(*krate).label;
            let condition = format!("condition {predicate}={truth:?} of {label}");
            sum.add_text(&condition);
            summary.notes.push(CoveredItem {
                path: format!("condition {predicate} of {label}"),
                file: String::new(),
                line: 0,
                hash: normalize::hash(condition.as_bytes()) as u64,
            });
            if *truth == Ternary::Unknown {
                summary.unknown_cfgs.push(predicate.clone());
            }
        }
    }

    fn file_lines(&mut self, summary: &mut ReachDigest, sum: &mut LineSum) {
        self.widening.files.sort();
        self.widening.files.dedup();
        for (name, path) in &self.widening.files {
            let holds = format!("{} {}", self.place_of(path), contents(path));
            summary.add_note(sum, format!("file {name}"), &holds);
            summary.files.push(path.clone());
        }
        summary.files.sort();
        summary.files.dedup();
        for path in &summary.files {
            self.world.note_age(path, self.world.context.started);
        }
    }

    /// Returns the path of a file relative to the directory that moves with it: the
    /// output of a build script, the workspace or a crate. Returns an empty string
    /// for other directories of a build.
    fn place_of(&self, path: &Path) -> String {
        let below = |dir: &Path| path.strip_prefix(dir).ok().filter(|_| dir.has_root());
        let mut of_crates = Vec::new();
        for &(id, _) in self.joined.iter() {
            let krate = self.world.krate(id);
            let out = self.world.variable(id, "OUT_DIR").unwrap_or_default();
            if let Some(below) = below(Path::new(&out)) {
                return format!("out of {} {}", krate.label, below.display());
            }
            let below = below(&krate.origin.dir);
            of_crates.extend(below.map(|it| format!("{} {}", krate.label, it.display())));
        }
        let target_dir = self.world.context.target_dir().unwrap_or_default();
        match below(&self.world.shown_from) {
            _ if below(&target_dir).is_some() => String::new(),
            Some(below) => below.display().to_string(),
            None => of_crates.into_iter().min().unwrap_or_default(),
        }
    }

    /// Adds the libraries that may define a symbol which no source defines.
    fn library_lines(&mut self, summary: &mut ReachDigest, sum: &mut LineSum) {
        if !self.widening.has_native {
            return;
        }
        let mut native = self.world.context.native.clone();
        for krate in 0..self.world.crates.len() as CrateId {
            let krate = self.world.krate(krate);
            native.libraries.extend(krate.links.iter().cloned());
            if let Some(unit) = &krate.origin.unit {
                unit.link(&mut native);
            }
        }
        for path in native.files() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            summary.add_note(sum, format!("library {name}"), &contents(&path));
        }
        for (name, identity) in self.world.linking() {
            summary.add_note(sum, format!("libraries of {name}"), &identity);
        }
    }

    /// Lists the reasons for which the reachable set was widened.
    pub(super) fn notes(&self, summary: &mut ReachDigest) {
        for (id, what) in &self.widening.notes {
            summary.is_whole_crate |= what == WHOLE_CRATE;
            let mut item = self.world.listed(*id, 0);
            item.path.push_str(" reaches ");
            item.path.push_str(what);
            summary.notes.push(item);
        }
        summary.notes.sort();
        summary.notes.dedup();
        // One item is a sufficient reason. The order in which items are reached differs
        // between builds, the order of the notes does not.
        let mut has_reason = false;
        summary.notes.retain(|note| {
            !note.path.ends_with(WHOLE_CONFIGURATION) || !std::mem::replace(&mut has_reason, true)
        });
    }
}

fn sorted(crates: &[CrateId]) -> Vec<CrateId> {
    let mut crates = crates.to_vec();
    crates.sort_unstable();
    crates.dedup();
    crates
}

/// Returns the digest of the manifests that describe a package: its own, and that of
/// its workspace.
fn manifests(dir: &Path) -> String {
    let mut above = dir.ancestors().map(|dir| dir.join("Cargo.toml"));
    let own = above.next().unwrap_or_default();
    let is_workspace = |path: &std::path::PathBuf| {
        std::fs::read_to_string(path).is_ok_and(|text| text.contains("[workspace"))
    };
    let shared = above.find(is_workspace).unwrap_or_default();
    format!("{} {}", contents(&own), contents(&shared))
}

fn hash_of_note(what: &str, holds: &str) -> u128 {
    normalize::hash(format!("{what} {holds}").as_bytes())
}

impl ReachDigest {
    /// Adds `what` with its contents to the digest and to the list.
    fn add_note(&mut self, sum: &mut LineSum, what: String, holds: &str) {
        let digest = hash_of_note(&what, holds);
        sum.add(digest);
        self.notes.push(CoveredItem {
            path: what,
            file: String::new(),
            line: 0,
            hash: digest as u64,
        });
    }
}
