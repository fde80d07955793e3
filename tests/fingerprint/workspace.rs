//! A copy of the fixture that can be edited, built, run and restored.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::built;
use crate::edit::{Change, Edit};

/// The output of the application for one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) fingerprint: String,
    /// The result of computing the function.
    pub(crate) computed: String,
    /// The result of the memoized call, whose cache persists across edits.
    pub(crate) answered: String,
}

/// The output of the application, by function name.
pub(crate) type Lines = BTreeMap<String, Line>;

/// A fixture on disk with its own target directory and cache.
pub(crate) struct Workspace {
    dir: PathBuf,
}

impl Workspace {
    /// Creates copy `number` in the directory that cargo provides for tests. It reuses
    /// the build artifacts of an earlier copy with the same number.
    pub(crate) fn copy(number: usize) -> Workspace {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fingerprint-{number}"));
        for part in ["source", "cache"] {
            if dir.join(part).exists() {
                fs::remove_dir_all(dir.join(part))
                    .expect("removing the files of an earlier run succeeds");
            }
        }
        let source = dir.join("source");
        copy_tree(&package.join("tests/fingerprint/fixture"), &source);
        fs::copy(package.join("Cargo.lock"), source.join("Cargo.lock"))
            .expect("copying the lock file succeeds");
        built::begin(&dir.join("target"));
        let workspace = Workspace { dir };
        let here = package
            .to_str()
            .expect("the path of the package is valid UTF-8");
        workspace.replace("Cargo.toml", "../../..", here);
        workspace
    }

    /// Applies `edit`, runs the application and returns its output.
    ///
    /// # Errors
    ///
    /// Fails if the application does not build or run.
    pub(crate) fn edited(&self, edit: &Edit) -> Result<Lines, String> {
        match &edit.change {
            Change::Text { file, from, to } => {
                let original = self.replace(file, from, to);
                let lines = self.run(&[]);
                self.write(file, &original);
                lines
            }
            Change::Variable { name, value } => self.run(&[(name, value)]),
        }
    }

    /// Builds and runs the application.
    ///
    /// # Errors
    ///
    /// Fails with the compiler and program output if the application does not build or
    /// run.
    pub(crate) fn run(&self, variables: &[(&str, &str)]) -> Result<Lines, String> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["run", "--quiet", "--offline", "--package", "app"])
            .current_dir(self.dir.join("source"))
            .env("CARGO_TARGET_DIR", self.dir.join("target"))
            .env("JOBLIB_RS_CACHE_DIR", self.dir.join("cache"))
            .envs(variables.iter().copied());
        for name in ["CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"] {
            cargo.env_remove(name);
        }
        let output = cargo.output().expect("starting cargo succeeds");
        let printed = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            return Err(format!("the fixture does not build or run:\n{message}"));
        }
        Ok(printed.lines().map(parse).collect())
    }

    /// Replaces the only occurrence of `from` and returns the original text.
    fn replace(&self, file: &str, from: &str, to: &str) -> String {
        let path = self.dir.join("source").join(file);
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
        let count = text.matches(from).count();
        assert!(
            count == 1,
            "{file}: expected {from:?} once, found it {count} times"
        );
        self.write(file, &text.replace(from, to));
        text
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.dir.join("source").join(file);
        fs::write(&path, text)
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }
}

fn parse(line: &str) -> (String, Line) {
    let mut fields = line.split('\t').map(str::to_owned);
    let mut next = || {
        fields
            .next()
            .unwrap_or_else(|| panic!("{line:?}: expected four tab-separated fields"))
    };
    let name = next();
    let line = Line {
        fingerprint: next(),
        computed: next(),
        answered: next(),
    };
    (name, line)
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("creating a directory of the copy succeeds");
    for entry in fs::read_dir(from).expect("listing the fixture succeeds") {
        let entry = entry.expect("listing the fixture succeeds");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.file_name() == Some(OsStr::new("target")) {
            continue;
        }
        if source.is_dir() {
            copy_tree(&source, &target);
        } else {
            fs::copy(&source, &target).expect("copying a file of the fixture succeeds");
        }
    }
}
