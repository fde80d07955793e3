//! A path whose key is the contents of the file.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::{Key, KeyError, KeyHasher, tag};

/// The number of bytes of a file that are read at once.
const CHUNK: usize = 256 * 1024;

/// A path whose key is the contents of the file, and not its name.
///
/// The file is read whenever the key is computed, and should not change until the call
/// returns. A file that is missing, is a directory or cannot be read for lack of
/// permission has a key too: the kind of the error. It is then a value like any other,
/// which the function handles; two missing files are equal. Any other error may be
/// temporary, so there is no key then.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// # use joblib_runtime::key as joblib;
/// use joblib::{FileContents, Key, KeyHasher};
///
/// fn of(value: &impl Key) -> u128 {
///     let mut hasher = KeyHasher::new();
///     value.feed(&mut hasher);
///     hasher.finish()
/// }
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
    /// The path of the file.
    pub P,
);

impl<P: AsRef<Path>> Key for FileContents<P> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::FILE_CONTENTS);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.mark_volatile();
        match digest(self.0.as_ref()) {
            Ok((len, digest)) => {
                hasher.write_u8(0);
                hasher.write_u64(len);
                digest.feed(hasher);
            }
            Err(error) => {
                hasher.write_u8(1);
                hasher.write_bytes(format!("{:?}", error.kind()).as_bytes());
                if !is_permanent(error.kind()) {
                    let path = self.0.as_ref().display();
                    hasher.fail(KeyError {
                        type_name: "FileContents",
                        reason: format!("{path} cannot be read: {error}"),
                    });
                }
            }
        }
    }
}

/// Returns whether an error describes the state of the path, so that the function gets
/// the same error.
fn is_permanent(kind: ErrorKind) -> bool {
    use ErrorKind::{InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied};
    matches!(
        kind,
        InvalidInput | IsADirectory | NotADirectory | NotFound | PermissionDenied
    )
}

fn digest(path: &Path) -> io::Result<(u64, u128)> {
    let mut file = File::open(path)?;
    let mut chunk = vec![0; CHUNK];
    let mut contents = KeyHasher::new();
    let mut len = 0;
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok((len, contents.finish())),
            Ok(read) => {
                contents.write(&chunk[..read]);
                len += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
