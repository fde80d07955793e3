//! Writes a value: header and schema, the small part as it is encoded, the
//! arrays from where they lie, and what was written where.

use std::hash::Hasher;
use std::io;
use std::path::Path;

use twox_hash::XxHash3_64;

use super::atomic_write::{self, Durability, ReplaceMode};
use super::block::{BlockSink, BlockWriter, WrittenSegment};
use super::compress::Compress;
use super::compress::by_extension::FileCompression;
use super::error::{Error, ErrorKind};
use super::layout::{ALIGNMENT, HEADER, Header, LONGEST_SCHEMA, Segment, Trailer};
use super::schema::Schema;
use super::traits::Save;
use super::value_stream::TrailerScan;
use super::writer::{ArrayData, BodyWriter, PendingArray, ReadBack};

/// Writes `value` to the file at `path`, which [`load`](super::load) reads and
/// [`open`](super::open) maps.
///
/// The file appears whole, in place of one that was there: it is written beside
/// it, synced and renamed, so that after a crash at any moment the old file or
/// the new one is there, and the new one once this has returned. A file that is
/// mapped can be replaced; the map keeps what it shows.
///
/// Who may open the new file is who might open the old one: it gets the same
/// owner, group, mode and access list. What the system refuses to give is given to
/// nobody in its stead, so that a group that cannot be kept costs the file its
/// group's rights. Nobody else can open it before it is whole. Bits that give a
/// program its owner's rights (`setuid`) are dropped, and other names of the old
/// file (hard links) keep the old contents.
///
/// Arrays behind a `Mutex`, an `RwLock` or a `RefCell` are written from where they
/// lie, and the lock is held until they are; [`Dump::write`] copies them first, since
/// what it writes to may want the lock.
///
/// Links are followed, by the system and its rules for them. What is no plain
/// file, such as a pipe, a terminal, `/dev/stdout` or `>(command)` of a shell, is
/// written to as it is.
///
/// The extension says how the file is compressed, as in Python's joblib and so that
/// `gunzip` and its like unpack it: [`Compress`]. [`Dump`] has the choices.
///
/// # Errors
///
/// The file cannot be written, or what serde describes of the value cannot be read
/// back; the old one stays then. A file is not replaced that
/// this process may not write to, and not where its directory takes no new file or
/// the file is a mount point: [`Dump::in_place`] says what can be done. A directory
/// that can be written and not read is no obstacle. Where nothing fails but the sync
/// of the directory, the new one is there already.
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
    manner: ReplaceMode,
    skips_reading_back: bool,
}

impl Dump {
    /// As [`dump`] does it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Compresses in that way, whatever the extension: arrays one by one, in a file
    /// that only joblib reads. A field that has its own keeps it.
    pub fn compress(mut self, compress: Compress) -> Self {
        self.compress = Some(compress);
        self
    }

    /// How far the file is to be on the disk when [`to`](Dump::to) returns.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.manner.durability = durability;
        self
    }

    /// Writes a new file and replaces none: if anything is at the path, be it a
    /// link to nothing, writing is an error of the kind
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists). Of several that write one
    /// path so at once, one succeeds.
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
        self.manner.is_create_new = create_new;
        self
    }

    /// Allows to write over the contents of a file that cannot be replaced,
    /// because it is a mount point, its directory cannot be written to, or a
    /// descriptor is all that leads to it.
    ///
    /// Such a file is not whole at every moment: whoever reads it meanwhile gets an
    /// error, and so does everybody after a kill or a power cut, which loses the old
    /// value and the new one. Who has it mapped sees it change. Whether the value can be
    /// written, and whether there is room for it, is tried first, for which it is
    /// encoded twice. Files that can be replaced are replaced all the same.
    pub fn in_place(mut self, in_place: bool) -> Self {
        self.manner.is_in_place = in_place;
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
        let written = match self.compress {
            Some(compress) => compress.check().and_then(|()| {
                let mut contents = |file: &mut dyn io::Write, is_plain| {
                    write(value, file, compress, self.how(is_plain))
                };
                atomic_write::replace(path, self.manner, &mut contents)
            }),
            None => FileCompression::from_path(path).and_then(|whole| {
                atomic_write::replace(path, self.manner, &mut |file, is_plain| {
                    let mut contents = |out: &mut dyn io::Write| {
                        write(value, out, Compress::None, self.how(is_plain))
                    };
                    match whole {
                        Some(whole) => whole.write(file, &mut contents),
                        None => contents(file),
                    }
                })
            }),
        };
        written.map_err(|error| error.of(path))
    }

    /// How to write to a plain file, which takes its bytes at once and has one value, or
    /// to something else.
    fn how(self, is_plain: bool) -> DumpOptions {
        DumpOptions {
            check: match self.skips_reading_back {
                true => ReadBack::Nothing,
                false => ReadBack::Whole,
            },
            holds_locks: is_plain,
            is_in_stream: !is_plain,
        }
    }

    /// Writes `value` to `out`, front to back.
    ///
    /// # Errors
    ///
    /// `out` cannot be written; it may have taken a part then. So it may where bytes of
    /// the value would be taken for its end by [`Load::read_next`](super::Load::read_next),
    /// which somebody made them for.
    pub fn write<T: Save + ?Sized>(self, mut out: impl io::Write, value: &T) -> Result<(), Error> {
        let compress = self.compress.unwrap_or_default();
        compress.check()?;
        // What `out` does is not known: it may wait for a lock that the value has.
        write(value, &mut out, compress, self.how(false))?;
        out.flush().map_err(ErrorKind::io("writing"))
    }
}

/// How a value is taken apart.
#[derive(Clone, Copy)]
pub(super) struct DumpOptions {
    /// Whether what serde describes is read back.
    check: ReadBack,
    /// Whether locks may be held while arrays behind them are written.
    holds_locks: bool,
    /// Whether other values may follow.
    is_in_stream: bool,
}

/// Bytes that go out, counted.
struct CountingWriter<'w> {
    out: &'w mut dyn io::Write,
    at: u64,
    /// What must not be among them, where others may follow.
    ends: Option<TrailerScan>,
}

impl BlockSink for CountingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let Some(ends) = &mut self.ends {
            ends.refuse(bytes, self.at)?;
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

/// Writes the whole file.
pub(super) fn write<T: Save + ?Sized>(
    value: &T,
    out: &mut dyn io::Write,
    compress: Compress,
    how: DumpOptions,
) -> Result<(), Error> {
    let mut out = CountingWriter {
        out,
        at: 0,
        ends: None,
    };
    let header = head(&Schema::of::<T>(), &mut out)?;
    let checksum = Header::checksum_of(&header);
    out.ends = how.is_in_stream.then(|| TrailerScan::of(header));
    let mut written = Vec::new();

    let start = out.at;
    let mut small = BlockWriter::new(&mut out, compress);
    let mut writer = BodyWriter::into_sink(&mut small).checking(how.check);
    if !how.holds_locks {
        writer = writer.without_locks();
    }
    value.save(&mut writer)?;
    let (_, arrays) = writer.finish()?;
    written.push(small.finish(None, start)?);

    arrays.each(|array| {
        written.push(segment(array, &mut out, compress)?);
        Ok(())
    })?;
    tail(&written, checksum, &mut out)
}

/// Writes header and schema; gives the header.
fn head(schema: &Schema, out: &mut CountingWriter<'_>) -> Result<[u8; HEADER], Error> {
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
            "the names and fields of the type take {len} bytes; {LONGEST_SCHEMA} can be written"
        );
        ErrorKind::Value(message).into()
    })
}

fn segment(
    array: PendingArray<'_>,
    out: &mut CountingWriter<'_>,
    compress: Compress,
) -> Result<WrittenSegment, Error> {
    let compress = array.compress.unwrap_or(compress);
    compress.check()?;
    let alignment = Segment::alignment(compress.codec(), array.data.len());
    let start = out.align(alignment)?;
    let mut writing = BlockWriter::new(out, compress);
    match &array.data {
        ArrayData::Lent(bytes) => writing.write(bytes)?,
        ArrayData::Owned(bytes) => writing.write(bytes)?,
        ArrayData::Strided(strided) => strided.write(&mut |piece| writing.write(piece))?,
    }
    writing.finish(Some(array.kind), start)
}

/// Writes the lists of blocks, the directory and the trailer.
fn tail(
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
