//! Files that processes left that were killed while they wrote: told from
//! everybody else's by a number in their names that nobody else would come by,
//! by what is in them, and by a lock that their writers hold.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};

use rustix::fs::{AtFlags, Dir, FlockOperation, Mode, OFlags, flock, openat, unlinkat};
use rustix::io::retry_on_intr;
use twox_hash::XxHash3_64;

use super::super::compress::whole_file::WholeFileCodec;
use super::super::layout::MAGIC;
use super::target::DirEntry;

/// Longer names are left out of the names of others that stand for them, since
/// no name is longer than 255 bytes.
const LONG: usize = 200;

/// What numbers in names are made with: eight letters of "joblib unfinished".
const SEED: u64 = u64::from_le_bytes(*b"jblunfin");

/// The bytes that a number takes, in hexadecimal digits.
const DIGITS: usize = 16;

/// What a file that is to be `name` is called for a moment.
pub(super) fn beside(name: &OsStr) -> OsString {
    let number = XxHash3_64::oneshot_with_seed(SEED, name.as_bytes());
    let mut beside = OsString::from(".");
    if name.len() < LONG {
        beside.push(name);
    }
    beside.push(format!(".new-{number:0DIGITS$x}"));
    beside
}

/// A name that begins so and that no other file has.
pub(super) fn own(beside: &OsStr) -> OsString {
    let number = RandomState::new().hash_one(std::process::id());
    let mut own = beside.to_owned();
    own.push(format!("-{number:0DIGITS$x}"));
    own
}

/// Removes the files called `beside`, or by an own name that begins so, that
/// nobody writes any more.
pub(super) fn remove(place: &DirEntry, beside: &OsStr) {
    // The directory is held without the right to read it.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let open = || openat(place.directory()?, ".", flags, Mode::empty());
    let Ok(entries) = retry_on_intr(open).and_then(Dir::new) else {
        return;
    };
    for entry in entries.flatten() {
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if is_ours(name, beside) {
            remove_one(place, name);
        }
    }
}

fn is_ours(name: &OsStr, beside: &OsStr) -> bool {
    match name.as_bytes().strip_prefix(beside.as_bytes()) {
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
    let is_left = is_unfinished(&file)
        && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
        // Another may have removed it, and a third have taken its name.
        && file.metadata().is_ok_and(|it| it.nlink() > 0);
    if is_left {
        let _ = place
            .directory()
            .and_then(|directory| unlinkat(directory, name, AtFlags::empty()));
    }
}

/// Whether it is a plain file that begins as ours do: with our first bytes, as
/// many as were written, or with zeros, which a power cut leaves; or with those
/// of a file that is compressed as a whole.
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
        || WholeFileCodec::of(first).is_some()
}
