//! Identifies the running binary, so that a worker that runs another binary is
//! detected.

use std::fs::File;
use std::os::unix::fs::MetadataExt;

use crate::fork::OnceComputed;
use crate::proc::EXECUTABLE;
use crate::xxh3;

/// Returns an identifier that no other binary has as long as this process runs: the
/// system keeps the inode of a running binary and rejects writes to it. Timestamps are
/// not part of it, since any process may change them.
pub(super) fn id() -> u128 {
    static ID: OnceComputed<u128> = OnceComputed::new();
    *ID.get_or_init(|| File::open(EXECUTABLE).map_or(0, |file| id_of(&file)))
}

/// Returns the path of the binary, for messages.
pub(super) fn path() -> String {
    match std::fs::read_link(EXECUTABLE) {
        Ok(path) => format!("`{}`", path.display()),
        Err(error) => format!("which cannot be read: {error}"),
    }
}

fn id_of(binary: &File) -> u128 {
    let Ok(metadata) = binary.metadata() else {
        return 0;
    };
    let numbers = [metadata.dev(), metadata.ino(), metadata.len()];
    xxh3::hash128(&numbers.map(u64::to_le_bytes).concat())
}
