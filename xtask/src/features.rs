//! The features of joblib. Those whose crates take minutes to compile are checked by a
//! command of their own, so that `cargo xtask test` stays quick.

use crate::examples;
use crate::shell::{Result, announced, cargo, deny_rustdoc_warnings};

/// The argument that selects the light features of `joblib`.
pub(crate) const LIGHT: &str = concat!(
    "--features=",
    "bytes,",
    "bz2,",
    "chrono,",
    "ctrlc,",
    "futures,",
    "half,",
    "image,",
    "indexmap,",
    "jiff,",
    "log,",
    "lz4,",
    "nalgebra,",
    "nalgebra034,",
    "ndarray,",
    "ndarray016,",
    "num-complex,",
    "petgraph,",
    "progress,",
    "rand,",
    "rayon,",
    "rust_decimal,",
    "smallvec,",
    "sprs,",
    "tokio,",
    "tracing,",
    "uuid,",
    "xz,",
    "zlib,",
    "zstd,",
);

/// The argument that selects the light features which `joblib` does not have.
pub(crate) const OTHERS: &str = "--features=joblib-runtime/fuzz,joblib-examples/plot";

/// The heavy features.
#[cfg(test)]
const HEAVY: [&str; 4] = ["arrow", "candle-core", "faer", "polars"];

/// Checks, documents and tests the heavy features, checks the benchmarks, and runs the examples that have
/// dependencies of their own.
pub(crate) fn heavy() -> Result {
    let libraries = ["--package", "joblib", "--package", "joblib-runtime"];
    let tests = ["--package", "heavy-tests"];
    let all = "--all-features";
    let denied = ["--", "--deny", "warnings"];
    announced(
        cargo()
            .args(["clippy", all, "--lib"])
            .args(libraries)
            .args(denied),
    )?;
    announced(
        cargo()
            .args(["clippy", all, "--all-targets"])
            .args(tests)
            .args(denied),
    )?;
    announced(
        cargo()
            .args(["clippy", "--package", "joblib-bench", "--all-targets"])
            .args(denied),
    )?;
    let mut documentation = cargo();
    documentation
        .args(["doc", all, "--no-deps"])
        .args(libraries);
    announced(deny_rustdoc_warnings(&mut documentation))?;
    announced(cargo().args(["test", all]).args(tests))?;
    examples::run()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::{HEAVY, LIGHT};
    use crate::shell::root;

    /// Returns the features that a manifest declares.
    fn declared(manifest: &str) -> BTreeSet<String> {
        let text = fs::read_to_string(root().join(manifest)).unwrap();
        let (_, section) = text.split_once("\n[features]\n").unwrap();
        let section = section.split("\n[").next().unwrap();
        let lines = section.lines().filter(|line| !line.starts_with('#'));
        let names = lines.filter_map(|line| line.split_once(" = "));
        names.map(|(name, _)| name.to_owned()).collect()
    }

    fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        let names = names.into_iter().filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    }

    #[test]
    fn every_feature_is_checked_by_one_of_the_two_commands() {
        let light = names(LIGHT.trim_start_matches("--features=").split(','));
        let heavy = names(HEAVY);
        assert!(light.is_disjoint(&heavy));
        let both = &light | &heavy;
        assert_eq!(&declared("Cargo.toml") - &names(["default"]), both);
        assert_eq!(
            &declared("joblib-runtime/Cargo.toml") - &names(["fuzz"]),
            both
        );
        assert_eq!(declared("heavy-tests/Cargo.toml"), heavy);
    }
}
