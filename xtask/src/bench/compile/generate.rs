//! Generates crates to compile: many annotations, one in a large crate, or many that
//! reach many items.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shell::{Result, root};

/// Number of modules of the large crate, and of functions in each. Together they have
/// 30,000 lines.
const MODULES: usize = 100;
const FUNCTIONS: usize = 20;

/// A crate that is not yet written to disk.
pub(super) struct Crate {
    name: &'static str,
    files: Vec<(String, String)>,
}

/// Generates `count` memoized functions.
pub(super) fn annotated(count: usize) -> Crate {
    let functions = (0..count).map(|n| {
        format!(
            "#[joblib::memoize(dir = \".cache\")]\n\
             pub fn step{n}(a: u64, b: &str, c: &[f64]) -> f64 {{\n    \
             a as f64 + b.len() as f64 + c.iter().sum::<f64>() + {n} as f64\n}}\n\n"
        )
    });
    Crate::of_one_file("annotated", functions.collect())
}

/// Generates `count` serializable structs of three fields.
pub(super) fn serialized(count: usize) -> Crate {
    let structs = (0..count).map(|n| {
        format!(
            "#[derive(serde::Serialize)]\n\
             pub struct S{n} {{\n    pub a: u64,\n    pub b: String,\n    pub c: Vec<f64>,\n}}\n\n"
        )
    });
    Crate::of_one_file("serialized", structs.collect())
}

/// Generates 30,000 lines in modules that call one another, and one function that calls
/// them.
pub(super) fn large(name: &'static str, annotated: bool) -> Crate {
    let mut files: Vec<_> = (0..MODULES)
        .map(|module| (format!("src/m{module}.rs"), module_text(module)))
        .collect();
    let mut top: String = (0..MODULES)
        .map(|module| format!("pub mod m{module};\n"))
        .collect();
    if annotated {
        top += "\n#[joblib::memoize(dir = \".cache\")]";
    }
    top += "\npub fn top(x: u64) -> u64 {\n    m50::f0(x)\n}\n";
    files.push(("src/lib.rs".into(), top));
    Crate { name, files }
}

/// Generates `count` functions that each hide one of two types behind a trait with
/// `count` implementations, so that each function reaches all implementations.
pub(super) fn reaching(name: &'static str, count: usize, annotated: bool) -> Crate {
    let annotation = match annotated {
        true => "#[joblib::memoize(dir = \".cache\")]\n",
        false => "",
    };
    let mut text = "pub trait Step {\n    fn run(&self, x: u64) -> u64;\n}\n\n".to_owned();
    for n in 0..count {
        let next = (n + 1) % count;
        let _ = write!(
            text,
            "pub struct Step{n}(pub u64);\n\n\
             impl Step for Step{n} {{\n    fn run(&self, x: u64) -> u64 {{\n        \
             self.0 + x * {n}\n    }}\n}}\n\n\
             {annotation}pub fn f{n}(x: u64) -> u64 {{\n    \
             let step: Box<dyn Step> = if x > 3 {{ Box::new(Step{n}(x)) }} else {{ Box::new(Step{next}(x)) }};\n    \
             step.run(x)\n}}\n\n"
        );
    }
    Crate::of_one_file(name, text)
}

/// Generates functions of fifteen lines. The first one calls the previous module.
fn module_text(module: usize) -> String {
    let mut text = String::new();
    for n in 0..FUNCTIONS {
        let callee = match (n, module) {
            (0, 0) => "u64::from".into(),
            (0, _) => format!("crate::m{}::f{}", module - 1, FUNCTIONS - 1),
            _ => format!("f{}", n - 1),
        };
        let argument = if (n, module) == (0, 0) {
            "1u32"
        } else {
            "x / 2"
        };
        let _ = write!(
            text,
            "/// A value with a name and a weight.\n\
             pub struct Value{n} {{\n    pub name: String,\n    pub weight: u64,\n}}\n\n\
             pub fn f{n}(x: u64) -> u64 {{\n    \
             let value = Value{n} {{ name: format!(\"{{x}}\"), weight: x + {n} }};\n    \
             match value.weight % 3 {{\n        \
             0 => value.weight + 1,\n        \
             1 => value.name.len() as u64,\n        \
             _ => {callee}({argument}),\n    }}\n}}\n\n"
        );
    }
    text
}

/// Edits one file of a crate, differently in every round.
pub(super) fn edit(manifest: &Path, round: usize) -> Result {
    let file = manifest.with_file_name("src").join("edited.rs");
    Ok(fs::write(
        file,
        format!("pub const ROUND: usize = {round};\n"),
    )?)
}

impl Crate {
    fn of_one_file(name: &'static str, text: String) -> Self {
        Self {
            name,
            files: vec![("src/lib.rs".into(), text)],
        }
    }

    /// Writes the crate into its own directory and returns the path of its manifest.
    pub(super) fn write(&self, home: &Path) -> Result<PathBuf> {
        let directory = home.join(self.name);
        let manifest = directory.join("Cargo.toml");
        fs::create_dir_all(directory.join("src"))?;
        fs::write(&manifest, self.manifest())?;
        fs::copy(root().join("Cargo.lock"), directory.join("Cargo.lock"))?;
        for (path, text) in &self.files {
            let edited = if path == "src/lib.rs" {
                "pub mod edited;\n"
            } else {
                ""
            };
            fs::write(directory.join(path), format!("{edited}{text}"))?;
        }
        Ok(manifest)
    }

    fn manifest(&self) -> String {
        format!(
            "[package]\nname = \"{}\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             joblib = {{ path = {joblib:?} }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n",
            self.name,
            joblib = root(),
        )
    }
}
