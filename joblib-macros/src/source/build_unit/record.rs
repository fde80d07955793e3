//! Cargo's records of what it built, in `.fingerprint` beside the compiled
//! files: features, flags and dependencies of each unit. They are no interface
//! of cargo's, so whatever is not as known here is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::super::cfg;
use super::super::compile_time;
use super::super::manifest;
use super::script::BuildScriptRun;

/// How long to wait for a record that cargo has yet to write.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long cargo takes at most between the hash of a unit and its record.
const BETWEEN: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(5);

/// What the name of a file starts with that holds the hash of a library.
const LIBRARY: &str = "lib-";
/// The same of a run of a build script.
const RUN_OF_SCRIPT: &str = "run-build-script-";

/// A directory such as `target/debug`.
#[derive(Debug)]
pub(super) struct TargetLayout {
    dir: PathBuf,
    /// Directories of `.fingerprint` by the hash that ends their names, and
    /// the rest of the name.
    entries: Vec<(String, String)>,
    /// Those directories by the hash that cargo keeps in them, and the name of
    /// the file; filled when first asked for.
    by_hash: Option<BTreeMap<u64, Vec<HashFile>>>,
    /// The directory of what runs on this machine, such as macros, where it is
    /// another one; opened when first asked for.
    host: Option<Box<TargetLayout>>,
    /// Whether a record was waited for in vain: cargo writes none then.
    is_out_of_patience: bool,
}

/// A file of `.fingerprint` that holds a hash.
#[derive(Clone, Debug)]
struct HashFile {
    /// The directory's name.
    entry: String,
    /// The file's.
    file: String,
}

/// What cargo says of a compiled library.
#[derive(Clone, Debug)]
pub(super) struct UnitRecord {
    /// The name of the package.
    pub(super) package: String,
    /// Its directory, if it is known.
    dir: Option<PathBuf>,
    pub(super) profile: u64,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) started: Option<SystemTime>,
    /// Flags of the user's, such as `RUSTFLAGS`.
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
    /// Whether it may be the run of a build script of the package, which is
    /// called after its file.
    fn may_be_build_script(&self) -> bool {
        self.name.starts_with("build_script_")
    }
}

/// What a unit has of another one that it depends on.
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
            is_out_of_patience: false,
        }
    }

    /// `target/debug` beside `target/TRIPLE/debug`.
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

    /// What cargo says of the library `name` of the unit `hash`, or of the one
    /// of that name; `dir` is that of its package.
    ///
    /// Cargo writes it when the compilation has ended, and starts those that
    /// need no more than its interface before. What depends on the unit's hash
    /// alone may be older, so it is waited for only where there is none.
    ///
    /// Where several units write to the same file, it is the record of the one
    /// that made `artifact`.
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

    /// Whether everything that the unit depends on can be told.
    fn has_all(&mut self, record: &UnitRecord) -> bool {
        let mut dependencies = record.dependencies.iter();
        dependencies.all(|dependency| self.needed(record, dependency).is_some())
    }

    /// What `record` has of a unit that it depends on.
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

    /// The entry of the package `name` whose unit made `artifact`: of those that
    /// have `file`, the last one that was started before it was written.
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

    /// The entry in which a file that starts with `prefix` holds `hash`, and the
    /// rest of that file's name. Most entries are called after what they hold,
    /// so those of the package `guess` are looked into first.
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

    /// The hashes in the files of an entry that belong to a library or to a run
    /// of a build script.
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

    /// The compiled file of a library that `record` depends on.
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
        // Its record may be older than what it depends on. The name is that of a
        // package only where the manifest does not give it to another one.
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

    /// The one library of the package `name` that is called so, too.
    fn only_library(&self, name: &str) -> Option<HashFile> {
        let file = format!("{LIBRARY}{name}");
        let entry = self.only(name, |entry| self.path(entry, &file).is_file())?;
        Some(HashFile { entry, file })
    }

    /// The compiled file of a library that is kept in `.fingerprint`.
    fn file_of(&self, kept: &HashFile) -> Option<PathBuf> {
        let krate = kept.file[LIBRARY.len()..].replace('-', "_");
        let (_, unit) = kept.entry.rsplit_once('-')?;
        let deps = self.dir.join("deps");
        let hashed = format!("{krate}-{unit}");
        // What other languages link to has no hash in the name of its files.
        let is_plain = !deps.join(format!("{hashed}.d")).is_file()
            && deps.join(format!("{krate}.d")).is_file();
        let stem = if is_plain { krate } else { hashed };
        let is_there = |file: &String| deps.join(file).is_file();
        // Of a procedural macro there is nothing but what the compiler loads. Where
        // several units write to one file, only a build writes what is linked.
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

    /// The run of the build script of `record`'s package that cargo's `hash`
    /// stands for.
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

    /// The entries of the package `name`.
    fn named(&self, name: &str) -> impl Iterator<Item = String> {
        let plain = |name: &str| name.replace('-', "_");
        let wanted = plain(name);
        let entries = self.entries.iter();
        entries
            .filter(move |(_, package)| plain(package) == wanted)
            .map(|(hash, package)| format!("{package}-{hash}"))
    }

    /// The one entry of the package `name` that is as `is_wanted` says. Which
    /// units a unit depends on is a matter of its hash; where a record is
    /// older than they are and there is one of that name, it is the one.
    fn only(&self, name: &str, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut found = self.named(name).filter(|entry| is_wanted(entry));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// Asks until there is an answer, as long as cargo may still be at work.
    fn wait_for<T>(&mut self, ask: impl Fn() -> Option<T>) -> Option<T> {
        let start = Instant::now();
        loop {
            let answer = ask();
            if answer.is_some() || self.is_out_of_patience {
                return answer;
            }
            self.is_out_of_patience = start.elapsed() > PATIENCE;
            thread::sleep(PAUSE);
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

/// A number of the package, the name, whether it is public, and the hash.
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

/// Whether cargo is done with a record that is older than its unit seems to be,
/// since the times of a copy say nothing: while cargo is at work the file of the
/// hash is empty, and the record is written right after it.
fn is_settled(hash: &Path, record: &Path) -> bool {
    let changed = fs::metadata(hash)
        .ok()
        .and_then(|it| compile_time::changed(&it));
    let age = changed.and_then(|time| SystemTime::now().duration_since(time).ok());
    let is_after = modified(record) >= modified(hash) || age.is_some_and(|age| age > BETWEEN);
    read_hash(hash).is_some() && is_after
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

impl UnitRecord {
    /// The features and what flags for all crates set.
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
