//! The directory of a store: creates it if necessary, refuses it if other users could
//! have written to it, and names the files in it.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::fs::FileSystem;
use super::{Id, StoreOptions, temp_file};

/// The version of the format, which is part of the name of the inner directory.
const VERSION: u32 = 2;

/// The signature that backup programs look for (bford.info/cachedir).
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
    # This directory holds results that joblib can compute again.\n";

/// Files that exclude the directory from version control and backups.
const MARKS: [(&str, &str); 2] = [(".gitignore", "*\n"), ("CACHEDIR.TAG", TAG)];

/// The directory of a store.
#[derive(Clone, Debug)]
pub(crate) struct StoreDir {
    /// The inner directory with all files of this format.
    inner: PathBuf,
    pub(crate) file_mode: u32,
    /// The required owner of files; `None` if other users are trusted.
    owner: Option<u32>,
}

impl StoreDir {
    /// Opens and checks the directory at `path`. Creates it, or returns `None` if the
    /// store is read-only and it does not exist.
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
                return newer_format_error(files, path).map_or(Ok(None), Err);
            }
            check(files, &directory.inner, options, true)?;
            if !is_absent(files, &directory.big()) {
                check(files, &directory.big(), options, true)?;
            }
            return Ok(Some(directory));
        }
        files
            .make_dir(path, dir_mode)
            .map_err(|error| creation_error(path, error))?;
        check(files, path, options, false)?;
        for inner in [directory.path(), &directory.big()] {
            files
                .make_dir(inner, dir_mode)
                .map_err(|error| creation_error(inner, error))?;
            check(files, inner, options, true)?;
        }
        write_marks(files, path, &directory);
        Ok(Some(directory))
    }

    /// Opens a file in the directory. Fails if another user owns it: a user who may
    /// write to a parent directory can replace this directory at any time.
    pub(crate) fn open_file(&self, files: &dyn FileSystem, path: &Path) -> io::Result<File> {
        files.open(path, false).and_then(|file| self.own(file))
    }

    /// Opens a file as [`open_file`](StoreDir::open_file) does, for writing by all
    /// processes. Creates it if necessary.
    pub(crate) fn open_shared(&self, files: &dyn FileSystem, path: &Path) -> io::Result<File> {
        let opened = files.open_shared(path, self.file_mode);
        opened.and_then(|file| self.own(file))
    }

    fn own(&self, file: File) -> io::Result<File> {
        match (self.owner, file.metadata()?.uid()) {
            (Some(user), owner) if owner != user => Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("it is owned by user {owner}"),
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

    /// Returns the path of the empty file that stands for the notice of a large
    /// directory.
    pub(crate) fn large_notice(&self) -> PathBuf {
        self.inner.join("large")
    }

    pub(crate) fn big(&self) -> PathBuf {
        self.inner.join(BIG_DIR)
    }

    /// Returns the path of a large payload.
    pub(crate) fn payload(&self, id: Id, number: u64) -> PathBuf {
        self.big().join(format!("{id:032x}-{number:016x}"))
    }

    /// Returns a path that no other process uses.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.inner.join(format!("{TEMPORARY}{:016x}", random()))
    }
}

/// The directory of large payloads.
pub(crate) const BIG_DIR: &str = "big";

/// Prefix of the names of unfinished files.
pub(crate) const TEMPORARY: &str = "tmp-";

/// Returns the segment that a file belongs to, and whether the file is its log.
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

/// Returns a number that no other process uses.
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

const IS_FILE: &str = "is a file, not a directory";

const IS_DANGLING: &str = "is a symbolic link to a directory that does not exist";

fn creation_error(path: &Path, error: io::Error) -> Error {
    let in_the_way = path.ancestors().find_map(|part| {
        let meta = part.symlink_metadata().ok()?;
        if meta.is_symlink() {
            let is_dangling = part.metadata().is_err();
            return is_dangling.then_some((part, IS_DANGLING));
        }
        (!meta.is_dir()).then_some((part, IS_FILE))
    });
    match in_the_way {
        Some((part, what)) => Error::Refused {
            path: path.to_owned(),
            why: if part == path {
                format!("it {what}")
            } else {
                format!("{} {what}", part.display())
            },
            way_out: "move it or choose another directory",
        },
        None => Error::io("create the directory", path)(error),
    }
}

/// Refuses a directory to which other users could have written: they could choose what
/// functions return.
fn check(
    files: &dyn FileSystem,
    path: &Path,
    options: &StoreOptions,
    is_private: bool,
) -> Result<(), Error> {
    let refuse = |why: String, way_out| {
        Err(Error::Refused {
            path: path.to_owned(),
            why,
            way_out,
        })
    };
    let meta = files.look_up(path).map_err(Error::io("inspect", path))?;
    if meta.is_symlink() {
        return refuse(
            "it is a symbolic link".to_owned(),
            "use the directory that it points to",
        );
    }
    if !meta.is_dir() {
        return refuse(
            format!("it {IS_FILE}"),
            "move it or choose another directory",
        );
    }
    if options.shared {
        return Ok(());
    }
    let user = rustix::process::geteuid().as_raw();
    if meta.uid() != user && (is_private || meta.uid() != 0) {
        return refuse(
            format!("it is owned by user {}", meta.uid()),
            "choose a directory of your own, or declare the cache `shared` if you trust its owner",
        );
    }
    let forbidden = if is_private { 0o077 } else { 0o022 };
    refuse_access_by_others(path, &meta, forbidden)
}

fn refuse_access_by_others(path: &Path, meta: &Metadata, forbidden: u32) -> Result<(), Error> {
    let mode = meta.mode() & 0o7777;
    if mode & forbidden == 0 {
        return Ok(());
    }
    Err(Error::Refused {
        path: path.to_owned(),
        why: format!("its mode {mode:o} gives other users access"),
        way_out: "run `chmod 700` on it if you trust its contents, or declare the cache `shared`",
    })
}

/// Returns the error for a directory that only later versions have written to.
fn newer_format_error(files: &dyn FileSystem, path: &Path) -> Option<Error> {
    let names = files.list(path).ok()?;
    let mut names = names.iter().filter_map(|name| name.to_str());
    let found = names.find(|name| format_of(name).is_some_and(|format| format > VERSION))?;
    Some(Error::Future {
        path: path.to_owned(),
        found: found.to_owned(),
        known: VERSION,
    })
}

/// Excludes the directory from version control and backups. If it contains other files
/// too, only the inner directory is excluded. A mark that is too short was truncated by
/// a crash and is rewritten; longer text, which the user wrote, stays. Errors are
/// ignored.
fn write_marks(files: &dyn FileSystem, path: &Path, directory: &StoreDir) {
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

/// Whether a name in the directory of a cache is one that this or a later version uses.
fn is_ours(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    MARKS.iter().any(|(mark, _)| name == *mark) || format_of(name).is_some()
}

/// Returns the version of the format whose inner directory has this name.
fn format_of(name: &str) -> Option<u32> {
    name.strip_prefix('v')?.parse().ok()
}
