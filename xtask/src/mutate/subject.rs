//! The published crates that are edited, and a workspace around a copy of one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::lines::{self, Lines};
use super::sites::Site;
use crate::shell::{Result, cargo, output, root, succeed, target};

/// A published crate and the functions that call it.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    /// The text that follows the path in the dependency entry.
    features: &'static str,
    /// The source of the memoized functions.
    harness: &'static str,
}

/// Every crate that is edited.
pub(super) const SUBJECTS: &[Subject] = &[
    Subject {
        name: "smartcore",
        version: "0.7.0",
        features: "default-features = false",
        harness: include_str!("harness/smartcore.rs"),
    },
    Subject {
        name: "statrs",
        version: "0.19.1",
        features: "default-features = false, features = [\"std\"]",
        harness: include_str!("harness/statrs.rs"),
    },
    Subject {
        name: "textdistance",
        version: "1.1.1",
        features: "default-features = true",
        harness: include_str!("harness/textdistance.rs"),
    },
];

/// An application over a copy of a crate.
pub(super) struct Workspace {
    /// The directory of the workspace.
    pub(super) dir: PathBuf,
    /// The directory of the copy.
    pub(super) krate: PathBuf,
}

/// Returns the target directory of all workspaces. It is shared so that nothing is
/// built twice.
pub(super) fn build_dir() -> PathBuf {
    target().join("mutate").join("target")
}

/// Returns the path of the built application.
pub(super) fn program() -> PathBuf {
    build_dir().join("debug/app")
}

impl Workspace {
    /// Returns the command that builds the application.
    pub(super) fn build(&self) -> Command {
        let mut command = cargo();
        command
            .current_dir(&self.dir)
            .args(["build", "--package", "app"])
            .env("CARGO_TARGET_DIR", build_dir())
            .env("RUSTFLAGS", "--cap-lints=allow");
        command
    }

    /// Builds and runs the application. Returns its output, or the message with which
    /// the compiler rejects it.
    pub(super) fn ask(&self) -> Result<std::result::Result<Lines, String>> {
        let output = self.build().arg("--quiet").output()?;
        if output.status.success() {
            lines::ask(&program(), None).map(Ok)
        } else {
            Ok(Err(String::from_utf8_lossy(&output.stderr).into_owned()))
        }
    }

    /// Runs `act` while an edit is made, and undoes the edit.
    pub(super) fn with_edit<T>(&self, site: &Site, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let path = self.krate.join(&site.file);
        let original = fs::read_to_string(&path)?;
        let mut text = original.clone();
        text.replace_range(site.bytes.clone(), &site.after);
        fs::write(&path, text)?;
        let result = act();
        fs::write(&path, original)?;
        result
    }
}

impl Subject {
    /// Replaces the copy of the crate by a fresh one, with an application that calls
    /// it. Cargo distinguishes copies only by file times.
    pub(super) fn prepare(&self) -> Result<Workspace> {
        let dir = target().join("mutate").join(self.name).join("workspace");
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        let workspace = Workspace {
            krate: dir.join(self.name),
            dir,
        };
        copy_tree(&self.published()?, &workspace.krate)?;
        let app = workspace.dir.join("app");
        fs::create_dir_all(app.join("src"))?;
        fs::write(workspace.dir.join("Cargo.toml"), self.workspace_manifest())?;
        fs::write(app.join("Cargo.toml"), self.app_manifest())?;
        fs::write(app.join("src/main.rs"), self.program())?;
        fs::copy(root().join("Cargo.lock"), workspace.dir.join("Cargo.lock"))?;
        Ok(workspace)
    }

    /// Writes a file that lists which functions each edit changed, for diagnosis.
    pub(super) fn write_pairs(&self, pairs: &str) -> Result {
        let path = target().join("mutate").join(self.name).join("pairs.tsv");
        fs::write(&path, pairs)?;
        println!(
            "{} lists the effect of each edit on each function",
            path.display()
        );
        Ok(())
    }

    /// Returns the source of the crate that cargo fetched.
    fn published(&self) -> Result<PathBuf> {
        let dir = target().join("mutate").join(self.name).join("fetch");
        fs::create_dir_all(dir.join("src"))?;
        fs::write(dir.join("src/lib.rs"), "")?;
        let manifest = dir.join("Cargo.toml");
        let text = format!(
            "[package]\nname = \"fetch\"\nedition = \"2024\"\n\n[dependencies]\n{} = \"={}\"\n\n[workspace]\n",
            self.name, self.version
        );
        fs::write(&manifest, text)?;
        let mut fetch = cargo();
        succeed(
            fetch
                .args(["fetch", "--quiet", "--manifest-path"])
                .arg(&manifest),
        )?;
        let mut pkgid = cargo();
        pkgid.args(["metadata", "--format-version", "1", "--manifest-path"]);
        let metadata = output(pkgid.arg(&manifest))?;
        let tail = format!("{}-{}/Cargo.toml", self.name, self.version);
        let found = metadata
            .split('"')
            .find(|text| text.ends_with(&tail))
            .and_then(|text| Path::new(text).parent());
        Ok(found
            .ok_or_else(|| {
                format!(
                    "the output of cargo does not name the directory of {} {}",
                    self.name, self.version
                )
            })?
            .to_owned())
    }

    fn workspace_manifest(&self) -> String {
        format!(
            "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"{}\"]\n\n[profile.dev]\ndebug = false\n\
             overflow-checks = false\n",
            self.name
        )
    }

    fn app_manifest(&self) -> String {
        format!(
            "[package]\nname = \"app\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             joblib = {{ path = {:?} }}\n{name} = {{ path = \"../{name}\", {} }}\n",
            root(),
            self.features,
            name = self.name
        )
    }

    /// Returns the functions, and a `main` that prints the fingerprint and the answers
    /// of each.
    fn program(&self) -> String {
        let functions = functions(self.harness);
        format!("{}\n{PRELUDE}\n{functions}\n{MAIN}", self.harness)
    }
}

/// Returns the table of the memoized functions in a source.
pub(super) fn functions(source: &str) -> String {
    let rows = source.lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("pub fn ")?.split_once('(')?;
        Some(format!(
            "    (\"{name}\", {name}::FINGERPRINT, || {name}::reaches().len(), \
             |n| format!(\"{{:?}}\", {name}::uncached(n))),\n"
        ))
    });
    let rows: String = rows.collect();
    format!("const FUNCTIONS: &[Function] = &[\n{rows}];\n")
}

/// The code between the functions and their table.
pub(super) const PRELUDE: &str = r#"
#[memoize(scope = "crate")]
pub fn everything(n: u64) -> u64 {
    n
}

type Function = (&'static str, joblib::Fingerprint, fn() -> usize, fn(u64) -> String);
"#;

/// A `main` that prints the fingerprint and the answers of each function. A panic is
/// also an answer. If a function times out, the process ends.
pub(super) const MAIN: &str = r#"
fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    for (name, fingerprint, reached, _) in FUNCTIONS {
        println!("{name}\t{fingerprint}\t{}", reached());
    }
    println!("\t\t{}", everything::reaches().len());
    let wanted = std::env::args().nth(1);
    for &(name, _, _, function) in FUNCTIONS {
        if wanted.as_deref().is_none_or(|wanted| wanted == name) {
            let (sender, receiver) = std::sync::mpsc::channel();
            let thread = std::thread::Builder::new().name(name.into());
            thread.spawn(move || sender.send(answers(function))).unwrap();
            let limit = std::time::Duration::from_secs(2);
            match receiver.recv_timeout(limit) {
                Ok(answers) => println!("{name}\t{answers}"),
                Err(_) => break,
            }
        }
    }
    std::process::exit(0);
}

fn answers(function: fn(u64) -> String) -> String {
    let answer = |n| std::panic::catch_unwind(|| function(n)).unwrap_or("panics".into());
    (1..8).map(answer).collect::<Vec<_>>().join("\t")
}
"#;

/// Copies the contents of a directory, which may be read-only, into another.
pub(super) fn copy_tree(from: &Path, to: &Path) -> Result {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
