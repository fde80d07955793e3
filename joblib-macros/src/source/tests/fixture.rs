//! Helpers for the tests: a small crate on disk, edits of it, and assertions about
//! which fingerprints differ afterwards.

use std::collections::BTreeMap;
use std::path::Path;

use tempfile::TempDir;

use crate::source::context::Compilation;
use crate::source::engine::FingerprintEngine;

/// A crate on disk.
pub(super) struct Fixture {
    dir: TempDir,
    package: String,
    variables: Vec<(String, String)>,
    cfgs: Vec<String>,
    externs: Vec<(String, String)>,
    has_record: bool,
}

/// The directory in which cargo would put its build artifacts.
const PROFILE: &str = "target/debug";

/// The end of the manifest of a crate of procedural macros.
pub(super) const PROC_MACRO: &str = "[lib]\nproc-macro = true\n";

/// Returns a hash in the form that cargo uses in file names.
pub(super) fn hash(name: &str) -> String {
    let sum: u64 = name.bytes().map(u64::from).sum();
    format!("{:016x}", sum & 0xff)
}

impl Fixture {
    /// Creates a crate from paths and their texts. The first file is the root.
    pub(super) fn new(files: &[(&str, &str)]) -> Fixture {
        let fixture = Fixture {
            dir: TempDir::new().unwrap(),
            package: String::new(),
            variables: Vec::new(),
            cfgs: Vec::new(),
            externs: Vec::new(),
            has_record: false,
        };
        for (path, text) in files {
            fixture.write(path, text);
        }
        fixture
    }

    /// Creates a crate of one file.
    pub(super) fn lib(text: &str) -> Fixture {
        Fixture::new(&[("src/lib.rs", text)])
    }

    /// Creates an application in the directory `app`.
    pub(super) fn app(text: &str) -> Fixture {
        Fixture::new(&[("app/src/lib.rs", text)]).package("app")
    }

    /// Sets the directory of the package whose fingerprints the tests compute.
    pub(super) fn package(mut self, dir: &str) -> Fixture {
        self.package = dir.to_owned();
        self
    }

    /// Adds a crate that cargo compiled from `root`, with the records that cargo and
    /// rustc write about it.
    pub(super) fn unit(
        self,
        name: &str,
        root: &str,
        features: &[&str],
        dependencies: &[&str],
    ) -> Fixture {
        let entry = format!("{PROFILE}/.fingerprint/{name}-{}", hash(name));
        let number = |name: &str| u64::from_str_radix(&hash(name), 16).unwrap().swap_bytes();
        let depends = dependencies.iter();
        let depends = depends.map(|name| format!("[1,\"{name}\",false,{}]", number(name)));
        let record = format!(
            "{{\"features\":\"{}\",\"profile\":7,\"deps\":[{}],\"rustflags\":[]}}",
            format!("{features:?}").replace('"', "\\\""),
            depends.collect::<Vec<_>>().join(","),
        );
        self.write(&format!("{entry}/lib-{name}.json"), &record);
        self.write(&format!("{entry}/lib-{name}"), &hash(name));
        self.unit_again(name, root)
    }

    /// Adds a crate in the directory `name` that cargo compiled from `text`. `kind` is
    /// the end of its manifest.
    pub(super) fn beside(self, name: &str, kind: &str, text: &str, below: &[&str]) -> Fixture {
        self.krate(name, name, kind, text, below)
    }

    /// Adds a crate that cargo unpacked from a registry and compiled from `text`.
    /// `package` is its name and version, such as `rand-0.9.1`.
    pub(super) fn published(
        self,
        package: &str,
        kind: &str,
        text: &str,
        below: &[&str],
    ) -> Fixture {
        let (name, _) = package.rsplit_once('-').unwrap();
        let dir = format!("registry/src/index/{package}");
        self.write(&format!("{dir}/.cargo-ok"), "");
        self.krate(&dir, name, kind, text, below)
    }

    /// Adds a crate that cargo compiled from `text` in this directory.
    pub(super) fn krate(
        self,
        dir: &str,
        name: &str,
        kind: &str,
        text: &str,
        below: &[&str],
    ) -> Fixture {
        let manifest = format!("[package]\nname = \"{name}\"\n{kind}");
        let root = format!("{dir}/src/lib.rs");
        self.write(&format!("{dir}/Cargo.toml"), &manifest);
        self.write(&root, text);
        self.unit(name, &root, &[], below)
    }

    /// Adds a registry crate without dependencies that was compiled from `text`.
    pub(super) fn vendored(self, name: &str, kind: &str, text: &str) -> Fixture {
        let dir = format!("vendor/{name}");
        self.write(&format!("{dir}/.cargo-checksum.json"), "{}");
        self.krate(&dir, name, kind, text, &[])
    }

    /// Sets the dependency file that rustc wrote when it last compiled the crate:
    /// `files` are paths relative to the fixture, `lines` are copied unchanged.
    pub(super) fn noted(mut self, files: &[&str], lines: &[&str]) -> Fixture {
        let path = |file: &&str| format!(" {}/{file}", self.dir.path().display());
        let files: String = files.iter().map(path).collect();
        let noted = format!("app.d:{files}\n\n{}\n", lines.join("\n"));
        self.write(&format!("{PROFILE}/deps/.d"), &noted);
        self.has_record = true;
        self
    }

    /// Sets the dependency file of a unit: its files and additional lines.
    pub(super) fn unit_noted(self, name: &str, files: &[&str], lines: &str) -> Fixture {
        let path = |file: &&str| format!(" {}/{file}", self.dir.path().display());
        let files: String = files.iter().map(path).collect();
        let info = format!("{PROFILE}/deps/{name}-{}.d", hash(name));
        self.write(&info, &format!("lib{name}.rlib:{files}\n\n{lines}\n"));
        self
    }

    /// Sets `root` as the root in the dependency file of a unit.
    pub(super) fn unit_again(self, name: &str, root: &str) -> Fixture {
        let info = format!("{PROFILE}/deps/{name}-{}.d", hash(name));
        let root = self.dir.path().join(root);
        self.write(&info, &format!("lib{name}.rlib: {}\n", root.display()));
        self
    }

    /// Sets the `--extern` arguments: a name and the crate it refers to, with the file
    /// extension of the crate if it is not a library.
    pub(super) fn externs(mut self, externs: &[(&str, &str)]) -> Fixture {
        let owned = |(name, krate): &(&str, &str)| ((*name).to_owned(), (*krate).to_owned());
        self.externs = externs.iter().map(owned).collect();
        self
    }

    /// Sets the `--cfg` arguments.
    pub(super) fn cfgs(mut self, cfgs: &[&str]) -> Fixture {
        self.cfgs = cfgs.iter().map(|cfg| (*cfg).to_owned()).collect();
        self
    }

    /// Sets `CARGO_MANIFEST_DIR` and `CARGO_PKG_NAME` as cargo would.
    pub(super) fn variable_dir(mut self) -> Fixture {
        let dir = self.dir.path().display().to_string();
        self.variables.push(("CARGO_MANIFEST_DIR".to_owned(), dir));
        self.variables
            .push(("CARGO_PKG_NAME".to_owned(), "fixture".to_owned()));
        self
    }

    pub(super) fn variable(mut self, name: &str, value: &str) -> Fixture {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn engine(&self) -> FingerprintEngine {
        FingerprintEngine::new(self.context())
    }

    /// Returns the compilation context of the crate.
    pub(super) fn context(&self) -> Compilation {
        let cfgs: Vec<&str> = self.cfgs.iter().map(String::as_str).collect();
        let dir = self.dir.path().join(&self.package);
        let mut context = Compilation::for_test(&dir, "src/lib.rs", &cfgs);
        context.variables.extend(self.variables.iter().cloned());
        if self.has_record {
            context.out_dir = Some(self.dir.path().join(PROFILE).join("deps"));
        }
        for (name, krate) in &self.externs {
            let (krate, kind) = krate.split_once('.').unwrap_or((krate, "rlib"));
            let file = format!("{PROFILE}/deps/lib{krate}-{}.{kind}", hash(krate));
            let path = self.dir.path().join(file);
            context.externs.push((name.clone(), Some(path)));
        }
        context
    }

    /// Returns the fingerprints of all functions of the crate, by path.
    pub(super) fn all(&self) -> BTreeMap<String, u128> {
        let mut engine = self.engine();
        let mut all = BTreeMap::new();
        for id in engine.functions() {
            let path = engine.world().item_path(id);
            all.insert(path, engine.reach_of_item(id).digest);
        }
        all
    }

    /// Returns the fingerprint of `crate::name`.
    pub(super) fn of(&self, name: &str) -> u128 {
        let mut engine = self.engine();
        let path = format!("crate::{name}");
        let id = engine
            .find(&path)
            .unwrap_or_else(|| panic!("no `{path}` in {:?}", self.all()));
        engine.reach_of_item(id).digest
    }
}

/// Returns whether replacing `from` with `to` in a file changes the fingerprint of `f`.
/// Restores the file.
pub(super) fn is_change(fixture: &Fixture, file: &str, from: &str, to: &str) -> bool {
    let before = fixture.of("f");
    let text = std::fs::read_to_string(fixture.path().join(file)).unwrap();
    assert!(text.contains(from), "{from:?} is missing in {file}");
    fixture.write(file, &text.replacen(from, to, 1));
    let after = fixture.of("f");
    fixture.write(file, &text);
    before != after
}

/// Returns whether the number 71 in a file counts for the fingerprint of `f`.
pub(super) fn does_count(fixture: &Fixture, file: &str) -> bool {
    is_change(fixture, file, "71", "72")
}

/// Asserts that replacing `from` with `to` in a crate of one file changes the
/// fingerprint of `f`.
#[track_caller]
pub(super) fn changes(text: &str, from: &str, to: &str) {
    let (before, after) = edit(text, from, to);
    assert!(
        before != after,
        "stale: {from:?} became {to:?} in\n{text}\n{}",
        listing(text)
    );
}

/// Asserts that replacing `from` with `to` in a crate of one file does not change the
/// fingerprint of `f`.
#[track_caller]
pub(super) fn keeps(text: &str, from: &str, to: &str) {
    let (before, after) = edit(text, from, to);
    assert!(
        before == after,
        "needless change: {from:?} became {to:?} in\n{text}\n{}",
        listing(text)
    );
}

/// Asserts that the number 71 in a crate of one file counts for the fingerprint of `f`.
#[track_caller]
pub(super) fn counts(text: &str) {
    changes(text, "71", "72");
}

/// Asserts that the number 71 in a crate of one file does not count for the fingerprint
/// of `f`.
#[track_caller]
pub(super) fn is_ignored(text: &str) {
    keeps(text, "71", "72");
}

#[track_caller]
fn edit(text: &str, from: &str, to: &str) -> (u128, u128) {
    assert!(text.contains(from), "{from:?} is not in\n{text}");
    let fixture = Fixture::lib(text);
    let before = fixture.of("f");
    fixture.write("src/lib.rs", &text.replacen(from, to, 1));
    (before, fixture.of("f"))
}

/// Returns the items that the fingerprint of `f` covers.
fn listing(text: &str) -> String {
    let mut engine = Fixture::lib(text).engine();
    let id = engine
        .find("crate::f")
        .expect("the crate has a function `f`");
    let summary = engine.reach_of_item(id);
    engine.items_text(&summary)
}
