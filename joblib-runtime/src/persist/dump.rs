//! Writes a value: header and schema, the small part as it is encoded, the
//! arrays from where they lie, and what was written where.

use std::hash::Hasher;
use std::io;
use std::path::Path;

use twox_hash::XxHash3_64;

use super::block::{Out, Writing, Written};
use super::compress::Compress;
use super::error::{Error, ErrorKind};
use super::layout::{ALIGNMENT, Header, LONGEST_SCHEMA, Segment, Trailer};
use super::replace::{self, Durability};
use super::save::Save;
use super::schema::Schema;
use super::writer::{Array, Check, Data, Writer};

/// Writes `value` to the file at `path`, which [`load`](super::load) reads and
/// [`open`](super::open) maps.
///
/// The file appears whole, in place of one that was there: it is written beside
/// it, synced and renamed, so that after a crash at any moment the old file or
/// the new one is there, and the new one once this has returned. A file that is
/// mapped can be replaced; the map keeps what it shows.
///
/// The extension says how the file is compressed, as in Python's joblib:
/// [`Compress::from_path`]. [`Dump`] has the choices.
///
/// # Errors
///
/// The file cannot be written, or what serde describes of the value cannot be
/// read back; the old one stays then. Where nothing fails but the sync of the
/// directory, the new one is there already.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("numbers.joblib");
/// joblib::persist::dump(&vec![1.0, 2.0], &path)?;
/// let numbers: Vec<f64> = joblib::persist::load(&path)?;
/// assert_eq!(numbers, [1.0, 2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn dump<T: Save + ?Sized>(value: &T, path: impl AsRef<Path>) -> Result<(), Error> {
    Dump::new().to(path, value)
}

/// How a value is written.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// use joblib::persist::{Dump, Load};
///
/// let mut bytes = Vec::new();
/// Dump::new().write(&mut bytes, "of any type")?;
/// assert_eq!(Load::new().read::<String>(&bytes[..])?, "of any type");
/// # Ok::<(), joblib::persist::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "nothing is written before `to` or `write`"]
pub struct Dump {
    compress: Option<Compress>,
    durability: Durability,
    skips_reading_back: bool,
}

impl Dump {
    /// As [`dump`] does it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Compresses in that way, whatever the extension; a field that has its own
    /// keeps it.
    pub fn compress(mut self, compress: Compress) -> Self {
        self.compress = Some(compress);
        self
    }

    /// How far the file is to be on the disk when [`to`](Dump::to) returns.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Whether fields that serde describes, those with `#[persist(serde)]` or
    /// `with`, are read back before the file takes its name: they are unless this
    /// is turned off. It takes as long as reading them does, and costs values
    /// without such fields nothing.
    ///
    /// What cannot be read back is an error then, and the old file stays. Without
    /// it, such a file is found when it is read. And what serde buffers while it
    /// reads (`flatten`, `untagged`, `tag`) can then have no type that has one form
    /// for people and another for machines, such as an address of the internet:
    /// only reading tells that it needs the former.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime as joblib;
    /// use joblib::persist::Dump;
    ///
    /// let mut bytes = Vec::new();
    /// Dump::new().read_back(false).write(&mut bytes, &7)?;
    /// # Ok::<(), joblib::persist::Error>(())
    /// ```
    pub fn read_back(mut self, read_back: bool) -> Self {
        self.skips_reading_back = !read_back;
        self
    }

    /// Writes `value` to the file at `path`, in place of one that is there.
    ///
    /// # Errors
    ///
    /// As of [`dump`].
    pub fn to<T: Save + ?Sized>(self, path: impl AsRef<Path>, value: &T) -> Result<(), Error> {
        let path = path.as_ref();
        let compress = match self.compress {
            Some(compress) => Ok(compress),
            None => Compress::from_path(path),
        };
        compress
            .and_then(|compress| {
                compress.check()?;
                replace::replace(path, self.durability, &mut |file| {
                    write(value, file, compress, self.check())
                })
            })
            .map_err(|error| error.of(path))
    }

    fn check(self) -> Check {
        match self.skips_reading_back {
            true => Check::Nothing,
            false => Check::Whole,
        }
    }

    /// Writes `value` to `out`, front to back.
    ///
    /// # Errors
    ///
    /// `out` cannot be written; it may have taken a part then.
    pub fn write<T: Save + ?Sized>(self, mut out: impl io::Write, value: &T) -> Result<(), Error> {
        let compress = self.compress.unwrap_or_default();
        compress.check()?;
        write(value, &mut out, compress, self.check())?;
        out.flush().map_err(ErrorKind::io("writing"))
    }
}

/// Bytes that go out, counted.
struct Counted<'w> {
    out: &'w mut dyn io::Write,
    at: u64,
}

impl Out for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.out
            .write_all(bytes)
            .map_err(ErrorKind::io("writing"))?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}

impl Counted<'_> {
    /// Writes zeros up to a multiple of `alignment`.
    fn align(&mut self, alignment: u64) -> Result<u64, Error> {
        let gap = self.at.next_multiple_of(alignment) - self.at;
        self.write(&[0; 4096][..gap as usize])?;
        Ok(self.at)
    }
}

/// Writes the whole file.
pub(super) fn write<T: Save + ?Sized>(
    value: &T,
    out: &mut dyn io::Write,
    compress: Compress,
    check: Check,
) -> Result<(), Error> {
    let mut out = Counted { out, at: 0 };
    let header = head(&Schema::of::<T>(), &mut out)?;
    let mut written = Vec::new();

    let start = out.at;
    let mut small = Writing::new(&mut out, compress);
    let mut writer = Writer::into_sink(&mut small).checking(check);
    value.save(&mut writer)?;
    let (_, arrays) = writer.finish()?;
    written.push(small.finish(None, start)?);

    for array in arrays {
        written.push(segment(array, &mut out, compress)?);
    }
    tail(&written, header, &mut out)
}

/// Writes header and schema; gives the header's checksum.
fn head(schema: &Schema, out: &mut Counted<'_>) -> Result<u64, Error> {
    let bytes = schema.bytes()?;
    let header = Header {
        version: schema.version(),
        schema_len: schema_len(&bytes)?,
        schema_hash: schema.hash()?,
    };
    let header = header.bytes(&bytes);
    out.write(&header)?;
    out.write(&bytes)?;
    out.align(ALIGNMENT)?;
    Ok(Header::checksum_of(&header))
}

fn schema_len(schema: &[u8]) -> Result<u32, Error> {
    let len = u32::try_from(schema.len()).ok();
    len.filter(|len| *len <= LONGEST_SCHEMA).ok_or_else(|| {
        let len = schema.len();
        let message = format!(
            "the names and fields of the type take {len} bytes; {LONGEST_SCHEMA} can be written"
        );
        ErrorKind::Value(message).into()
    })
}

fn segment(array: Array<'_>, out: &mut Counted<'_>, compress: Compress) -> Result<Written, Error> {
    let compress = array.compress.unwrap_or(compress);
    compress.check()?;
    let alignment = Segment::alignment(compress.codec(), array.data.len());
    let start = out.align(alignment)?;
    let mut writing = Writing::new(out, compress);
    match &array.data {
        Data::Lent(bytes) => writing.write(bytes)?,
        Data::Owned(bytes) => writing.write(bytes)?,
        Data::Strided(strided) => strided.write(&mut |piece| writing.write(piece))?,
    }
    writing.finish(Some(array.kind), start)
}

/// Writes the lists of blocks, the directory and the trailer.
fn tail(written: &[Written], header_checksum: u64, out: &mut Counted<'_>) -> Result<(), Error> {
    let lists = out.align(ALIGNMENT)?;
    for part in written {
        out.write(&part.list)?;
    }
    let lists = out.at - lists;
    let mut hasher = XxHash3_64::new();
    for part in written {
        let entry = part.segment.entry();
        hasher.write(&entry);
        out.write(&entry)?;
    }
    let trailer = Trailer {
        count: written.len() as u64,
        lists,
        len: out.at + super::layout::TRAILER as u64,
        directory_checksum: hasher.finish(),
        header_checksum,
    };
    out.write(&trailer.bytes())
}
