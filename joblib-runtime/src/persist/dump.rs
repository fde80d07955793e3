//! Writes a value: the header, the schema, the body as it is encoded, the arrays
//! directly from memory, and the trailer with the block lists and the directory.

use std::hash::Hasher;
use std::io;
use std::path::Path;

use twox_hash::XxHash3_64;

use super::atomic_write::{self, Durability, ReplaceMode};
use super::block::{BlockSink, BlockWriter, WrittenSegment};
use super::compress::Compress;
use super::compress::by_extension::FileCompression;
use super::error::{Error, ErrorKind};
use super::layout::{ALIGNMENT, ArraySegment, HEADER, Header, LONGEST_SCHEMA, Trailer};
use super::schema::Schema;
use super::traits::Save;
use super::value_stream::TrailerScan;
use super::writer::{ArrayData, BodyWriter, PendingArray, ReadBack};

/// Writes `value` to the file at `path`, which [`load`](fn@super::load) reads and
/// [`open`](fn@super::open) maps.
///
/// The file is replaced atomically: joblib writes a temporary file in the same
/// directory, syncs it and renames it. After a crash at any moment, either the old or
/// the new file is there, and the new one once this function has returned. A mapped
/// file can be replaced; the map keeps the old contents.
///
/// The new file gets the owner, group, mode and access control list of the old one, so
/// that the same users can open it. Permissions that the system refuses to set are
/// dropped and never granted to others: if the group cannot be preserved, the group
/// loses its access. Nobody else can open the file before it is complete. The `setuid`
/// and `setgid` bits are dropped, and other hard links to the old file keep the old
/// contents.
///
/// Arrays behind a `Mutex`, an `RwLock` or a `RefCell` are written directly from
/// memory, and the lock is held until they are written. [`Dump::write`] copies them
/// first, since its output may need the lock.
///
/// Symbolic links are followed by the system. Anything that is not a regular file, such
/// as a pipe, a terminal, `/dev/stdout` or `>(command)` of a shell, is written to
/// directly.
///
/// The extension determines the compression, as in Python's joblib, so that `gunzip`
/// and similar tools unpack the file: see [`Compress`]. [`Dump`] has the options.
///
/// # Errors
///
/// Fails if the file cannot be written, or a field that uses serde cannot be
/// deserialized again; the old file is unchanged then. Fails too if this process has no
/// write permission for the file, its directory does not allow new files, or the file
/// is a mount point; see [`Dump::in_place`] for a remedy. A directory that is writable
/// but not readable is sufficient. If only the sync of the directory fails, the new
/// file is already in place.
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

/// Options for writing a value.
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
    mode: ReplaceMode,
    skips_read_back: bool,
}

impl Dump {
    /// The options of [`dump`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Compresses each array with `compress`, whatever the extension. Only joblib can
    /// read such a file. A field with its own compression keeps it.
    pub fn compress(mut self, compress: Compress) -> Self {
        self.compress = Some(compress);
        self
    }

    /// Sets how durable the file is when [`to`](Dump::to) returns.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.mode.durability = durability;
        self
    }

    /// Creates a new file and never replaces one: if anything exists at the path, even a
    /// dangling symbolic link, writing fails with an error of kind
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists). If several processes create the
    /// same path this way, one succeeds.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime as joblib;
    /// use joblib::persist::Dump;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("numbers.joblib");
    /// let new = Dump::new().create_new(true);
    /// new.to(&path, &[1, 2])?;
    /// let error = std::io::Error::from(new.to(&path, &[3, 4]).unwrap_err());
    /// assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create_new(mut self, create_new: bool) -> Self {
        self.mode.is_create_new = create_new;
        self
    }

    /// Allows overwriting a file in place if it cannot be replaced: because it is a mount
    /// point, its directory is not writable, or it is only reachable through a
    /// descriptor.
    ///
    /// Such a write is not atomic. Reading the file meanwhile fails, and so does reading
    /// it after a kill or a power failure, which loses both the old and the new value.
    /// Maps of the file see it change. Before it overwrites, joblib checks that the value
    /// can be written and that there is enough space, for which it encodes the value
    /// twice. Files that can be replaced are still replaced.
    pub fn in_place(mut self, in_place: bool) -> Self {
        self.mode.is_in_place = in_place;
        self
    }

    /// Sets whether fields that use serde (`#[persist(serde)]` or `with`) are
    /// deserialized again before the file gets its name. The default is `true`. It takes
    /// as long as reading these fields, and nothing for values without them.
    ///
    /// With it, a field that cannot be deserialized is an error, and the old file is
    /// unchanged. Without it, the error only appears when the file is read. Also, fields
    /// that serde buffers while it reads (`flatten`, `untagged`, `tag`) cannot contain
    /// types with a human-readable and a binary form, such as IP addresses, because only
    /// reading shows that they need the human-readable form.
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
        self.skips_read_back = !read_back;
        self
    }

    /// Writes `value` to the file at `path`, and replaces an existing file.
    ///
    /// # Errors
    ///
    /// As [`dump`].
    pub fn to<T: Save + ?Sized>(self, path: impl AsRef<Path>, value: &T) -> Result<(), Error> {
        let path = path.as_ref();
        let written = match self.compress {
            Some(compress) => compress.check().and_then(|()| {
                let mut contents = |file: &mut dyn io::Write, is_plain| {
                    write(value, file, compress, self.options(is_plain))
                };
                atomic_write::replace(path, self.mode, &mut contents)
            }),
            None => FileCompression::from_path(path).and_then(|whole| {
                atomic_write::replace(path, self.mode, &mut |file, is_plain| {
                    let mut contents = |out: &mut dyn io::Write| {
                        write(value, out, Compress::None, self.options(is_plain))
                    };
                    match whole {
                        Some(whole) => whole.write(file, &mut contents),
                        None => contents(file),
                    }
                })
            }),
        };
        written.map_err(|error| error.with_path(path))
    }

    /// Returns the internal options for a regular file, or for a stream, in which other
    /// values may follow.
    fn options(self, is_plain: bool) -> DumpOptions {
        DumpOptions {
            check: match self.skips_read_back {
                true => ReadBack::Nothing,
                false => ReadBack::Whole,
            },
            holds_locks: is_plain,
            is_in_stream: !is_plain,
        }
    }

    /// Writes `value` to `out` sequentially.
    ///
    /// # Errors
    ///
    /// Fails if writing to `out` fails; `out` may have received a prefix then. Fails too
    /// if the value contains bytes, deliberately made, that
    /// [`Load::read_next`](super::Load::read_next) would take for the end of the value.
    pub fn write<T: Save + ?Sized>(self, mut out: impl io::Write, value: &T) -> Result<(), Error> {
        let compress = self.compress.unwrap_or_default();
        compress.check()?;
        // `out` is the user's code, which may wait for a lock that the value holds.
        write(value, &mut out, compress, self.options(false))?;
        out.flush().map_err(ErrorKind::io("writing"))
    }
}

/// Internal options for writing a value.
#[derive(Clone, Copy)]
pub(super) struct DumpOptions {
    /// Whether fields that use serde are deserialized again.
    check: ReadBack,
    /// Whether locks are held while the arrays behind them are written.
    holds_locks: bool,
    /// Whether other values may follow in the stream.
    is_in_stream: bool,
}

/// A writer that counts its bytes.
struct CountingWriter<'w> {
    out: &'w mut dyn io::Write,
    at: u64,
    /// Rejects bytes that look like the end of a value, in a stream of several values.
    ends: Option<TrailerScan>,
}

impl BlockSink for CountingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let Some(ends) = &mut self.ends {
            ends.check(bytes, self.at)?;
        }
        self.out
            .write_all(bytes)
            .map_err(ErrorKind::io("writing"))?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}

impl CountingWriter<'_> {
    /// Writes zeros up to a multiple of `alignment`.
    fn align(&mut self, alignment: u64) -> Result<u64, Error> {
        let gap = self.at.next_multiple_of(alignment) - self.at;
        self.write(&[0; 4096][..gap as usize])?;
        Ok(self.at)
    }
}

/// Writes the complete file.
pub(super) fn write<T: Save + ?Sized>(
    value: &T,
    out: &mut dyn io::Write,
    compress: Compress,
    options: DumpOptions,
) -> Result<(), Error> {
    let mut out = CountingWriter {
        out,
        at: 0,
        ends: None,
    };
    let header = write_header(&Schema::of::<T>(), &mut out)?;
    let checksum = Header::checksum_of(&header);
    out.ends = options.is_in_stream.then(|| TrailerScan::of(header));
    let mut written = Vec::new();

    let start = out.at;
    let mut small = BlockWriter::new(&mut out, compress);
    let mut writer = BodyWriter::into_sink(&mut small).checking(options.check);
    if !options.holds_locks {
        writer = writer.without_locks();
    }
    value.save(&mut writer)?;
    let (_, arrays) = writer.finish()?;
    written.push(small.finish(None, start)?);

    arrays.each(|array| {
        written.push(write_segment(array, &mut out, compress)?);
        Ok(())
    })?;
    write_trailer(&written, checksum, &mut out)
}

/// Writes the header and the schema. Returns the header.
fn write_header(schema: &Schema, out: &mut CountingWriter<'_>) -> Result<[u8; HEADER], Error> {
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
    Ok(header)
}

fn schema_len(schema: &[u8]) -> Result<u32, Error> {
    let len = u32::try_from(schema.len()).ok();
    len.filter(|len| *len <= LONGEST_SCHEMA).ok_or_else(|| {
        let len = schema.len();
        let message = format!(
            "the schema of the type has {len} bytes; at most {LONGEST_SCHEMA} are supported"
        );
        ErrorKind::Value(message).into()
    })
}

fn write_segment(
    array: PendingArray<'_>,
    out: &mut CountingWriter<'_>,
    compress: Compress,
) -> Result<WrittenSegment, Error> {
    let compress = array.compress.unwrap_or(compress);
    compress.check()?;
    let alignment = ArraySegment::alignment(compress.codec(), array.data.len());
    let start = out.align(alignment)?;
    let mut writing = BlockWriter::new(out, compress);
    match &array.data {
        ArrayData::Lent(bytes) => writing.write(bytes)?,
        ArrayData::Owned(bytes) => writing.write(bytes)?,
        ArrayData::Strided(strided) => strided.write(&mut |piece| writing.write(piece))?,
    }
    writing.finish(Some(array.kind), start)
}

/// Writes the block lists, the directory and the trailer.
fn write_trailer(
    written: &[WrittenSegment],
    header_checksum: u64,
    out: &mut CountingWriter<'_>,
) -> Result<(), Error> {
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
    out.ends = None;
    out.write(&trailer.bytes())
}
