//! The workspace on the disk: an application, a library between it and the crate, and a
//! member that enables features. Builds it in a given state.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use super::axis::Axis;
use super::state::{Source, State};
use super::subject::Subject;
use crate::mutate::lines::{self, Lines};
use crate::mutate::subject::{MAIN, PRELUDE, copy_tree, functions};
use crate::shell::{Result, cargo, output, root, succeed, target};

const BRIDGE: &str = include_str!("bridge/lib.rs");
const BUILD_SCRIPT: &str = include_str!("bridge/build.rs");
const PROBES: &str = include_str!("bridge/probes.rs");

/// The file that a macro reads, for each value of its axis.
const DATA: [&str; 3] = ["1 2", "3", "4 5 6"];

/// The file that a build script reads, for each value of its axis.
const INPUTS: [&str; 3] = ["11", "12", "13"];

const EDITIONS: [&str; 3] = ["2021", "2018", "2024"];

/// A wrapper that runs the compiler. It saves files prepared for a crate when the
/// compiler starts that crate, or when it ends.
const WRAPPER: &str = r#"#!/bin/sh
waiting=${0%/*}/waiting
crate=
previous=
for word; do
    [ "$previous" = --crate-name ] && crate=$word
    previous=$word
done
save() {
    if [ -n "$crate" ] && [ -f "$waiting/$crate.$1" ]; then
        sleep "$2"
        cp "$waiting/$crate.text" "$(cat "$waiting/$crate.$1")"
        rm -f "$waiting/$crate.$1"
    fi
}
save begin 0.15 &
"$@"
status=$?
save end 0
wait
exit $status
"#;

/// The directories of a workspace, and what can be built in it.
pub(super) struct Workspace {
    subject: &'static Subject,
    /// The directory of a lane (one concurrent walk).
    lane: PathBuf,
    /// The name of another toolchain, if one is installed.
    toolchain: Option<String>,
    host: String,
}

impl Workspace {
    /// Creates an empty workspace in the directory of a lane. Existing builds are
    /// reused.
    pub(super) fn new(subject: &'static Subject, lane: usize) -> Result<Workspace> {
        let lane = target().join(format!("mutate/events/{lane}"));
        for folder in ["here", "there", "copy", "vendor", "waiting"] {
            let folder = lane.join(folder);
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
        }
        fs::create_dir_all(lane.join("waiting"))?;
        let wrapper = lane.join("wrapper");
        fs::write(&wrapper, WRAPPER)?;
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
        let workspace = Workspace {
            subject,
            lane,
            toolchain: other_toolchain(),
            host: host()?,
        };
        let dir = workspace.dir(&State::default());
        fs::create_dir_all(&dir)?;
        fs::copy(root().join("Cargo.lock"), dir.join("Cargo.lock"))?;
        Ok(workspace)
    }

    /// Returns the number of values of an axis in this workspace.
    pub(super) fn values(&self, axis: Axis) -> usize {
        match axis {
            Axis::Release => self.subject.releases.len(),
            Axis::Features => self.subject.features.len(),
            Axis::Toolchain => 1 + usize::from(self.toolchain.is_some()),
            Axis::OwnFeature
            | Axis::Member
            | Axis::Example
            | Axis::Place
            | Axis::Profile
            | Axis::Target => 2,
            Axis::Variable
            | Axis::Script
            | Axis::Input
            | Axis::Data
            | Axis::Flags
            | Axis::Edition
            | Axis::Lines => 3,
        }
    }

    fn dir(&self, state: &State) -> PathBuf {
        self.lane.join(["here", "there"][state.get(Axis::Place)])
    }

    /// Returns the directory of the copy that a patch substitutes for the crate.
    pub(super) fn copy(&self) -> PathBuf {
        self.lane.join("copy")
    }

    /// Returns the directory of the application.
    pub(super) fn app(&self, state: &State) -> PathBuf {
        self.dir(state).join("app")
    }

    /// Returns the clone of the repository, and creates it if it is missing.
    pub(super) fn clone(&self) -> Result<Option<PathBuf>> {
        let Some(repository) = &self.subject.repository else {
            return Ok(None);
        };
        let name = repository.url.rsplit('/').next().unwrap_or_default();
        let clone = target().join("mutate/repositories").join(name);
        if !clone.exists() {
            let mut git = Command::new("git");
            git.args(["clone", "--quiet", repository.url]).arg(&clone);
            if succeed(&mut git).is_err() {
                println!(
                    "{}: the repository cannot be cloned; its commits are skipped",
                    self.subject.name
                );
                return Ok(None);
            }
        }
        Ok(Some(clone))
    }

    /// Moves the workspace if its location changes, and writes only files whose
    /// contents change, because cargo compares file times.
    pub(super) fn write(&self, before: &State, state: &State) -> Result {
        let dir = self.dir(state);
        if self.dir(before) != dir {
            fs::rename(self.dir(before), &dir)?;
        }
        for (path, text) in self.files(state)? {
            let path = dir.join(path);
            if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                fs::create_dir_all(path.parent().unwrap_or(&dir))?;
                fs::write(&path, text)?;
            }
        }
        Ok(())
    }

    fn files(&self, state: &State) -> Result<Vec<(&'static str, String)>> {
        let lines = "// A line.\n".repeat(state.get(Axis::Lines));
        let data = state.get(Axis::Data);
        let mut files = vec![
            ("Cargo.toml", self.workspace_manifest(state)),
            (".cargo/config.toml", self.configuration(state)),
            ("app/Cargo.toml", self.app_manifest(state)?),
            ("app/src/main.rs", program(self.subject.harness)),
            ("app/src/data.txt", DATA[data].to_owned()),
            ("bridge/Cargo.toml", bridge_manifest(state)),
            ("bridge/build.rs", BUILD_SCRIPT.to_owned()),
            ("bridge/src/lib.rs", lines + BRIDGE),
            (
                "bridge/input.txt",
                INPUTS[state.get(Axis::Input)].to_owned(),
            ),
            ("tool/Cargo.toml", TOOL_MANIFEST.to_owned()),
            ("tool/src/main.rs", "fn main() {}\n".to_owned()),
        ];
        if let Some((_, contents)) = self.subject.read {
            files.push(("app/src/grammar.pest", contents[data].to_owned()));
        }
        Ok(files)
    }

    fn workspace_manifest(&self, state: &State) -> String {
        let mut text =
            "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"bridge\", \"tool\"]\n\n\
             [profile.dev]\ndebug = false\noverflow-checks = false\n\n\
             [profile.plain]\ninherits = \"dev\"\ndebug-assertions = false\n"
                .to_owned();
        if state.source == Source::Patch {
            let (name, copy) = (self.subject.edited, self.copy());
            text += &format!("\n[patch.crates-io]\n{name} = {{ path = {copy:?} }}\n");
        }
        text
    }

    fn configuration(&self, state: &State) -> String {
        let mut text = String::new();
        if state.get(Axis::Variable) == 2 {
            text += "[env]\nEVENTS_TUNING = \"configured\"\n";
        }
        if state.source == Source::Vendored {
            let vendor = self.lane.join("vendor");
            text += &format!(
                "[source.crates-io]\nreplace-with = \"vendored\"\n\n\
                 [source.vendored]\ndirectory = {vendor:?}\n"
            );
        }
        text
    }

    fn app_manifest(&self, state: &State) -> Result<String> {
        let features = self.subject.features[state.get(Axis::Features)];
        let source = match (&self.subject.repository, state.source) {
            (Some(repository), Source::Repository) => {
                let clone = self.clone()?.unwrap_or_default();
                format!("path = {:?}", clone.join(repository.folder))
            }
            _ => format!("version = \"={}\"", state.release(self.subject)),
        };
        let entry = |name: &&str| format!("{name} = {{ {source}, {features} }}\n");
        let entries: String = self.subject.packages.iter().map(entry).collect();
        Ok(format!(
            "[package]\nname = \"app\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [features]\nfast = []\n\n\
             [[example]]\nname = \"asked\"\npath = \"src/main.rs\"\n\n\
             [dependencies]\njoblib = {{ path = {:?} }}\nbridge = {{ path = \"../bridge\" }}\n{entries}\n\
             [dev-dependencies]\nbridge = {{ path = \"../bridge\", features = [\"checked\"] }}\n",
            root()
        ))
    }

    /// Vendors all dependencies of the workspace.
    pub(super) fn vendor(&self, state: &State) -> Result {
        let vendor = self.lane.join("vendor");
        if vendor.exists() {
            fs::remove_dir_all(&vendor)?;
        }
        let mut command = self.cargo(state);
        command.args(["vendor", "--quiet", "--versioned-dirs"]);
        output(command.arg(&vendor)).map(drop)
    }

    /// Returns the vendored directory of the crate.
    pub(super) fn vendored(&self, state: &State) -> Result<PathBuf> {
        let version = self.version_below(state, self.subject.edited)?;
        let name = format!("{}-{version}", self.subject.edited);
        Ok(self.lane.join("vendor").join(name))
    }

    /// Copies the crate from the registry, for a patch.
    pub(super) fn take_copy(&self, state: &State) -> Result {
        let mut metadata = self.cargo(state);
        metadata.args(["metadata", "--format-version", "1"]);
        let metadata = output(&mut metadata)?;
        let version = self.version_below(state, self.subject.edited)?;
        let tail = format!("{}-{version}/Cargo.toml", self.subject.edited);
        let mut texts = metadata.split('"');
        let found = texts
            .find(|text| text.ends_with(&tail))
            .and_then(|manifest| Path::new(manifest).parent())
            .ok_or_else(|| format!("the output of cargo does not name the directory of {tail}"))?;
        if self.copy().exists() {
            fs::remove_dir_all(self.copy())?;
        }
        copy_tree(found, &self.copy())
    }

    /// Returns the version in the lock file of a dependency of the crate: the lowest
    /// one, because other crates require the higher ones.
    pub(super) fn version_below(&self, state: &State, name: &str) -> Result<String> {
        let lock = self.lock(state)?;
        let head = format!("name = \"{name}\"\nversion = \"");
        let versions = lock.match_indices(&head).filter_map(|(at, _)| {
            let (version, _) = lock[at + head.len()..].split_once('"')?;
            Some(version.to_owned())
        });
        let number = |version: &String| -> Vec<u64> {
            version
                .split('.')
                .map(|part| part.parse().unwrap_or(0))
                .collect()
        };
        versions
            .min_by_key(number)
            .ok_or_else(|| format!("the lock file has no {name}").into())
    }

    pub(super) fn lock(&self, state: &State) -> Result<String> {
        Ok(fs::read_to_string(self.dir(state).join("Cargo.lock"))?)
    }

    pub(super) fn set_lock(&self, state: &State, text: &str) -> Result {
        Ok(fs::write(self.dir(state).join("Cargo.lock"), text)?)
    }

    /// Updates a dependency of the crate to another version. Returns false if it
    /// already has that version.
    pub(super) fn update(&self, state: &State, name: &str, version: &str) -> Result<bool> {
        let now = self.version_below(state, name)?;
        let mut command = self.cargo(state);
        command.args(["update", "--quiet", &format!("{name}@{now}")]);
        let updated = command.args(["--precise", version]).output()?;
        if !updated.status.success() {
            return Err(String::from_utf8_lossy(&updated.stderr).into());
        }
        Ok(now != version)
    }

    /// Removes the build artifacts of a package.
    pub(super) fn clean(&self, state: &State, name: &str) -> Result {
        let mut command = self.cargo(state);
        command.args(["clean", "--quiet", "--package", name]);
        command.args(["--profile", profile(state)]);
        if state.get(Axis::Target) == 1 {
            command.args(["--target", &self.host]);
        }
        succeed(&mut command)
    }

    /// Prepares a file to be saved when the compiler starts a crate, or ends.
    pub(super) fn save_later(&self, krate: &str, at: &str, path: &Path, text: &str) -> Result {
        let waiting = self.lane.join("waiting");
        fs::write(waiting.join(format!("{krate}.text")), text)?;
        let path = path.to_str().ok_or("the path is not valid UTF-8")?;
        Ok(fs::write(waiting.join(format!("{krate}.{at}")), path)?)
    }

    /// Builds and runs the application. Returns its answers, or the message with which
    /// the compiler rejects it.
    pub(super) fn ask(&self, state: &State) -> Result<std::result::Result<Lines, String>> {
        let mut command = self.cargo(state);
        command.args(["build", "--quiet", "--package", "app"]);
        command.args(["--profile", profile(state)]);
        if state.get(Axis::Example) == 1 {
            command.args(["--example", "asked"]);
        }
        if state.get(Axis::Member) == 1 {
            command.args(["--package", "tool"]);
        }
        if state.get(Axis::OwnFeature) == 1 {
            command.args(["--features", "app/fast"]);
        }
        if state.get(Axis::Target) == 1 {
            command.args(["--target", &self.host]);
        }
        let built = command.output()?;
        if built.status.success() {
            lines::ask(&self.program(state), None).map(Ok)
        } else {
            Ok(Err(String::from_utf8_lossy(&built.stderr).into_owned()))
        }
    }

    /// Returns a cargo command with the environment of a state.
    fn cargo(&self, state: &State) -> Command {
        let mut command = match &self.toolchain {
            Some(name) if state.get(Axis::Toolchain) == 1 => {
                let mut command = Command::new("cargo");
                for (name, _) in std::env::vars_os() {
                    let text = name.to_string_lossy();
                    if text.starts_with("JOBLIB_RS_") || text.starts_with("CARGO") {
                        command.env_remove(name);
                    }
                }
                command.env("RUSTUP_TOOLCHAIN", name);
                command
            }
            _ => cargo(),
        };
        let flags = ["", " --cfg mutant=\"a\"", " --cfg mutant=\"b\""][state.get(Axis::Flags)];
        command
            .current_dir(self.dir(state))
            .env("CARGO_TARGET_DIR", self.target(state))
            .env("CARGO_INCREMENTAL", "0")
            .env("RUSTC_WRAPPER", self.lane.join("wrapper"))
            .env("RUSTFLAGS", format!("--cap-lints=allow{flags}"))
            .env_remove("EVENTS_TUNING")
            .env_remove("EVENTS_SCRIPT");
        if state.get(Axis::Variable) == 1 {
            command.env("EVENTS_TUNING", "set");
        }
        match state.get(Axis::Script) {
            0 => &mut command,
            value => command.env("EVENTS_SCRIPT", value.to_string()),
        };
        command
    }

    /// Vendored crates use their own target directory, because they and others would
    /// replace each other's builds.
    fn target(&self, state: &State) -> PathBuf {
        let is_vendored = state.source == Source::Vendored;
        self.lane.join(if is_vendored {
            "target-vendored"
        } else {
            "target"
        })
    }

    fn program(&self, state: &State) -> PathBuf {
        let mut program = self.target(state);
        if state.get(Axis::Target) == 1 {
            program.push(&self.host);
        }
        program.push(["debug", "plain"][state.get(Axis::Profile)]);
        program.push(["app", "examples/asked"][state.get(Axis::Example)]);
        program
    }
}

const TOOL_MANIFEST: &str = "[package]\nname = \"tool\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
     [dependencies]\nbridge = { path = \"../bridge\", features = [\"wide\"] }\n";

fn bridge_manifest(state: &State) -> String {
    let edition = EDITIONS[state.get(Axis::Edition)];
    format!(
        "[package]\nname = \"bridge\"\nversion = \"0.0.0\"\nedition = \"{edition}\"\n\n\
         [features]\nwide = []\nchecked = []\n"
    )
}

fn profile(state: &State) -> &'static str {
    ["dev", "plain"][state.get(Axis::Profile)]
}

/// Returns the source of the application: the functions over the crate, those over the
/// bridge, and the `main` that lists them.
fn program(harness: &str) -> String {
    let source = format!("{harness}\n{PROBES}");
    format!("{source}\n{PRELUDE}\n{}\n{MAIN}", functions(&source))
}

/// Writes a file without changing its time.
pub(super) fn write_unnoticed(path: &Path, text: &str) -> Result {
    let modified = fs::metadata(path)?.modified()?;
    fs::write(path, text)?;
    Ok(File::options()
        .write(true)
        .open(path)?
        .set_modified(modified)?)
}

/// Sets the time of a file to the current time.
pub(super) fn touch(path: &Path) -> Result {
    let file = File::options().write(true).open(path)?;
    Ok(file.set_modified(SystemTime::now())?)
}

fn host() -> Result<String> {
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host
        .ok_or("the output of rustc does not name its host")?
        .to_owned())
}

/// Returns a rustup toolchain other than the one in use.
fn other_toolchain() -> Option<String> {
    let listed = Command::new("rustup")
        .args(["toolchain", "list"])
        .output()
        .ok()?;
    let version = |name: &str| {
        let mut rustc = Command::new("rustc");
        let printed = rustc.arg("-V").env("RUSTUP_TOOLCHAIN", name).output();
        printed.map(|printed| printed.stdout).ok()
    };
    let listed = String::from_utf8(listed.stdout).ok()?;
    let names = || {
        listed
            .lines()
            .filter_map(|line| line.split_whitespace().next())
    };
    let used = Command::new("rustc").arg("-V").output().ok()?.stdout;
    names()
        .find(|name| version(name).is_some_and(|version| version != used))
        .map(str::to_owned)
}
