//! The crates that the fingerprint of a function covers. A caller may choose a type
//! from a crate that depends on this one, whose impls no compilation of the function
//! sees.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::build_unit;
use super::crates::ExternCrate;
use super::database::{CrateDb, ItemKind};
use super::normalize;
use crate::crate_path::Krate;

/// The crates that the compiled crate consists of.
#[derive(Clone, Debug, Default)]
pub(crate) struct CoveredCrates {
    /// The followed crates, the compiled one first.
    followed: Vec<String>,
    /// The crates that count as a whole.
    whole: BTreeSet<String>,
    /// The digest of the crates that count as a whole.
    digest: u128,
    /// The types and traits of the compiled crate, if another crate of the package
    /// has the same name.
    own: Option<BTreeSet<String>>,
    /// Whether no other crate can use this one.
    is_last: bool,
}

impl CoveredCrates {
    /// Returns the set as an expression.
    pub(crate) fn render(&self, krate: Krate<'_>) -> TokenStream {
        let followed = self.followed.join(" ");
        let whole: Vec<&str> = self.whole.iter().map(String::as_str).collect();
        let whole = whole.join(" ");
        let digest = Literal::u128_suffixed(self.digest);
        let own = self.own.iter().map(|own| {
            let own: Vec<&str> = own.iter().map(String::as_str).collect();
            own.join(" ")
        });
        let last = self.is_last.then(|| quote!(.last()));
        quote! {
            #krate::__private::key::CoveredCrates::new(#followed, #whole, #digest)#(.own(#own))*#last
        }
    }
}

impl CrateDb {
    /// Returns the crates that the fingerprint covers.
    pub(super) fn origins(&mut self) -> CoveredCrates {
        let mut origins = CoveredCrates {
            followed: vec![self.context.crate_name().to_owned()],
            is_last: !self.context.is_library,
            ..CoveredCrates::default()
        };
        let externs = self.crates.first().map(|krate| krate.externs.values());
        let mut waiting: Vec<PathBuf> = externs.into_iter().flatten().cloned().collect();
        let mut seen = HashSet::new();
        let mut identities = BTreeSet::new();
        while let Some(artifact) = waiting.pop() {
            let Some(name) = build_unit::crate_name(&artifact) else {
                continue;
            };
            if !seen.insert(artifact.clone()) {
                continue;
            }
            let unit = self.unit(&artifact);
            match self.extern_kind(&artifact) {
                ExternCrate::Source if unit.is_some() => origins.followed.push(name),
                ExternCrate::Joblib => origins.followed.push(name),
                ExternCrate::Source | ExternCrate::Whole => {
                    identities.insert(self.identity(&artifact));
                    origins.whole.insert(name);
                }
            }
            let below = unit.iter().flat_map(|unit| &unit.dependencies);
            waiting.extend(below.map(|(_, artifact)| artifact.clone()));
        }
        let all: Vec<&str> = identities.iter().map(|identity| &**identity).collect();
        origins.digest = normalize::hash(all.join("\n").as_bytes());
        origins.own = self.shares_crate_name().then(|| self.own_types());
        origins
    }

    /// Returns whether the package may have another crate with the name of this one.
    fn shares_crate_name(&self) -> bool {
        self.context.is_library
            && has_program(&self.context.manifest_dir, self.context.crate_name())
    }

    fn own_types(&self) -> BTreeSet<String> {
        let own = self.items.iter().filter(|item| {
            matches!(item.kind, ItemKind::Type | ItemKind::Trait)
                && self.modules[item.module as usize].krate == 0
        });
        own.map(|item| item.name.as_str().to_owned()).collect()
    }
}

/// Returns whether the package in `dir` may have a binary, test, example or benchmark
/// crate called `name`.
fn has_program(dir: &Path, name: &str) -> bool {
    let places = ["src/bin", "tests", "examples", "benches"];
    let listed = places
        .iter()
        .filter_map(|place| dir.join(place).read_dir().ok());
    let mut found = listed.flatten().flatten().map(|entry| entry.path());
    dir.join("src/main.rs").is_file()
        || found.any(|path| {
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            stem.is_some_and(|stem| stem.replace('-', "_") == name)
        })
        || super::manifest::programs(dir)
            .iter()
            .any(|program| program.replace('-', "_") == name)
}
