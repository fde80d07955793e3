//! Reads a value: verifies the metadata of the file, then decodes the body block by
//! block and reads arrays into their final memory.

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
/// Every byte is verified before it is used. A file of another type is an error that
/// names the field, unless the type of the file can be migrated: fields in another
/// order, removed fields, fields added with `#[persist(default)]`, renamed with
/// `alias`, of a wider number, an `Option` of the type in the file, or a struct around
/// the value.
///
/// A file that is compressed as a whole, with `gzip`, `zstd`, `xz`, `bzip2` or `lz4`,
/// is supported if the feature for it is enabled. It is decompressed into memory.
///
/// # Errors
///
/// Fails if the file cannot be read, is damaged, or has a value of another type.
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

/// Options for reading a value.
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "nothing is read before `from` or `read`"]
pub struct Load {
    limit: Option<u64>,
}

impl Load {
    /// The options of [`load`]. Memory is allocated in proportion to what was read, and
    /// for lengths stated in the file, to what is possible for the length of the file. Of
    /// a file that is compressed as a whole, at most 65,536 times its length (and a
    /// mebibyte) is decompressed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits the memory for the value to `bytes`. A file that is compressed as a whole
    /// may decompress to twice that, plus a mebibyte. For fields that use serde, only
    /// their bytes in the file count, and not the memory that deserializing them takes:
    /// at most one vector element for each byte.
    pub fn limit_bytes(mut self, bytes: u64) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// Reads the value in the file at `path`.
    ///
    /// # Errors
    ///
    /// As [`load`]; also fails if the limit is exceeded.
    pub fn from<T: Persist>(self, path: impl AsRef<Path>) -> Result<T, Error> {
        let path = path.as_ref();
        match self.file(path) {
            Ok(value) => Ok(*value),
            Err(error) => Err(error.with_path(path)),
        }
    }

    // Large values stay boxed until they are returned to the caller, because each
    // function that returns one by value may have a copy of it on the stack.
    fn file<T: Persist>(self, path: &Path) -> Result<Box<T>, Error> {
        let file = File::open(path).map_err(ErrorKind::io("opening"))?;
        let about = file.metadata().map_err(ErrorKind::io("reading"))?;
        if about.is_file() {
            let len = about.len();
            let file = DiskFile(file);
            match WholeFileCodec::detect_in(&file, len)? {
                Some(codec) => self.unpacked(codec, &file.0, len),
                None => self.value(file, len),
            }
        } else {
            self.input(file)
        }
    }

    /// Reads a value from `input`, to its end. The input is buffered in memory.
    ///
    /// # Errors
    ///
    /// As [`from`](Load::from).
    pub fn read<T: Persist>(self, input: impl Read) -> Result<T, Error> {
        match self.input(input) {
            Ok(value) => Ok(*value),
            Err(error) => Err(error),
        }
    }

    fn input<T: Persist>(self, input: impl Read) -> Result<Box<T>, Error> {
        let mut bytes = Vec::new();
        let max_len = self.max_len();
        let mut input = input.take(max_len);
        // Check the header before reading the rest, as other input may be infinite.
        let read = input.by_ref().take(HEADER as u64).read_to_end(&mut bytes);
        read.map_err(ErrorKind::io("reading"))?;
        if let (None, Some(head)) = (WholeFileCodec::detect(&bytes), bytes.first_chunk()) {
            Header::parse(head)?;
        }
        let read = input.read_to_end(&mut bytes);
        read.map_err(ErrorKind::io("reading"))?;
        let len = bytes.len() as u64;
        if len == max_len {
            return Err(ErrorKind::Limit {
                limit: self.limit(),
            }
            .into());
        }
        match WholeFileCodec::detect(&bytes) {
            Some(codec) => self.unpacked(codec, &bytes[..], len),
            None => self.value(MemoryFile(&bytes), len),
        }
    }

    /// Reads one of several values that were written one after another, and leaves
    /// `input` after it. Returns `None` at the end. This supports values written by
    /// [`Dump::write`](super::Dump::write), but not those compressed as a whole.
    ///
    /// # Errors
    ///
    /// As [`from`](Load::from). If the end of the value was not found, `input` is at
    /// its end.
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
        let bytes = match value_stream::next(input, self.max_len())? {
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

    /// Returns the maximum length of a file with a value within the limit. No more is
    /// read into memory.
    fn max_len(self) -> u64 {
        self.limit().saturating_mul(2).saturating_add(1 << 20)
    }

    /// Reads the value from `input`, which is compressed as a whole and has `len` bytes.
    fn unpacked<T: Persist>(
        self,
        codec: WholeFileCodec,
        input: impl Read,
        len: u64,
    ) -> Result<Box<T>, Error> {
        let max_len = self.limit.map(|_| self.max_len());
        let bytes = codec.unpack(input, len, max_len)?;
        self.value(MemoryFile(&bytes), bytes.len() as u64)
    }

    fn value<T: Persist, F: ReadAt>(self, file: F, len: u64) -> Result<Box<T>, Error> {
        let outline = Arc::new(FileIndex::read(&file, len)?);
        outline.check_gaps(&file)?;
        let expected = Schema::of::<T>();
        let source = || Box::new(FileReader::new(&file, Arc::clone(&outline)));
        let len = outline.small().len;
        if expected.hash()? == outline.header.schema_hash {
            let reader = || BodyReader::streamed(source(), len, self.limit());
            return decode_whole(&expected, reader);
        }
        let small = migrate::migrate_body(
            &expected,
            &outline.schema,
            &mut *source(),
            len,
            self.limit(),
        )?;
        decode_whole(&expected, || {
            BodyReader::whole(&small, BodyEncoding::Adapted, source(), self.limit())
        })
    }
}

/// Decodes the complete value. On failure, locates the field for the error.
fn decode_whole<'s, T: Persist>(
    expected: &Schema,
    readers: impl Fn() -> BodyReader<'s>,
) -> Result<Box<T>, Error> {
    let mut reader = readers();
    let value = reader.with_room::<T, _>(T::load_boxed);
    let value = value.and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| match error.is_in_body() {
        true => error.in_field(locate::field(expected, readers(), reader.position())),
        false => error,
    })
}
