//! The packages that are published.

use std::fs;
use std::path::{Path, PathBuf};

/// The directories of the packages.
fn packages() -> [PathBuf; 3] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["", "joblib-macros", "joblib-runtime"].map(|name| root.join(name))
}

#[test]
fn every_package_contains_both_licences() {
    let [root, ..] = packages();
    for package in packages() {
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let text = fs::read_to_string(package.join(licence));
            let text = text.unwrap_or_else(|error| panic!("{package:?} {licence}: {error}"));
            assert_eq!(text, fs::read_to_string(root.join(licence)).unwrap());
        }
    }
}

#[test]
fn every_package_describes_itself_and_is_documented_with_all_features() {
    for package in packages() {
        let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap();
        for line in [
            "description = ",
            "documentation = \"https://docs.rs/",
            "keywords = ",
            "categories = ",
            "license.workspace = true",
            "rust-version.workspace = true",
            "[package.metadata.docs.rs]\nall-features = true",
        ] {
            let is_there = manifest.starts_with(line) || manifest.contains(&format!("\n{line}"));
            assert!(is_there, "{package:?} lacks {line}");
        }
        let library = fs::read_to_string(package.join("src/lib.rs")).unwrap();
        assert!(library.contains("#![cfg_attr(docsrs, feature(doc_cfg))]"));
    }
}
