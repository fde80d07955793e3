//! The published crates, and a workspace around a copy of one.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shell::{Result, cargo, output, root, succeed, target};

/// A published crate and the functions that call it.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    /// What follows the path in the dependency entry.
    features: &'static str,
    /// The source of the memoized functions.
    wrapped: &'static str,
}

/// Every crate that is edited.
pub(super) const SUBJECTS: &[Subject] = &[
    Subject {
        name: "statrs",
        version: "0.19.1",
        features: "default-features = false, features = [\"std\"]",
        wrapped: include_str!("wrapped/statrs.rs"),
    },
    Subject {
        name: "smartcore",
        version: "0.7.0",
        features: "default-features = false",
        wrapped: include_str!("wrapped/smartcore.rs"),
    },
    Subject {
        name: "textdistance",
        version: "1.1.1",
        features: "default-features = true",
        wrapped: include_str!("wrapped/textdistance.rs"),
    },
];

/// An application over a copy of a crate.
pub(super) struct Workspace {
    /// Where the workspace lies.
    pub(super) dir: PathBuf,
    /// The copy.
    pub(super) krate: PathBuf,
}

/// Where every workspace builds, so that nothing they share is built twice.
pub(super) fn build_dir() -> PathBuf {
    target().join("mutate").join("target")
}

impl Subject {
    /// A fresh copy of the crate, with an application that calls it.
    pub(super) fn prepare(&self, kind: &str) -> Result<Workspace> {
        let dir = target().join("mutate").join(self.name).join(kind);
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

    /// The source of the crate as cargo fetched it.
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
                    "cargo did not say where {} {} lies",
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

    /// The functions, and a `main` that prints what each answers and is.
    fn program(&self) -> String {
        let functions = self.wrapped.lines().filter_map(|line| {
            let rest = line.strip_prefix("pub fn ")?;
            Some(rest.split_once('(')?.0)
        });
        let calls: String = functions
            .map(|name| {
                format!(
                    "    print(\"{name}\", {name}::FINGERPRINT, {name}::reaches().len(), || \
                     (1..8).map(|n| format!(\"{{:?}}\", {name}::uncached(n))).collect::<Vec<_>>().join(\" \"));\n"
                )
            })
            .collect();
        format!(
            "{}\n#[memoize(scope = \"crate\")]\npub fn everything(n: u64) -> u64 {{\n    n\n}}\n\n{PRINT}\n\
             fn main() {{\n    std::panic::set_hook(Box::new(|_| {{}}));\n{calls}    \
             println!(\"\\t\\t{{}}\\t\", everything::reaches().len());\n    std::process::exit(0);\n}}\n",
            self.wrapped
        )
    }
}

/// A panic is an answer too, and so is none in time.
const PRINT: &str = r#"
fn print(
    name: &str,
    fingerprint: joblib::Fingerprint,
    reached: usize,
    answer: impl Fn() -> String + Send + 'static,
) {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(answer()));
    let limit = std::time::Duration::from_secs(5);
    let answer = receiver.recv_timeout(limit).map_err(|error| format!("{error:?}"));
    println!("{name}\t{fingerprint}\t{reached}\t{answer:?}");
}
"#;

fn copy_tree(from: &Path, to: &Path) -> Result {
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
