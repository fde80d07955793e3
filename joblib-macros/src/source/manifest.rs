//! What only a manifest says of a crate that was built: the edition, whether it
//! is a proc macro, and which programs its package has.

use std::path::Path;

use toml::{Table, Value};

/// The package in one directory.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    pub(super) edition: String,
    pub(super) is_proc_macro: bool,
}

impl Manifest {
    pub(super) fn read(dir: &Path) -> Option<Manifest> {
        let table = read_table(dir)?;
        let package = table.get("package")?.as_table()?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let edition = text(package.get("edition")).or_else(|| {
            package.get("edition")?.get("workspace")?;
            inherited_edition(dir, package)
        });
        let library = table.get("lib").and_then(Value::as_table);
        let is_true = |key| library.and_then(|lib| lib.get(key)?.as_bool()) == Some(true);
        Some(Manifest {
            edition: edition.unwrap_or_else(|| "2015".to_owned()),
            is_proc_macro: is_true("proc-macro") || is_true("proc_macro"),
        })
    }
}

/// The names that a manifest gives to programs, tests and the like.
pub(super) fn programs(dir: &Path) -> Vec<String> {
    let table = read_table(dir).unwrap_or_default();
    let kinds = ["bin", "test", "example", "bench"];
    let lists = kinds.iter().filter_map(|kind| table.get(*kind)?.as_array());
    let named = lists.flatten().filter_map(|one| one.get("name")?.as_str());
    named.map(str::to_owned).collect()
}

/// The edition that the workspace of the package in `dir` has for all.
fn inherited_edition(dir: &Path, package: &Table) -> Option<String> {
    let named = package.get("workspace").and_then(Value::as_str);
    let mut above = dir.ancestors();
    let root = match named {
        Some(path) => read_table(&dir.join(path))?,
        None => above.find_map(|dir| read_table(dir).filter(|t| t.contains_key("workspace")))?,
    };
    let shared = root.get("workspace")?.get("package")?;
    shared.get("edition")?.as_str().map(str::to_owned)
}

fn read_table(dir: &Path) -> Option<Table> {
    let text = std::fs::read_to_string(dir.join("Cargo.toml")).ok()?;
    text.parse().ok()
}
