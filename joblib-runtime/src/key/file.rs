//! A path that counts by what is in the file.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::{Key, KeyHasher, tag};

/// How much of a file is held at once.
const CHUNK: usize = 256 * 1024;

/// A path whose key is what is in the file, not how the file is called.
///
/// The file is read whenever the key is made. One that cannot be read has a key
/// too, the kind of the error, so a missing file is a value like any other and
/// the function decides what it means; two that are missing are equal.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use joblib_runtime::key::{FileContents, of};
///
/// let dir = tempfile::tempdir()?;
/// let (a, b) = (dir.path().join("a"), dir.path().join("b"));
/// std::fs::write(&a, "same")?;
/// std::fs::write(&b, "same")?;
/// assert_eq!(of(&FileContents(&a)), of(&FileContents(&b)));
/// assert_ne!(of(&a), of(&b));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FileContents<P>(
    /// Where the file is.
    pub P,
);

impl<P: AsRef<Path>> Key for FileContents<P> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::FILE_CONTENTS);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        match digest(self.0.as_ref()) {
            Ok((len, digest)) => {
                hasher.write_u8(0);
                hasher.write_u64(len);
                digest.feed(hasher);
            }
            Err(kind) => {
                hasher.write_u8(1);
                hasher.write_bytes(format!("{kind:?}").as_bytes());
            }
        }
    }
}

fn digest(path: &Path) -> Result<(u64, u128), ErrorKind> {
    let mut file = File::open(path).map_err(|error| error.kind())?;
    let mut chunk = vec![0; CHUNK];
    let mut contents = KeyHasher::new();
    let mut len = 0;
    loop {
        match file
            .read(&mut chunk)
            .map_err(|error: io::Error| error.kind())
        {
            Ok(0) => return Ok((len, contents.finish())),
            Ok(read) => {
                contents.write(&chunk[..read]);
                len += read as u64;
            }
            Err(ErrorKind::Interrupted) => {}
            Err(kind) => return Err(kind),
        }
    }
}
