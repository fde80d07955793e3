//! Reads the index of a file: its header, schema and directory, all verified, and the
//! offset of each segment. Lengths are checked against the length of the file before
//! anything is allocated.

use std::fs::File as Handle;
use std::mem::MaybeUninit;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use rustix::io::retry_on_intr;

use super::block::{ReadAt, filled_vec, read_vec};
use super::error::{Error, ErrorKind};
use super::layout::{self, ArraySegment, ENTRY, HEADER, Header, MAGIC, TRAILER, Trailer};
use super::magic;
use super::number::NumberKind;
use super::schema::Schema;
use super::source::BodySource;

/// The verified metadata of a file.
#[derive(Debug)]
pub(super) struct FileIndex {
    pub(super) header: Header,
    pub(super) schema: Schema,
    /// The segments. The first is the body.
    pub(super) segments: Vec<ArraySegment>,
    pub(super) len: u64,
}

impl FileIndex {
    pub(super) fn read(file: &dyn ReadAt, len: u64) -> Result<FileIndex, Error> {
        let head = read_header(file, len)?;
        let header = Header::parse(&head)?;
        if header.end() > len {
            return Err(ErrorKind::Truncated.into());
        }
        let rest = read_vec(file, HEADER as u64, (header.end() - HEADER as u64) as usize)?;
        let (schema, padding) = rest.split_at(header.schema_len as usize);
        Header::verify(&head, schema)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(Error::damaged("the header", "non-zero padding"));
        }
        let schema = Schema::from_bytes(schema)?;
        if schema.version() != header.version {
            let why = format!("it does not match version {} of the format", header.version);
            return Err(Error::damaged("the schema", why));
        }
        if schema.hash()? != header.schema_hash {
            return Err(Error::damaged(
                "the header",
                "its schema hash does not match the schema",
            ));
        }
        let at = len
            .checked_sub(TRAILER as u64)
            .ok_or(ErrorKind::Truncated)?;
        let last = read_vec(file, at, TRAILER)?;
        let last = last.first_chunk().ok_or(ErrorKind::Truncated)?;
        let trailer = Trailer::parse(last, len).map_err(|error| match error.kind() {
            ErrorKind::Truncated => extra_bytes_error(file, len, &head).unwrap_or(error),
            _ => error,
        })?;
        if trailer.header_checksum != Header::checksum_of(&head) {
            return Err(Error::damaged(
                "the trailer",
                "its header checksum does not match the header",
            ));
        }
        let (_, at) = trailer.offsets()?;
        let entries = read_vec(file, at, trailer.count as usize * ENTRY)?;
        let segments = layout::directory(&entries, header, &trailer)?;
        Ok(FileIndex {
            header,
            schema,
            segments,
            len,
        })
    }

    pub(super) fn small(&self) -> &ArraySegment {
        &self.segments[0]
    }

    /// Returns the segment of the array with number `index`.
    pub(super) fn array(&self, index: u64) -> Option<&ArraySegment> {
        let at = usize::try_from(index).ok()?.checked_add(1)?;
        self.segments.get(at)
    }

    /// Verifies that the padding between segments is zero.
    pub(super) fn check_gaps(&self, file: &dyn ReadAt) -> Result<(), Error> {
        let ends = self.segments.iter().map(|it| it.start + it.stored);
        let next = self.segments[1..].iter().map(|it| it.start);
        for (end, start) in ends.zip(next.chain([self.lists()])) {
            let gap = read_vec(file, end, (start - end) as usize)?;
            if gap.iter().any(|byte| *byte != 0) {
                return Err(Error::damaged(
                    "the padding between arrays",
                    "it is not zero",
                ));
            }
        }
        Ok(())
    }

    /// Returns the offset of the block lists, which follow the last segment.
    fn lists(&self) -> u64 {
        self.segments[0].list
    }
}

/// Returns the name of an array in messages.
pub(super) fn array_name(index: u64) -> String {
    format!("array {index}")
}

/// The name of the body in messages.
pub(super) const SMALL: &str = "the body";

/// Reads the header. A file that is too short for one and does not start with the magic
/// number is not a joblib file.
fn read_header(file: &dyn ReadAt, len: u64) -> Result<[u8; HEADER], Error> {
    let bytes = read_vec(file, 0, len.min(HEADER as u64) as usize)?;
    if let Some(head) = bytes.first_chunk() {
        return Ok(*head);
    }
    let most = bytes.len().min(MAGIC.len());
    if !bytes.is_empty() && bytes[..most] == MAGIC[..most] {
        return Err(ErrorKind::Truncated.into());
    }
    let hint = match (len, magic::hint(&bytes)) {
        (0, _) => ": it is empty",
        (_, "") => ": it is too short",
        (_, hint) => hint,
    };
    Err(ErrorKind::Foreign { hint }.into())
}

/// The number of bytes at the end of a file that are searched for the trailer of a
/// value.
const TRAILER_SEARCH_LEN: u64 = 1 << 16;

/// Returns the error for a file with extra bytes after the value, if its trailer is
/// found.
fn extra_bytes_error(file: &dyn ReadAt, len: u64, head: &[u8; HEADER]) -> Option<Error> {
    let start = len.saturating_sub(TRAILER_SEARCH_LEN);
    let bytes = read_vec(file, start, (len - start) as usize).ok()?;
    let mut ends = (TRAILER..bytes.len()).rev();
    let end = ends.find(|end| layout::is_end(&bytes[..*end], start + *end as u64, head))?;
    let bytes = (bytes.len() - end) as u64;
    Some(ErrorKind::Followed { bytes }.into())
}

/// A file with random access.
#[derive(Debug)]
pub(super) struct DiskFile(pub(super) Handle);

impl DiskFile {
    /// Opens the file at `path`. Returns it and its length.
    pub(super) fn open(path: &Path) -> Result<(DiskFile, u64), Error> {
        // `NONBLOCK` makes opening a pipe without a writer return at once. It has no
        // effect on regular files.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let opened = retry_on_intr(|| rustix::fs::open(path, flags, Mode::empty()));
        let file = Handle::from(opened.map_err(|it| ErrorKind::io("opening")(it.into()))?);
        let about = file.metadata().map_err(ErrorKind::io("reading"))?;
        if !about.is_file() {
            let message = "not a regular file, so it cannot be mapped or inspected; \
                           read it with `Load::read`";
            return Err(ErrorKind::Value(message.to_owned()).into());
        }
        Ok((DiskFile(file), about.len()))
    }
}

impl ReadAt for DiskFile {
    fn read(&self, mut offset: u64, mut out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        while !out.is_empty() {
            // A single read call returns at most two gibibytes.
            let most = out.len().min(1 << 30);
            let read = match rustix::io::pread(&self.0, &mut out[..most], offset) {
                Ok((read, _)) => read.len(),
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(ErrorKind::io("reading")(error.into())),
            };
            if read == 0 {
                return Err(ErrorKind::Truncated.into());
            }
            offset += read as u64;
            out = &mut out[read..];
        }
        Ok(())
    }
}

/// The first and the last bytes of a file, read at once. For a small file, they contain
/// all of its metadata.
pub(super) struct HeadAndTail<'f> {
    file: &'f DiskFile,
    /// The first bytes, followed by the last bytes.
    bytes: Vec<u8>,
    /// The number of first bytes in `bytes`.
    first: usize,
    last_at: u64,
}

/// The number of bytes to read at either end.
const END_LEN: u64 = 4096;

impl<'f> HeadAndTail<'f> {
    pub(super) fn read(file: &'f DiskFile, len: u64) -> Result<Self, Error> {
        let first = len.min(END_LEN);
        let last_at = len.saturating_sub(END_LEN).max(first);
        let last = len - last_at;
        let (first, count) = (first as usize, (first + last) as usize);
        let bytes = filled_vec(count, |room| {
            let (start, end) = room.split_at_mut(first);
            file.read(0, start)?;
            file.read(last_at, end)
        })?;
        Ok(HeadAndTail {
            file,
            bytes,
            first,
            last_at,
        })
    }
}

impl ReadAt for HeadAndTail<'_> {
    fn read(&self, offset: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        let within = |bytes: &'_ [u8], at: u64| {
            let start = usize::try_from(offset.checked_sub(at)?).ok()?;
            let end = start.checked_add(out.len())?;
            (end <= bytes.len()).then_some(start..end)
        };
        let (first, last) = self.bytes.split_at(self.first);
        let bytes = match within(first, 0) {
            Some(range) => &first[range],
            None => match within(last, self.last_at) {
                Some(range) => &last[range],
                None => return self.file.read(offset, out),
            },
        };
        MemoryFile(bytes).read(0, out)
    }
}

impl<F: ReadAt> ReadAt for &F {
    fn read(&self, offset: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        (**self).read(offset, out)
    }
}

/// A file whose bytes are in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemoryFile<'b>(pub(super) &'b [u8]);

impl ReadAt for MemoryFile<'_> {
    fn read(&self, offset: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = self.0.get(start..).unwrap_or_default();
        let bytes = rest.get(..out.len()).ok_or(ErrorKind::Truncated)?;
        out.copy_from_slice(bytemuck::must_cast_slice(bytes));
        Ok(())
    }
}

/// A body source that reads a file: the body block by block, and the arrays.
pub(super) struct FileReader<F> {
    pub(super) file: F,
    pub(super) outline: Arc<FileIndex>,
    blocks: Option<std::vec::IntoIter<super::block::RawBlock>>,
    read: usize,
}

impl<F: ReadAt> FileReader<F> {
    pub(super) fn new(file: F, outline: Arc<FileIndex>) -> Self {
        FileReader {
            file,
            outline,
            blocks: None,
            read: 0,
        }
    }
}

impl<F: ReadAt> BodySource for FileReader<F> {
    fn more(&mut self, window: &mut Vec<u8>) -> Result<(), Error> {
        let small = *self.outline.small();
        let blocks = match &mut self.blocks {
            Some(blocks) => blocks,
            none => {
                let list = small.read_list(&self.file, SMALL)?;
                none.insert(small.stored_blocks(&list, SMALL)?.into_iter())
            }
        };
        let block = blocks.next().ok_or(ErrorKind::Truncated)?;
        window.reserve(block.len);
        let room = &mut window.spare_capacity_mut()[..block.len];
        block.read(small.codec, &self.file, room, SMALL, self.read)?;
        self.read += 1;
        // SAFETY: `read` succeeded, so it has filled all of it.
        unsafe { window.set_len(window.len() + block.len) };
        Ok(())
    }

    fn is_segment(&mut self, index: u64, kind: NumberKind, len: u64) -> bool {
        let segment = self.outline.array(index);
        segment.is_some_and(|it| it.kind == Some(kind) && it.len == len)
    }

    fn has(&self, index: u64) -> bool {
        self.outline.array(index).is_some()
    }

    fn fill(&mut self, index: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        let segment = self.outline.array(index).ok_or(ErrorKind::Truncated)?;
        segment.read(&self.file, out, &array_name(index))
    }

    fn offset(&self, index: u64) -> Result<usize, &'static str> {
        let segment = self
            .outline
            .array(index)
            .ok_or("it is missing in the file")?;
        if segment.stored != segment.len {
            return Err("it is compressed");
        }
        usize::try_from(segment.start).map_err(|_| "its offset exceeds the address space")
    }
}
