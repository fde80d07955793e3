//! Describes the contents of a file without its type, and verifies whole files.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::block::BLOCK;
use super::compress::Codec;
use super::error::{Error, ErrorKind};
use super::file::{self, DiskFile, FileIndex, FileReader, SMALL};
use super::reader::BodyReader;
use super::schema::Schema;
use super::schema_walk::{FoundNode, PathSegment, SchemaWalk, Visitor, text_of};

/// The maximum number of parts in an [`Inspection`].
const MAX_PARTS: usize = 10_000;

/// The maximum size in bytes of all names and descriptions, approximately.
const MAX_TEXT_BYTES: usize = 4 << 20;

/// The contents of a file, from [`inspect`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// The version of the format.
    pub version: u32,
    /// The type of the value.
    pub what: String,
    /// The hash of its schema.
    pub schema: u128,
    /// The bytes of the file.
    pub bytes: u64,
    /// The fields of the value, and the arrays within them.
    pub parts: Vec<InspectedPart>,
    /// Whether `parts` was truncated.
    pub is_cut: bool,
}

/// A part of a value in a file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InspectedPart {
    /// Its path, as in `layers[2].weights`; empty for the value itself.
    pub name: String,
    /// Its type, as in `an array of f64`.
    pub what: String,
    /// The dimensions of an array, or the length of a sequence or a map.
    pub shape: Vec<u64>,
    /// The size of an array before compression.
    pub bytes: u64,
    /// The size of an array in the file.
    pub stored: u64,
    /// The compression of an array: `none`, `zstd` and so on.
    pub compression: String,
    /// The checksum of the array's block list. `None` for arrays inline in the body.
    pub checksum: Option<u64>,
}

/// Describes the file at `path`: names, types, shapes, sizes, compression and
/// checksums. It reads the body, but no arrays.
///
/// # Errors
///
/// Fails if the file cannot be read, or its metadata is damaged.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("numbers.joblib");
/// joblib::persist::dump(&(vec![1.5; 1000], "text"), &path)?;
/// let inspection = joblib::persist::inspect(&path)?;
/// assert_eq!(inspection.parts[0].what, "an array of f64");
/// assert_eq!(inspection.parts[0].shape, [1000]);
/// println!("{inspection}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn inspect(path: impl AsRef<Path>) -> Result<Inspection, Error> {
    let path = path.as_ref();
    inspect_file(path).map_err(|error| error.with_path(path))
}

fn inspect_file(path: &Path) -> Result<Inspection, Error> {
    let (handle, len) = DiskFile::open(path)?;
    let outline = Arc::new(FileIndex::read(&handle, len)?);
    let parts = FileReader::new(&handle, Arc::clone(&outline));
    let reader = BodyReader::streamed(Box::new(parts), outline.small().len, u64::MAX);
    let list = PartList {
        outline: &outline,
        parts: Vec::new(),
        text_bytes: 0,
        is_cut: false,
    };
    let mut walk = SchemaWalk::new(&outline.schema, reader, list);
    walk.node(Schema::ROOT)?;
    walk.reader.end()?;
    let PartList { parts, is_cut, .. } = walk.visitor;
    Ok(Inspection {
        version: outline.header.version,
        what: outline.schema.describe(Schema::ROOT),
        schema: outline.header.schema_hash,
        bytes: outline.len,
        parts,
        is_cut,
    })
}

/// Reads and verifies every byte of a file.
pub(super) fn verify(handle: &DiskFile, outline: &FileIndex) -> Result<(), Error> {
    let about = handle.0.metadata().map_err(ErrorKind::io("reading"))?;
    if about.len() < outline.len {
        return Err(ErrorKind::Truncated.into());
    }
    // The header, the schema and the directory may have changed since they were read.
    FileIndex::read(handle, about.len())?;
    outline.check_gaps(handle)?;
    let mut room = Vec::with_capacity(BLOCK);
    for (index, segment) in outline.segments.iter().enumerate() {
        let part = match index {
            0 => SMALL.to_owned(),
            _ => file::array_name(index as u64 - 1),
        };
        let list = segment.read_list(handle, &part)?;
        for (number, block) in segment.stored_blocks(&list, &part)?.iter().enumerate() {
            let room = &mut room.spare_capacity_mut()[..block.len];
            block.read(segment.codec, handle, room, &part, number)?;
        }
    }
    Ok(())
}

/// Collects the parts of an [`Inspection`].
struct PartList<'a> {
    outline: &'a FileIndex,
    parts: Vec<InspectedPart>,
    /// The size of the names and descriptions so far.
    text_bytes: usize,
    is_cut: bool,
}

impl Visitor for PartList<'_> {
    /// Adds a node. Within sequences, only arrays with their own segment are reported.
    fn visit(&mut self, path: &[PathSegment<'_>], found: FoundNode) {
        let segment = found.segment.and_then(|index| self.outline.array(index));
        if found.is_in_sequence && segment.is_none() {
            return;
        }
        if self.parts.len() == MAX_PARTS || self.text_bytes > MAX_TEXT_BYTES {
            self.is_cut = true;
            return;
        }
        let name = text_of(path);
        let what = self.outline.schema.describe(found.id);
        self.text_bytes += name.len() + what.len();
        self.parts.push(InspectedPart {
            name,
            what,
            shape: found.shape,
            bytes: found.bytes,
            stored: segment.map_or(found.bytes, |it| it.stored),
            compression: segment.map_or(Codec::None, |it| it.codec).to_string(),
            checksum: segment.map(|it| it.list_checksum),
        });
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inspection {
            what,
            bytes,
            version,
            ..
        } = self;
        write!(f, "{what}, {bytes} bytes, version {version} of the format")?;
        for part in &self.parts {
            write!(f, "\n{part}")?;
        }
        if self.is_cut {
            f.write_str("\nand more")?;
        }
        Ok(())
    }
}

impl fmt::Display for InspectedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.name.as_str() {
            "" => "the value",
            name => name,
        };
        write!(f, "  {name}: {}", self.what)?;
        if !self.shape.is_empty() {
            write!(f, " {:?}", self.shape)?;
        }
        if self.bytes > 0 {
            write!(f, ", {} bytes", self.bytes)?;
        }
        if self.compression != "none" {
            write!(f, ", {} with {}", self.stored, self.compression)?;
        }
        match self.checksum {
            Some(checksum) => write!(f, ", checksum {checksum:016x}"),
            None => Ok(()),
        }
    }
}
