//! Which binary this is, so that a worker of another is found out.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use twox_hash::XxHash3_128;

use crate::fork::OnceComputed;

/// The binary that this process runs, as long as it runs: what replaces the
/// file on disk meanwhile is another.
pub(super) const BINARY: &str = "/proc/self/exe";

/// Unlike that of any other binary as long as this process runs: the system
/// keeps the file of a running binary, and lets nobody write to it. Times are
/// no part of it, since anybody may touch them.
pub(super) fn id() -> u128 {
    static ID: OnceComputed<u128> = OnceComputed::new();
    *ID.get_or_init(|| File::open(Path::new(BINARY)).map_or(0, |file| id_of(&file)))
}

/// Where the binary lies, for people.
pub(super) fn path() -> String {
    match std::fs::read_link(BINARY) {
        Ok(path) => format!("`{}`", path.display()),
        Err(error) => format!("which cannot be read: {error}"),
    }
}

fn id_of(binary: &File) -> u128 {
    let Ok(metadata) = binary.metadata() else {
        return 0;
    };
    let numbers = [metadata.dev(), metadata.ino(), metadata.len()];
    XxHash3_128::oneshot(&numbers.map(u64::to_le_bytes).concat())
}
