//! Cargo's records of its builds, in `.fingerprint` next to the compiled files: the
//! features, flags and dependencies of each unit. The format is not a public
//! interface of cargo, so a record in an unknown form counts as missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::script::BuildScriptRun;
use crate::source::cfg;
use crate::source::compile_time;
use crate::source::manifest;

/// The maximum time to wait for a record that cargo has not written yet.
const RECORD_TIMEOUT: Duration = Duration::from_secs(60);
/// The maximum time between cargo's writes of a unit's hash and of its record.
const MAX_RECORD_DELAY: Duration = Duration::from_secs(2);
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// The prefix of the file that contains the hash of a library.
const LIBRARY: &str = "lib-";
/// The prefix of the file that contains the hash of a build script run.
const RUN_OF_SCRIPT: &str = "run-build-script-";

/// A directory such as `target/debug`.
#[derive(Debug)]
pub(super) struct TargetLayout {
    dir: PathBuf,
    /// Directories of `.fingerprint`: the hash at the end of the name, and the rest
    /// of the name.
    entries: Vec<(String, String)>,
    /// The directories by the hash that is stored in them; filled on first use.
    by_hash: Option<BTreeMap<u64, Vec<HashFile>>>,
    /// The directory for host artifacts such as macros, if it is a different one;
    /// opened on first use.
    host: Option<Box<TargetLayout>>,
    /// Whether waiting for a record timed out. Cargo then writes none.
    is_timed_out: bool,
}

/// A file of `.fingerprint` that contains a hash.
#[derive(Clone, Debug)]
struct HashFile {
    /// The name of the directory.
    entry: String,
    /// The name of the file.
    file: String,
}

/// Cargo's record of a compiled library.
#[derive(Clone, Debug)]
pub(super) struct UnitRecord {
    /// The name of the package.
    pub(super) package: String,
    /// The directory of the package, if it is known.
    dir: Option<PathBuf>,
    pub(super) profile: u64,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) started: Option<SystemTime>,
    /// Flags set by the user, for example in `RUSTFLAGS`.
    pub(super) flags: Vec<String>,
    features: Vec<String>,
}

/// A unit that another one depends on.
#[derive(Clone, Debug)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) hash: u64,
}

impl Dependency {
    /// Returns whether it may be the run of the package's build script, whose name
    /// derives from its file.
    fn may_be_build_script(&self) -> bool {
        self.name.starts_with("build_script_")
    }
}

/// What a unit uses of a dependency.
#[derive(Debug)]
pub(super) enum UnitNeed {
    /// The compiled file of a crate.
    Crate(PathBuf),
    /// The run of the package's build script.
    Run(BuildScriptRun),
}

impl TargetLayout {
    pub(super) fn open(dir: &Path) -> TargetLayout {
        let listed = fs::read_dir(dir.join(".fingerprint")).into_iter().flatten();
        let entries = listed.flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (package, hash) = name.rsplit_once('-')?;
            Some((hash.to_owned(), package.to_owned()))
        });
        let mut entries: Vec<_> = entries.collect();
        entries.sort();
        TargetLayout {
            dir: dir.to_owned(),
            entries,
            by_hash: None,
            host: None,
            is_timed_out: false,
        }
    }

    /// Opens `target/debug` for a layout in `target/TRIPLE/debug`.
    fn host(&mut self) -> Option<&mut TargetLayout> {
        let profile = self.dir.file_name()?;
        let dir = self.dir.parent()?.parent()?.join(profile);
        if self.host.is_none() && dir.join(".fingerprint").is_dir() {
            self.host = Some(Box::new(TargetLayout::open(&dir)));
        }
        self.host.as_deref_mut()
    }

    fn path(&self, entry: &str, file: &str) -> PathBuf {
        self.dir.join(".fingerprint").join(entry).join(file)
    }

    /// Returns the record of the library `name`: of the unit with this hash, or the
    /// one with that name. `dir` is the directory of its package.
    ///
    /// Cargo writes the record at the end of the compilation, but starts dependents
    /// that need only the metadata earlier. Information that depends only on the
    /// hash of the unit may come from an older record, so this waits only if there is none.
    ///
    /// If several units write to the same file, it is the record of the unit that
    /// made `artifact`.
    pub(super) fn record(
        &mut self,
        name: &str,
        hash: Option<&str>,
        dir: Option<&Path>,
        artifact: &Path,
    ) -> Option<UnitRecord> {
        let file = format!("{LIBRARY}{name}");
        let entry = match hash {
            Some(hash) => {
                let (_, package) = self.entries.iter().find(|(known, _)| known == hash)?;
                format!("{package}-{hash}")
            }
            None => {
                let package = manifest::package_name(dir?)?;
                self.maker_of(artifact, &package, &file)?
            }
        };
        let package = entry.rsplit_once('-')?.0.to_owned();
        let started = modified(&self.path(&entry, "invoked.timestamp"));
        let path = self.path(&entry, &format!("lib-{name}.json"));
        let mut record = self.wait_for(|| read(&path))?;
        record.package = package;
        record.dir = dir.map(Path::to_owned);
        record.started = started;
        let is_old = modified(&path) < started;
        if is_old && !self.has_all(&record) {
            let hash = self.path(&entry, &file);
            let is_written = || modified(&path) >= started || is_settled(&hash, &path);
            let current = self.wait_for(|| is_written().then(|| read(&path)).flatten());
            record.dependencies = current?.dependencies;
            self.by_hash = None;
        }
        Some(record)
    }

    /// Returns whether all dependencies of the unit are known.
    fn has_all(&mut self, record: &UnitRecord) -> bool {
        let mut dependencies = record.dependencies.iter();
        dependencies.all(|dependency| self.needed(record, dependency).is_some())
    }

    /// Returns what `record` uses of a dependency.
    pub(super) fn needed(
        &mut self,
        record: &UnitRecord,
        dependency: &Dependency,
    ) -> Option<UnitNeed> {
        let run = match dependency.may_be_build_script() {
            true => self.build_script_run(record, dependency.hash),
            false => None,
        };
        match run {
            Some(run) => Some(UnitNeed::Run(run)),
            None => {
                let file = self.compiled(record, dependency)?;
                Some(UnitNeed::Crate(file))
            }
        }
    }

    /// Returns the entry of the package `name` whose unit made `artifact`: of the
    /// entries with `file`, the last one that started before the artifact was
    /// written.
    fn maker_of(&self, artifact: &Path, name: &str, file: &str) -> Option<String> {
        let all = self.named(name);
        let all: Vec<_> = all.filter(|it| self.path(it, file).is_file()).collect();
        if let [only] = all.as_slice() {
            return Some(only.clone());
        }
        let made = modified(artifact)?;
        let started = |entry: &String| modified(&self.path(entry, "invoked.timestamp"));
        let mut before: Vec<(SystemTime, String)> = all
            .into_iter()
            .filter_map(|entry| Some((started(&entry)?, entry)))
            .filter(|(started, _)| *started <= made)
            .collect();
        before.sort();
        before.pop().map(|(_, entry)| entry)
    }

    /// Returns the entry in which a file with the prefix `prefix` contains `hash`,
    /// and the name of that file. Most entries are named after their contents, so the
    /// entries of the package `guess` are searched first.
    fn entry_of(&mut self, guess: &str, prefix: &str, hash: u64) -> Option<HashFile> {
        let is_wanted = |kept: &HashFile| kept.file.starts_with(prefix);
        let near = self.named(guess).flat_map(|entry| self.read_hashes(&entry));
        let found = near
            .filter(|(known, _)| *known == hash)
            .map(|(_, kept)| kept)
            .find(is_wanted);
        found.or_else(|| {
            if self.by_hash.is_none() {
                self.by_hash = Some(self.read_all_hashes());
            }
            let known = self.by_hash.as_ref()?.get(&hash)?;
            known.iter().find(|kept| is_wanted(kept)).cloned()
        })
    }

    fn read_all_hashes(&self) -> BTreeMap<u64, Vec<HashFile>> {
        let mut known: BTreeMap<u64, Vec<HashFile>> = BTreeMap::new();
        for (hash, package) in &self.entries {
            for (hash, kept) in self.read_hashes(&format!("{package}-{hash}")) {
                known.entry(hash).or_default().push(kept);
            }
        }
        known
    }

    /// Returns the hashes in the files of an entry that belong to a library or to a
    /// build script run.
    fn read_hashes(&self, entry: &str) -> Vec<(u64, HashFile)> {
        let listed = fs::read_dir(self.dir.join(".fingerprint").join(entry));
        let files = listed.into_iter().flatten().flatten();
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        let holds = |name: &String| {
            (name.starts_with(LIBRARY) || name.starts_with(RUN_OF_SCRIPT))
                && !name.ends_with(".json")
        };
        let kept = |file: String| {
            let hash = read_hash(&self.path(entry, &file))?;
            let entry = entry.to_owned();
            Some((hash, HashFile { entry, file }))
        };
        names.filter(holds).filter_map(kept).collect()
    }

    /// Returns the compiled file of a library that `record` depends on.
    pub(super) fn compiled(&mut self, record: &UnitRecord, on: &Dependency) -> Option<PathBuf> {
        if let Some(kept) = self.entry_of(&on.name, LIBRARY, on.hash) {
            return self.file_of(&kept);
        }
        let on_host = |host: &mut TargetLayout| {
            let kept = host.entry_of(&on.name, LIBRARY, on.hash)?;
            host.file_of(&kept)
        };
        if let Some(file) = self.host().and_then(on_host) {
            return Some(file);
        }
        // The record may be older than its dependencies. A search by name is safe
        // only if the manifest does not rename another package to this name.
        let dir = record.dir.as_deref()?;
        if !manifest::depends_by_its_name(dir, &on.name) {
            return None;
        }
        let of_name = |layout: &TargetLayout| layout.only_library(&on.name);
        let here = of_name(self);
        let there = self.host().and_then(|host| of_name(host));
        match (here, there) {
            (Some(kept), None) => self.file_of(&kept),
            (None, Some(kept)) => self.host()?.file_of(&kept),
            _ => None,
        }
    }

    /// Returns the only library of the package `name` that has the name of the
    /// package.
    fn only_library(&self, name: &str) -> Option<HashFile> {
        let file = format!("{LIBRARY}{name}");
        let entry = self.only(name, |entry| self.path(entry, &file).is_file())?;
        Some(HashFile { entry, file })
    }

    /// Returns the compiled file of a library that is recorded in `.fingerprint`.
    fn file_of(&self, kept: &HashFile) -> Option<PathBuf> {
        let krate = kept.file[LIBRARY.len()..].replace('-', "_");
        let (_, unit) = kept.entry.rsplit_once('-')?;
        let deps = self.dir.join("deps");
        let hashed = format!("{krate}-{unit}");
        // Libraries for other languages have no hash in their file names.
        let is_plain = !deps.join(format!("{hashed}.d")).is_file()
            && deps.join(format!("{krate}.d")).is_file();
        let stem = if is_plain { krate } else { hashed };
        let is_there = |file: &String| deps.join(file).is_file();
        // A procedural macro has only a dynamic library. If several units write to
        // one file, only a full build writes the linked file.
        let first = if is_plain { "rlib" } else { "rmeta" };
        let files = [
            format!("lib{stem}.{first}"),
            format!("lib{stem}.rmeta"),
            format!("lib{stem}.rlib"),
            format!("lib{stem}.so"),
            format!("lib{stem}.dylib"),
            format!("{stem}.dll"),
        ];
        let found = files.iter().find(|file| is_there(file));
        let file = found.unwrap_or(&files[0]);
        Some(deps.join(file))
    }

    /// Returns the build script run of `record`'s package that has cargo's hash
    /// `hash`.
    fn build_script_run(&mut self, record: &UnitRecord, hash: u64) -> Option<BuildScriptRun> {
        let build = self.dir.join("build");
        let found = self.entry_of(&record.package, RUN_OF_SCRIPT, hash);
        let entry = found.map(|kept| kept.entry).or_else(|| {
            self.only(&record.package, |entry| {
                build.join(entry).join("output").is_file()
            })
        })?;
        let dir = build.join(entry);
        BuildScriptRun::read(&dir)
    }

    /// Returns the entries of the package `name`.
    fn named(&self, name: &str) -> impl Iterator<Item = String> {
        let plain = |name: &str| name.replace('-', "_");
        let wanted = plain(name);
        let entries = self.entries.iter();
        entries
            .filter(move |(_, package)| plain(package) == wanted)
            .map(|(hash, package)| format!("{package}-{hash}"))
    }

    /// Returns the only entry of the package `name` that satisfies `is_wanted`. The
    /// hash of a unit determines its dependencies. If the record is older than they
    /// are, the only entry of the name is the right one.
    fn only(&self, name: &str, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut found = self.named(name).filter(|entry| is_wanted(entry));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// Repeats `ask` until it returns a value, while cargo may still be running.
    fn wait_for<T>(&mut self, ask: impl Fn() -> Option<T>) -> Option<T> {
        let start = Instant::now();
        loop {
            let answer = ask();
            if answer.is_some() || self.is_timed_out {
                return answer;
            }
            self.is_timed_out = start.elapsed() > RECORD_TIMEOUT;
            thread::sleep(POLL_INTERVAL);
        }
    }
}

fn read(path: &Path) -> Option<UnitRecord> {
    let text = fs::read_to_string(path).ok()?;
    let json: Value = serde_json::from_str(&text).ok()?;
    let features: Value = serde_json::from_str(json["features"].as_str()?).ok()?;
    let dependencies = json["deps"].as_array()?.iter().map(dependency);
    Some(UnitRecord {
        package: String::new(),
        dir: None,
        profile: json["profile"].as_u64()?,
        dependencies: dependencies.collect::<Option<_>>()?,
        started: None,
        features: texts(&features)?,
        flags: texts(&json["rustflags"])?,
    })
}

/// Parses a dependency: a number for the package, the name, whether it is public, and
/// the hash.
fn dependency(json: &Value) -> Option<Dependency> {
    let name = json[1].as_str()?.to_owned();
    let hash = json[3].as_u64()?;
    Some(Dependency { name, hash })
}

fn texts(json: &Value) -> Option<Vec<String>> {
    let texts = json.as_array()?.iter();
    texts.map(|text| Some(text.as_str()?.to_owned())).collect()
}

fn read_hash(path: &Path) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let hash = u64::from_str_radix(&text, 16).ok()?;
    (text.len() == 16).then(|| hash.swap_bytes())
}

/// Returns whether cargo is finished with a record that looks older than its unit.
/// The times of a copied directory are not reliable: while cargo runs, the hash file
/// is empty, and cargo writes the record right after the hash.
fn is_settled(hash: &Path, record: &Path) -> bool {
    let changed = fs::metadata(hash)
        .ok()
        .and_then(|it| compile_time::changed(&it));
    let age = changed.and_then(|time| SystemTime::now().duration_since(time).ok());
    let is_after =
        modified(record) >= modified(hash) || age.is_some_and(|age| age > MAX_RECORD_DELAY);
    read_hash(hash).is_some() && is_after
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

impl UnitRecord {
    /// Returns the features and the `cfg` values that flags for all crates set.
    pub(super) fn cfgs(&self) -> BTreeSet<String> {
        let features = self.features.iter();
        let mut cfgs: BTreeSet<String> = features.map(|f| format!("feature=\"{f}\"")).collect();
        let mut flags = self.flags.iter();
        while let Some(flag) = flags.next() {
            let joined = flag.strip_prefix("--cfg=").map(str::to_owned);
            let next = (flag == "--cfg").then(|| flags.next().cloned());
            cfgs.extend(joined.or(next.flatten()).map(|cfg| cfg::canonical(&cfg)));
        }
        cfgs
    }
}
