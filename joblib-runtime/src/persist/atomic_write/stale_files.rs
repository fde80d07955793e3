//! Removes temporary files left by processes that were killed during a write. Such
//! files are recognized by a number in their names that other programs would not use,
//! by their contents, and by the absence of the lock that their writers hold.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};

use rustix::fs::{AtFlags, Dir, FlockOperation, Mode, OFlags, flock, openat, unlinkat};
use rustix::io::retry_on_intr;

use super::target::DirEntry;
use crate::persist::compress::whole_file::WholeFileCodec;
use crate::persist::layout::MAGIC;
use crate::xxh3;

/// Names of this length or longer are omitted from the names of temporary files, since
/// a name has at most 255 bytes.
const LONG_NAME: usize = 200;

/// The hash seed of the numbers in names: eight letters of "joblib unfinished".
const SEED: u64 = u64::from_le_bytes(*b"jblunfin");

/// The number of hexadecimal digits of a number.
const DIGITS: usize = 16;

/// Returns the common prefix of the names of temporary files for `name`.
pub(super) fn prefix(name: &OsStr) -> OsString {
    let number = xxh3::hash64_seeded(SEED, name.as_bytes());
    let mut prefix = OsString::from(".");
    if name.len() < LONG_NAME {
        prefix.push(name);
    }
    prefix.push(format!(".new-{number:0DIGITS$x}"));
    prefix
}

/// Returns a unique name with this prefix.
pub(super) fn unique(prefix: &OsStr) -> OsString {
    let number = RandomState::new().hash_one(std::process::id());
    let mut unique = prefix.to_owned();
    unique.push(format!("-{number:0DIGITS$x}"));
    unique
}

/// Removes the files called `prefix` or with a unique name made from it, unless they
/// are still being written.
pub(super) fn remove(place: &DirEntry, prefix: &OsStr) {
    // The descriptor in `place` cannot be read, so the directory is opened again.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let open = || openat(place.directory()?, ".", flags, Mode::empty());
    let Ok(entries) = retry_on_intr(open).and_then(Dir::new) else {
        return;
    };
    for entry in entries.flatten() {
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if matches(name, prefix) {
            remove_one(place, name);
        }
    }
}

fn matches(name: &OsStr, prefix: &OsStr) -> bool {
    match name.as_bytes().strip_prefix(prefix.as_bytes()) {
        Some([]) => true,
        Some([b'-', number @ ..]) => {
            let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            number.len() == DIGITS && number.iter().all(is_digit)
        }
        _ => false,
    }
}

fn remove_one(place: &DirEntry, name: &OsStr) {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let open = || openat(place.directory()?, name, flags, Mode::empty());
    let Ok(file) = retry_on_intr(open).map(File::from) else {
        return;
    };
    let is_stale = is_unfinished(&file)
        && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
        // Another process may have removed the file, and a third may have reused its
        // name.
        && file.metadata().is_ok_and(|it| it.nlink() > 0);
    if is_stale {
        let _ = place
            .directory()
            .and_then(|directory| unlinkat(directory, name, AtFlags::empty()));
    }
}

/// Returns whether this is a regular file that begins like a file of ours: with the
/// magic bytes, if they are complete or cut off, with zeros, which a power failure
/// leaves, or with the first bytes of a compressed file.
fn is_unfinished(file: &File) -> bool {
    if !file.metadata().is_ok_and(|it| it.is_file()) {
        return false;
    }
    let mut first = [0; MAGIC.len()];
    let Ok(count) = file.read_at(&mut first, 0) else {
        return false;
    };
    let first = &first[..count];
    MAGIC.starts_with(first)
        || first.iter().all(|it| *it == 0)
        || WholeFileCodec::detect(first).is_some()
}
