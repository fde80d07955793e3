//! Reads a value: verifies what the file says of itself, then decodes the
//! small part block by block and reads arrays into the memory they stay in.

use std::fs::File;
use std::io::{BufRead, Read};
use std::path::Path;
use std::sync::Arc;

use super::block::ReadAt;
use super::body_encoding::BodyEncoding;
use super::compress::whole_file::WholeFileCodec;
use super::error::{Error, ErrorKind};
use super::file::{DiskFile, FileIndex, FileReader, MemoryFile};
use super::layout::{HEADER, Header};
use super::locate;
use super::migrate;
use super::reader::BodyReader;
use super::schema::Schema;
use super::traits::Persist;
use super::value_stream::{self, NextValue};

/// Reads the value in the file at `path`.
///
/// Every byte is verified before it is used. A file of another type is an
/// error that names the field, unless the types differ in what can be told:
/// fields in another order, removed, added with `#[persist(default)]`, renamed
/// with `alias`, of a wider number, an `Option` of what the file has, or in a
/// struct around it.
///
/// A file that was compressed as a whole, with `gzip`, `zstd`, `xz`, `bzip2` or
/// `lz4`, is read too, if the feature for it is on; it is in memory meanwhile.
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
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "nothing is read before `from` or `read`"]
pub struct Load {
    limit: Option<u64>,
}

impl Load {
    /// As [`load`] does it: memory grows with what was read and with what the
    /// lengths that a file states can amount to, given its own length. Of a file
    /// that was compressed as a whole, no more than 65,536 times its length (and a
    /// mebibyte) is read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reading may take no more than so many bytes of memory for the value. A
    /// file that was compressed as a whole may be twice that, and a mebibyte. Of a
    /// part that serde describes, its bytes in the file count, and not what its type
    /// makes of them: for each byte, an element of a vector at most.
    pub fn limit_bytes(mut self, bytes: u64) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// Reads the value in the file at `path`.
    ///
    /// # Errors
    ///
    /// As of [`load`], or the limit is reached.
    pub fn from<T: Persist>(self, path: impl AsRef<Path>) -> Result<T, Error> {
        let path = path.as_ref();
        match self.file(path) {
            Ok(value) => Ok(*value),
            Err(error) => Err(error.of(path)),
        }
    }

    // Large values are boxed until they are handed to the caller: each function
    // that hands one on may have it on the stack.
    fn file<T: Persist>(self, path: &Path) -> Result<Box<T>, Error> {
        let file = File::open(path).map_err(ErrorKind::io("opening"))?;
        let about = file.metadata().map_err(ErrorKind::io("reading"))?;
        if about.is_file() {
            let len = about.len();
            let file = DiskFile(file);
            match WholeFileCodec::at_start(&file, len)? {
                Some(outside) => self.unpacked(outside, &file.0, len),
                None => self.value(file, len),
            }
        } else {
            self.input(file)
        }
    }

    /// Reads a value from `input`, to its end. It is kept in memory meanwhile.
    ///
    /// # Errors
    ///
    /// As of [`from`](Load::from).
    pub fn read<T: Persist>(self, input: impl Read) -> Result<T, Error> {
        match self.input(input) {
            Ok(value) => Ok(*value),
            Err(error) => Err(error),
        }
    }

    fn input<T: Persist>(self, input: impl Read) -> Result<Box<T>, Error> {
        let mut bytes = Vec::new();
        let most = self.most();
        let mut input = input.take(most);
        // What is no file of ours may have no end.
        let read = input.by_ref().take(HEADER as u64).read_to_end(&mut bytes);
        read.map_err(ErrorKind::io("reading"))?;
        if let (None, Some(head)) = (WholeFileCodec::of(&bytes), bytes.first_chunk()) {
            Header::parse(head)?;
        }
        let read = input.read_to_end(&mut bytes);
        read.map_err(ErrorKind::io("reading"))?;
        let len = bytes.len() as u64;
        if len == most {
            return Err(ErrorKind::Limit {
                limit: self.limit(),
            }
            .into());
        }
        match WholeFileCodec::of(&bytes) {
            Some(outside) => self.unpacked(outside, &bytes[..], len),
            None => self.value(MemoryFile(&bytes), len),
        }
    }

    /// Reads one of several values that were written one after another, and leaves
    /// `input` behind it; `None` at the end. What [`Dump::write`](super::Dump::write)
    /// writes is found so; what was compressed as a whole is not.
    ///
    /// # Errors
    ///
    /// As of [`from`](Load::from). Where the end of the value was not found, `input`
    /// was read to its end.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime as joblib;
    /// use joblib::persist::{Dump, Load};
    ///
    /// let mut log = Vec::new();
    /// for epoch in 0..3_u32 {
    ///     Dump::new().write(&mut log, &(epoch, vec![0.5; 1000]))?;
    /// }
    /// let (mut input, mut epochs) = (&log[..], 0);
    /// while let Some((epoch, losses)) = Load::new().read_next::<(u32, Vec<f64>)>(&mut input)? {
    ///     assert_eq!((epoch, losses.len()), (epochs, 1000));
    ///     epochs += 1;
    /// }
    /// assert_eq!(epochs, 3);
    /// # Ok::<(), joblib::persist::Error>(())
    /// ```
    pub fn read_next<T: Persist>(self, input: &mut impl BufRead) -> Result<Option<T>, Error> {
        let bytes = match value_stream::next(input, self.most())? {
            NextValue::Nothing => return Ok(None),
            NextValue::Value(bytes) => bytes,
            NextValue::TooLong => {
                return Err(ErrorKind::Limit {
                    limit: self.limit(),
                }
                .into());
            }
        };
        let value = self.value(MemoryFile(&bytes), bytes.len() as u64)?;
        Ok(Some(*value))
    }

    fn limit(self) -> u64 {
        self.limit.unwrap_or(u64::MAX)
    }

    /// The longest file that a value within the limit is in: more is not read
    /// into memory.
    fn most(self) -> u64 {
        self.limit().saturating_mul(2).saturating_add(1 << 20)
    }

    /// Reads the value in a file that was compressed as a whole to `input`.
    fn unpacked<T: Persist>(
        self,
        outside: WholeFileCodec,
        input: impl Read,
        len: u64,
    ) -> Result<Box<T>, Error> {
        let most = self.limit.map(|_| self.most());
        let bytes = outside.unpack(input, len, most)?;
        self.value(MemoryFile(&bytes), bytes.len() as u64)
    }

    fn value<T: Persist, F: ReadAt>(self, file: F, len: u64) -> Result<Box<T>, Error> {
        let outline = Arc::new(FileIndex::read(&file, len)?);
        outline.check_gaps(&file)?;
        let asked = Schema::of::<T>();
        let source = || Box::new(FileReader::new(&file, Arc::clone(&outline)));
        let len = outline.small().len;
        if asked.hash()? == outline.header.schema_hash {
            let reader = || BodyReader::streamed(source(), len, self.limit());
            return whole(&asked, reader);
        }
        let small = migrate::adapted(&asked, &outline.schema, &mut *source(), len, self.limit())?;
        whole(&asked, || {
            BodyReader::whole(&small, BodyEncoding::Adapted, source(), self.limit())
        })
    }
}

/// The one value of a reader, or the field at which there is none.
fn whole<'s, T: Persist>(
    asked: &Schema,
    readers: impl Fn() -> BodyReader<'s>,
) -> Result<Box<T>, Error> {
    let mut reader = readers();
    let value = reader.with_room::<T, _>(T::load_boxed);
    let value = value.and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| match error.is_of_the_small_part() {
        true => error.in_field(locate::field(asked, readers(), reader.position())),
        false => error,
    })
}
