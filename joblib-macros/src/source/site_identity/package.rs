//! The identity of the compiled package. It distinguishes the package's types from
//! those of other crates of the same name, such as other versions.

use std::path::{Component, Path};
use std::sync::LazyLock;

/// Returns the identity of the package: its path in the workspace or, for an external
/// package, its version. The path does not change with a release, and the version
/// does not change when the directory moves. A binary has an identity of its own,
/// because its modules can have the names of the library's.
pub(crate) fn package() -> &'static str {
    static PACKAGE: LazyLock<String> = LazyLock::new(|| {
        let variable = |name| std::env::var(name).unwrap_or_default();
        let directory = variable("CARGO_MANIFEST_DIR");
        let (name, version) = (variable("CARGO_PKG_NAME"), variable("CARGO_PKG_VERSION"));
        let package = identity(Path::new(&directory), &name, &version);
        match std::env::var("CARGO_BIN_NAME") {
            Ok(binary) => format!("{package} binary {binary}"),
            Err(_) => package,
        }
    });
    &PACKAGE
}

fn identity(directory: &Path, name: &str, version: &str) -> String {
    let parts: Vec<&str> = directory.components().filter_map(text).collect();
    let is_fetched = |pair: &[&str]| matches!(pair, ["registry", "src"] | ["git", "checkouts"]);
    if let Some(at) = parts.windows(2).position(is_fetched) {
        // The registry or repository, and the version or commit.
        return format!("{name} {version} {}", parts[at + 2..].join("/"));
    }
    let has_lock = |dir: &&Path| dir.join("Cargo.lock").is_file();
    let workspace = directory.ancestors().filter(has_lock).last();
    match workspace.and_then(|root| directory.strip_prefix(root).ok()) {
        Some(path) => {
            let path: Vec<&str> = path.components().filter_map(text).collect();
            format!("{name} {}", path.join("/"))
        }
        None => format!("{name} {version}"),
    }
}

fn text(component: Component<'_>) -> Option<&str> {
    match component {
        Component::Normal(part) => part.to_str(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_of_a_workspace_is_known_by_its_place_there() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("Cargo.lock"), "").unwrap();
        let of = |path: &str, version| identity(&root.path().join(path), "dep", version);
        assert_eq!(of("crates/dep", "0.1.0"), "dep crates/dep");
        assert_eq!(of("crates/dep", "0.1.0"), of("crates/dep", "0.2.0"));
        assert_ne!(of("one/dep", "0.1.0"), of("two/dep", "0.2.0"));
        assert_eq!(of("", "0.1.0"), "dep ");
    }

    #[test]
    fn a_package_from_elsewhere_is_known_by_its_version() {
        let of = |path: &str, version| identity(Path::new(path), "dep", version);
        let registry = "/home/a/.cargo/registry/src/index.crates.io-1949/dep-";
        assert_ne!(
            of(&format!("{registry}1.0.0"), "1.0.0"),
            of(&format!("{registry}2.0.0"), "2.0.0")
        );
        let moved = registry.replace("/home/a", "/somewhere/else");
        assert_eq!(
            of(&format!("{registry}1.0.0"), "1.0.0"),
            of(&format!("{moved}1.0.0"), "1.0.0")
        );
        let (one, two) = ("/c/git/checkouts/dep-12/abc", "/c/git/checkouts/dep-12/def");
        assert_ne!(of(one, "1.0.0"), of(two, "1.0.0"));
        assert_ne!(of("/one/dep", "1.0.0"), of("/two/dep", "1.1.0"));
    }
}
