//! Directories in which the packages of cases are built and run. They retain the build
//! artifacts of joblib and of the registry crates.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::built;
use crate::case::{How, Step};
use crate::package_files::{self, Tree};

/// A directory inside the directory that cargo provides for tests.
pub(crate) struct BuildDir {
    dir: PathBuf,
}

impl BuildDir {
    /// Creates directory `number` and compiles the library there.
    pub(crate) fn make(number: usize) -> BuildDir {
        let dir = BuildDir::number(number);
        fs::create_dir_all(&dir.dir).expect("creating the directory of a case succeeds");
        built::begin(&dir.target());
        dir
    }

    /// Returns directory `number`, which exists already.
    pub(crate) fn number(number: usize) -> BuildDir {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("stale-{number}"));
        BuildDir { dir }
    }

    /// Returns the directory of the package.
    pub(crate) fn source(&self) -> PathBuf {
        self.dir.join("source")
    }

    /// Returns the target directory.
    pub(crate) fn target(&self) -> PathBuf {
        self.dir.join("target")
    }

    /// Replaces the package of the last case with `files` and the lock file of this
    /// repository.
    pub(crate) fn install(&self, files: &Tree) {
        for part in ["source", "cache", "beside"] {
            if self.dir.join(part).exists() {
                fs::remove_dir_all(self.dir.join(part))
                    .expect("removing the files of the last case succeeds");
            }
        }
        package_files::save(&self.source(), &Tree::new(), files)
            .expect("saving the package succeeds");
        if !files.contains_key("Cargo.lock") {
            let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
            fs::copy(lock, self.source().join("Cargo.lock"))
                .expect("copying the lock file succeeds");
        }
    }

    /// Builds and runs the package as configured in `step`.
    pub(crate) fn run(&self, step: &Step) -> Output {
        if !step.before.is_empty() {
            let output = self.output(step, Command::new("sh").args(["-ec", step.before]));
            if !output.status.success() {
                return output;
            }
        }
        let cargo = |verb: &str, arguments: &[&str]| {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args([verb, "--quiet", "--offline"]).args(arguments);
            cargo
        };
        let mut command = match step.how {
            How::Run(arguments) => cargo("run", arguments),
            How::Test(arguments) => cargo("test", arguments),
            How::Script(script) => {
                let mut shell = Command::new("sh");
                shell.args(["-ec", script]);
                shell
            }
        };
        self.output(step, &mut command)
    }

    fn output(&self, step: &Step, command: &mut Command) -> Output {
        for name in ["CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"] {
            command.env_remove(name);
        }
        // Cargo sets variables for the package of this test. They must not reach
        // another package.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.source())
            .env("CARGO", env!("CARGO"))
            .env("TARGET", self.target())
            .env("CARGO_TARGET_DIR", self.target())
            .env("JOBLIB_RS_CACHE_DIR", self.dir.join("cache"))
            .envs(step.variables.iter().copied())
            .output()
            .expect("starting the command succeeds")
    }

    /// Removes the build artifacts of the packages of a case. The next case has other
    /// packages with the same names.
    pub(crate) fn clear(&self, files: &Tree) {
        let manifests = files
            .iter()
            .filter(|(path, _)| path.ends_with("Cargo.toml"));
        let names: BTreeSet<String> = manifests
            .flat_map(|(_, text)| text.lines())
            .filter_map(|line| {
                Some(
                    line.strip_prefix("name = ")?
                        .trim_matches('"')
                        .replace('-', "_"),
                )
            })
            .collect();
        let is_of_case = |file: &str| {
            let stem = file.split('.').next().unwrap_or_default();
            let stem = stem
                .rsplit_once('-')
                .map_or(stem, |(stem, _)| stem)
                .replace('-', "_");
            names.contains(&stem) || stem.strip_prefix("lib").is_some_and(|s| names.contains(s))
        };
        for profile in ["debug", "release"] {
            for part in ["", "deps", ".fingerprint", "build", "incremental"] {
                remove_if(&self.target().join(profile).join(part), is_of_case);
            }
        }
    }
}

fn remove_if(dir: &Path, is_gone: impl Fn(&str) -> bool) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries {
        let entry = entry.expect("listing the build artifacts succeeds");
        if !is_gone(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let path = entry.path();
        match path.is_dir() {
            true => fs::remove_dir_all(path),
            false => fs::remove_file(path),
        }
        .expect("removing a build artifact succeeds");
    }
}
