//! Identifies the code that this process runs: a digest of its executable and of the
//! loaded libraries. Two processes with the same digest run the same code. A new build,
//! or another library, changes the digest.
//!
//! The digest covers the contents of the files and not the build id of the linker: a
//! build id stays the same if a program is patched, and can be set freely. Debug sections
//! are skipped, because they are most of a debug build.

mod elf;
mod loaded;

use std::fs::File;
use std::io;
use std::sync::OnceLock;

use crate::xxh3;

/// Returns the digest of the executable and of the libraries that are loaded when the
/// function is first called. Libraries that are loaded later are not included.
///
/// # Errors
///
/// Fails if the system does not list the loaded files, or if a file was replaced since it
/// was loaded; the error contains its path. The first result, also an error, is cached.
pub(crate) fn id() -> Result<u128, &'static str> {
    static ID: OnceLock<Result<u128, String>> = OnceLock::new();
    let id = ID.get_or_init(|| digest().map_err(|error| error.to_string()));
    id.as_ref().copied().map_err(String::as_str)
}

fn digest() -> io::Result<u128> {
    let mut parts = vec![digest_of(&loaded::executable()?)?];
    // The order of the mappings depends on addresses, so the digests are sorted.
    let mut libraries = Vec::new();
    for library in loaded::libraries()? {
        libraries.push(digest_of(&library)?);
    }
    libraries.sort_unstable();
    parts.extend(libraries);
    let bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_le_bytes()).collect();
    Ok(xxh3::hash128(&bytes))
}

/// Returns the digest of a file without its debug sections.
fn digest_of(file: &File) -> io::Result<u128> {
    let mut hasher = twox_hash::xxhash3_128::Hasher::new();
    elf::read_code(file, |bytes| hasher.write(bytes))?;
    Ok(hasher.finish_128())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_one_digest() {
        let id = id().expect("the system lists the loaded files");
        assert_eq!(Ok(id), super::id());
        assert_eq!(digest().ok(), Some(id));
    }
}
