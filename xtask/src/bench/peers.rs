//! Runs `bench/` and creates the environment that it needs. `bench/` itself documents
//! what is measured and how.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::document::write_section;
use crate::shell::{Result, cargo, output, root, succeed, target};

/// The Python packages that are compared.
const PACKAGES: [&str; 6] = [
    "joblib==1.6.*",
    "diskcache==5.6.*",
    "mpire==2.10.*",
    "numpy",
    "safetensors==0.8.*",
    "scikit-learn",
];

/// Prints the tables of `half`, and writes them to the document if `write` is set.
pub(crate) fn compare(half: &str, programs: &[&Path], write: bool) -> Result {
    let python = python()?;
    let build = ["run", "--quiet", "--release", "--package", "joblib-bench"];
    let mut command = cargo();
    command
        .args(build)
        .args(["--", "compare", half])
        .arg(python)
        .args(programs);
    let table = output(&mut command)?;
    println!("{table}");
    if write {
        let document = root().join("docs/performance.md");
        write_section(&document, &format!("bench {half}"), &table)?;
    }
    Ok(())
}

/// Returns the interpreter of a virtual environment with the Python peers. Creates the
/// environment on first use.
fn python() -> Result<PathBuf> {
    let environment = target().join("bench-venv");
    let python = environment.join("bin/python");
    if !holds_packages(&python) {
        succeed(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&environment),
        )?;
        succeed(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet"])
                .args(PACKAGES),
        )?;
    }
    Ok(python)
}

fn holds_packages(python: &Path) -> bool {
    let import = Command::new(python)
        .args([
            "-c",
            "import joblib, diskcache, mpire, numpy, safetensors, sklearn",
        ])
        .status();
    import.is_ok_and(|status| status.success())
}
