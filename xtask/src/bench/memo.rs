//! `cargo xtask bench memo`: memoization beside its peers. What is measured,
//! and how, is in `bench/`; this makes the environment that it needs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::document::write_section;
use crate::shell::{Result, cargo, output, root, succeed, target};

/// The Python peers.
const PACKAGES: [&str; 3] = ["joblib==1.6.*", "diskcache==5.6.*", "numpy"];

/// Measures, prints, and writes the table when asked to.
pub(crate) fn run(write: bool) -> Result {
    let python = python()?;
    let table = output(
        cargo()
            .args([
                "run",
                "--quiet",
                "--release",
                "--package",
                "joblib-bench",
                "--",
                "compare",
            ])
            .arg(python),
    )?;
    println!("{table}");
    if write {
        write_section(&root().join("docs/performance.md"), "bench memo", &table)?;
    }
    Ok(())
}

/// The interpreter of an environment that holds the Python peers, made on
/// first use.
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
        .args(["-c", "import joblib, diskcache, numpy"])
        .status();
    import.is_ok_and(|status| status.success())
}
