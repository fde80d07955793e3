//! Reads a value: verifies what the file says of itself, then decodes the
//! small part block by block and reads arrays into the memory they stay in.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::adapt;
use super::block::ReadAt;
use super::error::{Error, ErrorKind};
use super::file::{InMemory, OnDisk, Outline, Parts};
use super::form::Form;
use super::reader::Reader;
use super::save::Persist;
use super::schema::Schema;

/// Reads the value in the file at `path`.
///
/// Every byte is verified before it is used. A file of another type is an
/// error that names the field, unless the types differ in what can be told:
/// fields in another order, removed, added with `#[persist(default)]`, renamed
/// with `alias`, or of a wider number.
///
/// # Errors
///
/// The file cannot be read, is damaged, or holds a value of another type.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("pair.joblib");
/// joblib::persist::dump(&("a".to_owned(), 1_u8), &path)?;
/// let pair: (String, u64) = joblib::persist::load(&path)?;
/// assert_eq!(pair, ("a".to_owned(), 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn load<T: Persist>(path: impl AsRef<Path>) -> Result<T, Error> {
    Load::new().from(path)
}

/// How a value is read.
#[derive(Clone, Copy, Debug)]
#[must_use = "nothing is read before `from` or `read`"]
pub struct Load {
    limit: u64,
}

impl Default for Load {
    fn default() -> Self {
        Load { limit: u64::MAX }
    }
}

impl Load {
    /// As [`load`] does it: memory grows with what was read and with what the
    /// lengths that a file states can amount to, given its own length.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reading may take no more than so many bytes of memory for the value.
    pub fn limit_bytes(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Reads the value in the file at `path`.
    ///
    /// # Errors
    ///
    /// As of [`load`], or the limit is reached.
    pub fn from<T: Persist>(self, path: impl AsRef<Path>) -> Result<T, Error> {
        let path = path.as_ref();
        self.file(path).map_err(|error| error.of(path))
    }

    fn file<T: Persist>(self, path: &Path) -> Result<T, Error> {
        let file = File::open(path).map_err(ErrorKind::io("opening"))?;
        let about = file.metadata().map_err(ErrorKind::io("reading"))?;
        if about.is_file() {
            let len = about.len();
            let file = OnDisk(file);
            self.value(file, len)
        } else {
            self.read(file)
        }
    }

    /// Reads a value from `input`, to its end. It is kept in memory meanwhile.
    ///
    /// # Errors
    ///
    /// As of [`from`](Load::from).
    pub fn read<T: Persist>(self, input: impl Read) -> Result<T, Error> {
        let mut bytes = Vec::new();
        let most = self.limit.saturating_mul(2).saturating_add(1 << 20);
        let read = input.take(most).read_to_end(&mut bytes);
        read.map_err(ErrorKind::io("reading"))?;
        if bytes.len() as u64 == most {
            return Err(ErrorKind::Limit { limit: self.limit }.into());
        }
        self.value(InMemory(&bytes), bytes.len() as u64)
    }

    fn value<T: Persist, F: ReadAt>(self, file: F, len: u64) -> Result<T, Error> {
        let outline = Arc::new(Outline::read(&file, len)?);
        outline.check_gaps(&file)?;
        let asked = Schema::of::<T>();
        let parts = Parts::new(file, Arc::clone(&outline));
        let source = Box::new(parts);
        if asked.hash()? == outline.header.schema_hash {
            let mut reader = Reader::streamed(source, outline.small().len, self.limit);
            return whole(&mut reader);
        }
        let len = outline.small().len;
        let adapted = adapt::adapted(&asked, &outline.schema, source, len, self.limit)?;
        let mut reader = Reader::whole(&adapted.small, Form::Adapted, adapted.source, self.limit);
        whole(&mut reader)
    }
}

/// The one value of a reader.
fn whole<T: Persist>(reader: &mut Reader<'_>) -> Result<T, Error> {
    let value = T::load(reader)?;
    reader.end()?;
    Ok(value)
}
