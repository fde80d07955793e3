//! The directory of a store: made if need be, refused if another could have
//! put something there, and the names of the files in it.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::fs::FileSystem;
use super::{Id, StoreOptions, temp_file};

/// The format this version reads and writes: the name of the inner directory.
const VERSION: u32 = 2;

/// The signature that backup programs look for (bford.info/cachedir).
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
    # This directory holds results that joblib can compute again.\n";

/// What keeps version control and backups away.
const MARKS: [(&str, &str); 2] = [(".gitignore", "*\n"), ("CACHEDIR.TAG", TAG)];

/// The directory of a store.
#[derive(Clone, Debug)]
pub(crate) struct StoreDir {
    /// Where everything of this format is.
    inner: PathBuf,
    pub(crate) file_mode: u32,
    /// Whose the files in it must be; nothing where others are trusted.
    owner: Option<u32>,
}

impl StoreDir {
    /// The directory at `path`, checked, and made unless it is only read;
    /// nothing if it is only read and not there.
    pub(crate) fn open(
        files: &dyn FileSystem,
        path: &Path,
        options: &StoreOptions,
    ) -> Result<Option<StoreDir>, Error> {
        let (dir_mode, file_mode) = if options.shared {
            (0o777, 0o666)
        } else {
            (0o700, 0o600)
        };
        let inner = path.join(format!("v{VERSION}"));
        let owner = (!options.shared).then(|| rustix::process::geteuid().as_raw());
        let directory = StoreDir {
            inner,
            file_mode,
            owner,
        };
        if options.read_only {
            if is_absent(files, path) {
                return Ok(None);
            }
            check(files, path, options, false)?;
            if is_absent(files, &directory.inner) {
                return from_the_future(files, path).map_or(Ok(None), Err);
            }
            check(files, &directory.inner, options, true)?;
            if !is_absent(files, &directory.big()) {
                check(files, &directory.big(), options, true)?;
            }
            return Ok(Some(directory));
        }
        files
            .make_dir(path, dir_mode)
            .map_err(|error| cannot_make(path, error))?;
        check(files, path, options, false)?;
        for inner in [directory.path(), &directory.big()] {
            files
                .make_dir(inner, dir_mode)
                .map_err(|error| cannot_make(inner, error))?;
            check(files, inner, options, true)?;
        }
        mark(files, path, &directory);
        Ok(Some(directory))
    }

    /// Opens a file in it. One that somebody else made is refused: whoever may write
    /// to a directory further up can put another in the place of this one at any
    /// time.
    pub(crate) fn open_file(&self, files: &dyn FileSystem, path: &Path) -> io::Result<File> {
        files.open(path, false).and_then(|file| self.own(file))
    }

    /// As [`open_file`](StoreDir::open_file), of one that all processes write to and
    /// that is made if need be.
    pub(crate) fn open_shared(&self, files: &dyn FileSystem, path: &Path) -> io::Result<File> {
        let opened = files.open_shared(path, self.file_mode);
        opened.and_then(|file| self.own(file))
    }

    fn own(&self, file: File) -> io::Result<File> {
        match (self.owner, file.metadata()?.uid()) {
            (Some(user), owner) if owner != user => Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("it belongs to the user with the number {owner}"),
            )),
            _ => Ok(file),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.inner
    }

    pub(crate) fn log(&self, segment: u64) -> PathBuf {
        self.inner.join(format!("{segment:016x}.log"))
    }

    pub(crate) fn table(&self, segment: u64) -> PathBuf {
        self.inner.join(format!("{segment:016x}.idx"))
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.inner.join("lock")
    }

    pub(crate) fn pulse(&self) -> PathBuf {
        self.inner.join("pulse")
    }

    pub(crate) fn big(&self) -> PathBuf {
        self.inner.join("big")
    }

    /// The file of a large payload.
    pub(crate) fn payload(&self, id: Id, number: u64) -> PathBuf {
        self.big().join(format!("{id:032x}-{number:016x}"))
    }

    /// A name that no other process takes.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.inner.join(format!("{TEMPORARY}{:016x}", random()))
    }
}

/// What the names of unfinished files begin with.
pub(crate) const TEMPORARY: &str = "tmp-";

/// The segment a file belongs to, and whether it is its log.
pub(crate) fn segment_of(name: &str) -> Option<(u64, bool)> {
    let (stem, extension) = name.split_once('.')?;
    let segment = u64::from_str_radix(stem, 16)
        .ok()
        .filter(|_| stem.len() == 16)?;
    match extension {
        "log" => Some((segment, true)),
        "idx" => Some((segment, false)),
        _ => None,
    }
}

/// A number that no other process has.
pub(crate) fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    RandomState::new().hash_one((std::process::id(), time.map_or(0, |time| time.as_nanos())))
}

fn is_absent(files: &dyn FileSystem, path: &Path) -> bool {
    files
        .look_up(path)
        .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

const IS_FILE: &str = "it is a file, not a directory";

fn cannot_make(path: &Path, error: io::Error) -> Error {
    let in_the_way = path.ancestors().find(|part| {
        part.symlink_metadata()
            .is_ok_and(|meta| !meta.is_dir() && !meta.is_symlink())
    });
    match in_the_way {
        Some(file) => Error::Refused {
            path: path.to_owned(),
            why: if file == path {
                IS_FILE.to_owned()
            } else {
                format!("{} is a file, not a directory", file.display())
            },
            way_out: "move it away or name another directory",
        },
        None => Error::io("make the directory", path)(error),
    }
}

/// Refuses a directory in which others could have placed results: whoever
/// writes there decides what functions return.
fn check(
    files: &dyn FileSystem,
    path: &Path,
    options: &StoreOptions,
    is_ours_alone: bool,
) -> Result<(), Error> {
    let refuse = |why: String, way_out| {
        Err(Error::Refused {
            path: path.to_owned(),
            why,
            way_out,
        })
    };
    let meta = files.look_up(path).map_err(Error::io("look at", path))?;
    if meta.is_symlink() {
        return refuse(
            "it is a symbolic link".to_owned(),
            "name the directory it points to",
        );
    }
    if !meta.is_dir() {
        return refuse(IS_FILE.to_owned(), "move it away or name another directory");
    }
    if options.shared {
        return Ok(());
    }
    let user = rustix::process::geteuid().as_raw();
    if meta.uid() != user && (is_ours_alone || meta.uid() != 0) {
        return refuse(
            format!("it belongs to the user with the number {}", meta.uid()),
            "name a directory of your own, or declare the cache `shared` if you trust its owner",
        );
    }
    let forbidden = if is_ours_alone { 0o077 } else { 0o022 };
    refuse_open(path, &meta, forbidden)
}

fn refuse_open(path: &Path, meta: &Metadata, forbidden: u32) -> Result<(), Error> {
    let mode = meta.mode() & 0o7777;
    if mode & forbidden == 0 {
        return Ok(());
    }
    Err(Error::Refused {
        path: path.to_owned(),
        why: format!("its mode {mode:o} lets others in"),
        way_out: "run `chmod 700` on it once you trust what is in it, or declare the cache `shared`",
    })
}

/// A directory that only a later version has written to.
fn from_the_future(files: &dyn FileSystem, path: &Path) -> Option<Error> {
    let names = files.list(path).ok()?;
    let mut names = names.iter().filter_map(|name| name.to_str());
    let found = names.find(|name| format_of(name).is_some_and(|format| format > VERSION))?;
    Some(Error::Future {
        path: path.to_owned(),
        found: found.to_owned(),
        known: VERSION,
    })
}

/// Keeps version control and backups away from the directory, or where it has
/// more than the cache, from what is ours in it. What is shorter than it should
/// be was torn by a crash; what the user wrote there stays. Whether this works
/// changes nothing.
fn mark(files: &dyn FileSystem, path: &Path, directory: &StoreDir) {
    let names = files.list(path);
    let home = match names.is_ok_and(|names| names.iter().all(|name| is_ours(name))) {
        true => path,
        false => directory.path(),
    };
    for (name, text) in MARKS {
        let path = home.join(name);
        let is_whole = |meta: Metadata| !meta.is_file() || meta.len() >= text.len() as u64;
        if !files.look_up(&path).is_ok_and(is_whole) {
            let _ = temp_file::publish(files, directory, &[text.as_bytes()], &path, false);
        }
    }
}

/// Whether a name in the directory of a cache is one that this or a later
/// version gives.
fn is_ours(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    MARKS.iter().any(|(mark, _)| name == *mark) || format_of(name).is_some()
}

/// The number of the format whose directory has this name.
fn format_of(name: &str) -> Option<u32> {
    name.strip_prefix('v')?.parse().ok()
}
