//! Which code this process runs: a digest of its executable and of the
//! libraries loaded with it. Two processes with the same digest run the same
//! code; what is built anew, or against other libraries, has another.
//!
//! The contents count, not what the linker says of them: a build id stays as it
//! is when a program is patched, and a linker can be told any. Left out is what
//! only debuggers read, which is most of a debug build.

mod elf;
mod loaded;

use std::fs::File;
use std::io;
use std::sync::OnceLock;

use twox_hash::XxHash3_128;

/// The digest of the executable and the libraries that are loaded when it is
/// first asked for; what is loaded later takes no part.
///
/// # Errors
///
/// The system does not show what is loaded, or a file was replaced since: the
/// error says which. What was not found out the first time stays so.
pub(crate) fn id() -> Result<u128, &'static str> {
    static ID: OnceLock<Result<u128, String>> = OnceLock::new();
    let id = ID.get_or_init(|| digest().map_err(|error| error.to_string()));
    id.as_ref().copied().map_err(String::as_str)
}

fn digest() -> io::Result<u128> {
    let mut parts = vec![digest_of(&loaded::executable()?)?];
    // Where the system put them says nothing, so they are taken in the order of
    // what is in them.
    let mut libraries = Vec::new();
    for library in loaded::libraries()? {
        libraries.push(digest_of(&library)?);
    }
    libraries.sort_unstable();
    parts.extend(libraries);
    let bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_le_bytes()).collect();
    Ok(XxHash3_128::oneshot(&bytes))
}

/// The digest of what is in a file, but for what debuggers read.
fn digest_of(file: &File) -> io::Result<u128> {
    let mut hasher = twox_hash::xxhash3_128::Hasher::new();
    elf::counted(file, |bytes| hasher.write(bytes))?;
    Ok(hasher.finish_128())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_one_digest() {
        let id = id().expect("the system shows what is loaded");
        assert_eq!(Ok(id), super::id());
        assert_eq!(digest().ok(), Some(id));
    }
}
