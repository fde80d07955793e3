//! Lists the crates that a fingerprint covers as a whole, and those that they depend on,
//! with versions and features, so that a miss can name what changed.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::build_unit::CompiledUnit;
use super::crates::ExternCrate;
use super::database::CrateDb;
use super::item_list::CoveredItem;
use super::manifest::PackageManifest;

impl CrateDb {
    /// Returns the items for the crate of a compiled file and all crates below it. The
    /// list is empty if the build does not record what the file was compiled from.
    pub(super) fn listed_crates(&mut self, artifact: &Path) -> Arc<BTreeSet<CoveredItem>> {
        if let Some(known) = self.packages.listed.get(artifact) {
            return Arc::clone(known);
        }
        // Crates cannot depend on each other in a circle.
        let mut items = BTreeSet::new();
        if self.extern_kind(artifact) != ExternCrate::Joblib
            && let Some(unit) = self.unit(artifact)
        {
            self.identity(artifact);
            let own = self.packages.own_hashes.get(artifact);
            items.insert(CoveredItem {
                path: shown(&unit),
                file: String::new(),
                line: 0,
                hash: own.copied().unwrap_or_default(),
            });
            for (_, dependency) in &unit.dependencies {
                items.extend(self.listed_crates(dependency).iter().cloned());
            }
        }
        let items = Arc::new(items);
        let listed = &mut self.packages.listed;
        listed.insert(artifact.to_owned(), Arc::clone(&items));
        items
    }
}

/// Returns the name, the version and the features of a crate.
fn shown(unit: &CompiledUnit) -> String {
    let mut text = format!("crate {}", unit.name);
    let manifest = unit.package_dir().and_then(PackageManifest::read);
    if let Some(version) = manifest.and_then(|manifest| manifest.version) {
        text.push(' ');
        text.push_str(&version);
    }
    let feature = |cfg: &String| Some(cfg.strip_prefix("feature=")?.trim_matches('"').to_owned());
    let features: Vec<String> = unit.cfgs.iter().filter_map(feature).collect();
    if !features.is_empty() {
        text.push_str(&format!(" ({})", features.join(", ")));
    }
    text
}
