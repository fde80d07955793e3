//! The properties of a built crate that only its manifest contains: the edition,
//! whether it is a proc macro, and the programs of its package.

use std::path::Path;

use toml::{Table, Value};

/// The manifest of a package.
#[derive(Clone, Debug, Default)]
pub(super) struct PackageManifest {
    pub(super) edition: String,
    pub(super) version: Option<String>,
    pub(super) is_proc_macro: bool,
}

impl PackageManifest {
    pub(super) fn read(dir: &Path) -> Option<PackageManifest> {
        let table = read_table(dir)?;
        let package = table.get("package")?.as_table()?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let own_or_inherited = |key: &str| {
            text(package.get(key)).or_else(|| {
                package.get(key)?.get("workspace")?;
                inherited(dir, package, key)
            })
        };
        let library = table.get("lib").and_then(Value::as_table);
        let is_true = |key| library.and_then(|lib| lib.get(key)?.as_bool()) == Some(true);
        Some(PackageManifest {
            edition: own_or_inherited("edition").unwrap_or_else(|| "2015".to_owned()),
            version: own_or_inherited("version"),
            is_proc_macro: is_true("proc-macro") || is_true("proc_macro"),
        })
    }
}

/// Returns the name of the package in `dir`.
pub(super) fn package_name(dir: &Path) -> Option<String> {
    let name = read_table(dir)?
        .get("package")?
        .get("name")?
        .as_str()?
        .to_owned();
    Some(name)
}

/// Returns whether the dependency `name` of the package in `dir` is certainly the
/// package of that name, and not a renamed one.
pub(super) fn depends_by_its_name(dir: &Path, name: &str) -> bool {
    let table = read_table(dir).unwrap_or_default();
    let targets = table.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values);
    let tables = targets.filter_map(|target| target.get("dependencies"));
    let tables = tables.chain(table.get("dependencies"));
    let entries = tables.filter_map(Value::as_table).flatten();
    let mut named = entries.filter(|(key, _)| is_alike(key, name)).peekable();
    named.peek().is_some() && named.all(|(key, entry)| is_of_its_name(dir, &table, key, entry))
}

/// Returns whether a dependency entry refers to the package with the name of its key.
fn is_of_its_name(dir: &Path, table: &Table, key: &str, entry: &Value) -> bool {
    if entry.get("workspace").is_some() {
        let package = table.get("package").and_then(Value::as_table);
        let root = package.and_then(|package| workspace_root(dir, package));
        let shared = root.and_then(|root| {
            let shared = root.get("workspace")?.get("dependencies")?;
            shared.get(key).cloned()
        });
        return shared.is_some_and(|entry| is_not_renamed(key, &entry));
    }
    is_not_renamed(key, entry)
}

fn is_not_renamed(key: &str, entry: &Value) -> bool {
    let package = entry.get("package");
    package.is_none_or(|package| package.as_str().is_some_and(|name| is_alike(name, key)))
}

/// Returns whether two names are equal in code.
fn is_alike(one: &str, other: &str) -> bool {
    one.replace('-', "_") == other.replace('-', "_")
}

/// Returns the names that a manifest gives to binaries, tests, examples and
/// benchmarks.
pub(super) fn programs(dir: &Path) -> Vec<String> {
    let table = read_table(dir).unwrap_or_default();
    let kinds = ["bin", "test", "example", "bench"];
    let lists = kinds.iter().filter_map(|kind| table.get(*kind)?.as_array());
    let named = lists.flatten().filter_map(|one| one.get("name")?.as_str());
    named.map(str::to_owned).collect()
}

/// Returns the value that the package in `dir` inherits from its workspace.
fn inherited(dir: &Path, package: &Table, key: &str) -> Option<String> {
    let root = workspace_root(dir, package)?;
    let shared = root.get("workspace")?.get("package")?;
    shared.get(key)?.as_str().map(str::to_owned)
}

/// Returns the manifest of the workspace that contains the package in `dir`.
fn workspace_root(dir: &Path, package: &Table) -> Option<Table> {
    let named = package.get("workspace").and_then(Value::as_str);
    let mut above = dir.ancestors();
    match named {
        Some(path) => read_table(&dir.join(path)),
        None => above.find_map(|dir| read_table(dir).filter(|t| t.contains_key("workspace"))),
    }
}

fn read_table(dir: &Path) -> Option<Table> {
    let text = std::fs::read_to_string(dir.join("Cargo.toml")).ok()?;
    text.parse().ok()
}
