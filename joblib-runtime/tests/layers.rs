//! The modules of the runtime and of the macros use each other in one direction only: as the
//! tables of layers in ARCHITECTURE.md say, from the top row to the rows below.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates, each with the heading of its table.
const CRATES: [(&str, &str); 2] = [
    ("joblib-runtime", "Layers"),
    ("joblib-macros", "Layers of the macros"),
];

/// Returns the row of each module in the table under `heading`, counted from the top.
fn layers(heading: &str) -> BTreeMap<String, usize> {
    let path = workspace().join("ARCHITECTURE.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, section) = text
        .split_once(&format!("\n## {heading}\n"))
        .expect("a section on layers");
    let section = section.split("\n## ").next().unwrap_or(section);
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let mut layers = BTreeMap::new();
    for (row, line) in rows.enumerate() {
        let modules = line.split('|').nth(1).unwrap_or_default();
        for module in modules.split(',') {
            let module = module.trim().trim_matches('`').to_owned();
            assert!(
                layers.insert(module.clone(), row).is_none(),
                "{module} is in two rows"
            );
        }
    }
    layers
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the files of a crate that are part of the library, with the modules they belong to.
fn files(package: &str) -> Vec<(String, PathBuf)> {
    let root = workspace().join(package).join("src");
    let mut files = Vec::new();
    let mut directories = vec![root.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if name == "tests" {
                continue;
            }
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let inner = path.strip_prefix(&root).unwrap();
            let module = inner.iter().next().unwrap().to_str().unwrap();
            let module = module.trim_end_matches(".rs").to_owned();
            if module != "lib" {
                files.push((module, path));
            }
        }
    }
    files
}

/// Returns the top-level modules that code names: `crate::a::b` and `crate::{a, b::{c, d}}`.
/// Comments and what follows the unit tests of a file do not count.
fn used(text: &str) -> Vec<String> {
    let code = text
        .split("\n#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or(text);
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => used.extend(first_names(group)),
            None => used.push(identifier(rest)),
        }
    }
    used.retain(|name| !name.is_empty());
    used
}

fn identifier(text: &str) -> String {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    text[..end.unwrap_or(text.len())].to_owned()
}

/// Returns the first name of each path in a group, up to its closing brace.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut is_first, mut names) = (0, true, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => is_first = true,
            c if is_first && c.is_alphabetic() => {
                names.push(identifier(&group[at..]));
                is_first = false;
            }
            _ => {}
        }
    }
    names
}

#[test]
fn modules_use_only_modules_in_rows_below_their_own() {
    let mut faults = Vec::new();
    for (package, heading) in CRATES {
        let layers = layers(heading);
        for (module, path) in files(package) {
            let Some(row) = layers.get(&module) else {
                faults.push(format!("`{module}` is missing in the table of layers"));
                continue;
            };
            for name in used(&fs::read_to_string(&path).unwrap()) {
                let Some(other) = layers.get(&name) else {
                    // Macros and functions in the root of the crate.
                    continue;
                };
                if name != module && other <= row {
                    faults.push(format!("{} uses `{name}`", path.display()));
                }
            }
        }
    }
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_module_in_the_table_exists() {
    for (package, heading) in CRATES {
        let files = files(package);
        for module in layers(heading).keys() {
            assert!(
                files.iter().any(|(name, _)| name == module),
                "{package} has no module `{module}`"
            );
        }
    }
}

#[test]
fn paths_in_groups_are_seen() {
    let text = "use crate::{a, b::{c, d}, e};\n// crate::f\ncrate::g::h();\n";
    assert_eq!(used(text), ["a", "b", "e", "g"]);
}
