//! Describes the contents of a file without its type, and verifies whole files.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::block::BLOCK;
use super::error::{Error, ErrorKind};
use super::file::{self, DiskFile, FileIndex, FileReader, SMALL};
use super::layout::ArraySegment;
use super::reader::{ArrayLocation, BodyReader};
use super::record::{RecordShape, SchemaLayout};
use super::schema::{Enum, Fields, Id, Node, Rank, Schema, printable};
use super::untyped::{AnyNumber, ArrayShape};
use crate::stack;

/// The maximum number of parts in an [`Inspection`].
const MAX_PARTS: usize = 10_000;

/// The maximum size in bytes of all names and descriptions, approximately.
const MAX_TEXT_BYTES: usize = 4 << 20;

/// The maximum number of visited nodes per byte of body and schema. It bounds elements
/// that take no bytes.
const EMPTY: u64 = 64;

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
    let total = outline.small().len;
    let mut walk = SchemaWalk {
        outline: &outline,
        reader: BodyReader::streamed(Box::new(parts), total, u64::MAX),
        parts: Vec::new(),
        path: Vec::new(),
        text_bytes: 0,
        visits: (total + outline.schema.len() as u64 + 16).saturating_mul(EMPTY),
        sequence_depth: 0,
        is_cut: false,
    };
    walk.node(Schema::ROOT)?;
    walk.reader.end()?;
    let (parts, is_cut) = (walk.parts, walk.is_cut);
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

/// An element of a path. It is formatted only where it is shown, since names can be
/// long and there can be many nodes.
#[derive(Clone, Copy)]
pub(super) enum PathSegment<'a> {
    Field(&'a str),
    Place(usize),
    Variant(&'a str),
    Item(usize),
    Key(usize),
    Value(usize),
    /// Any element.
    Each,
}

impl<'a> PathSegment<'a> {
    /// Returns the element for the field at `place`, which may have no name.
    pub(super) fn of(place: usize, name: &'a str) -> Self {
        match name {
            "" => PathSegment::Place(place),
            name => PathSegment::Field(name),
        }
    }
}

impl fmt::Display for PathSegment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathSegment::Field(name) => write!(f, ".{}", printable(name)),
            PathSegment::Place(place) => write!(f, ".{place}"),
            PathSegment::Variant(name) => write!(f, "::{}", printable(name)),
            PathSegment::Item(index) => write!(f, "[{index}]"),
            PathSegment::Key(index) => write!(f, "[key {index}]"),
            PathSegment::Value(index) => write!(f, "[value {index}]"),
            PathSegment::Each => f.write_str("[]"),
        }
    }
}

/// Skips a node without children.
pub(super) fn skip_leaf(node: &Node, reader: &mut BodyReader<'_>) -> Result<(), Error> {
    match node {
        Node::Number(kind) => AnyNumber::read(*kind, reader).map(drop),
        Node::Fixed(kind) => reader.skip(kind.size() as u64),
        Node::Char | Node::Text | Node::Path | Node::Serde(_) | Node::Described(_) => {
            let len = reader.length()?;
            reader.skip(len as u64)
        }
        _ => Ok(()),
    }
}

struct SchemaWalk<'a> {
    outline: &'a FileIndex,
    reader: BodyReader<'a>,
    parts: Vec<InspectedPart>,
    path: Vec<PathSegment<'a>>,
    /// The size of the names and descriptions so far.
    text_bytes: usize,
    visits: u64,
    /// The number of enclosing sequences. Within sequences, only arrays with their own
    /// segment are reported.
    sequence_depth: usize,
    is_cut: bool,
}

impl<'a> SchemaWalk<'a> {
    fn node(&mut self, mut id: Id) -> Result<(), Error> {
        let schema = &self.outline.schema;
        self.visit()?;
        while let Node::Option(some) = schema.node(id) {
            if !self.reader.flag()? {
                self.report_inline(id, Vec::new());
                return Ok(());
            }
            self.visit()?;
            id = *some;
        }
        self.reader.descend()?;
        stack::with_room(stack::DEFAULT_ROOM, || self.part(id, schema.node(id)))??;
        self.reader.ascend();
        Ok(())
    }

    fn visit(&mut self) -> Result<(), Error> {
        self.visits = self
            .visits
            .checked_sub(1)
            .ok_or_else(|| Error::damaged_body("it has too many nodes for its length"))?;
        Ok(())
    }

    // Each kind of node has its own function, which reduces the stack size per level.
    fn part(&mut self, id: Id, node: &'a Node) -> Result<(), Error> {
        match node {
            Node::Seq(item) | Node::Set(item) | Node::OrderedSet(item) => self.many(id, *item),
            Node::Map(key, value) | Node::OrderedMap(key, value) => self.map(id, *key, *value),
            Node::Tuple(parts) => self.tuple(parts),
            Node::Struct(it) => self.structure(&it.fields),
            Node::Enum(it) => self.enumeration(id, it),
            Node::Array(kind, rank) => self.array(id, *kind, *rank),
            Node::Records(item) => self.records(id, *item),
            Node::Named(_, part) => self.named_type(id, *part),
            leaf => self.leaf(id, leaf),
        }
    }

    /// Visits a type of std, and the type it is encoded as.
    fn named_type(&mut self, id: Id, part: Id) -> Result<(), Error> {
        self.report_inline(id, Vec::new());
        self.node(part)
    }

    fn leaf(&mut self, id: Id, node: &Node) -> Result<(), Error> {
        skip_leaf(node, &mut self.reader)?;
        self.report_inline(id, Vec::new());
        Ok(())
    }

    fn many(&mut self, id: Id, item: Id) -> Result<(), Error> {
        let count = self.reader.length()?;
        self.report_inline(id, vec![count as u64]);
        self.sequence_depth += 1;
        for index in 0..count {
            self.element(PathSegment::Item(index), item)?;
        }
        self.sequence_depth -= 1;
        Ok(())
    }

    fn map(&mut self, id: Id, key: Id, value: Id) -> Result<(), Error> {
        let count = self.reader.length()?;
        self.report_inline(id, vec![count as u64]);
        self.sequence_depth += 1;
        for index in 0..count {
            self.element(PathSegment::Key(index), key)?;
            self.element(PathSegment::Value(index), value)?;
        }
        self.sequence_depth -= 1;
        Ok(())
    }

    fn tuple(&mut self, parts: &[Id]) -> Result<(), Error> {
        for (place, part) in parts.iter().enumerate() {
            self.named(PathSegment::Place(place), *part)?;
        }
        Ok(())
    }

    fn structure(&mut self, fields: &'a Fields) -> Result<(), Error> {
        self.reader.enter()?;
        self.fields(fields)?;
        self.reader.leave();
        Ok(())
    }

    fn enumeration(&mut self, id: Id, it: &'a Enum) -> Result<(), Error> {
        self.reader.enter()?;
        let number = self.reader.varint()?;
        let variant = usize::try_from(number).ok();
        let Some(variant) = variant.and_then(|at| it.variants.get(at)) else {
            return self.reader.no_variant(number);
        };
        self.path.push(PathSegment::Variant(&variant.name));
        if variant.fields.all().is_empty() {
            self.report_inline(id, Vec::new());
        }
        self.fields(&variant.fields)?;
        self.path.pop();
        self.reader.leave();
        Ok(())
    }

    fn fields(&mut self, fields: &'a Fields) -> Result<(), Error> {
        for (place, field) in fields.all().iter().enumerate() {
            self.named(PathSegment::of(place, &field.name), field.node)?;
        }
        Ok(())
    }

    fn named(&mut self, name: PathSegment<'a>, id: Id) -> Result<(), Error> {
        self.path.push(name);
        self.node(id)?;
        self.path.pop();
        Ok(())
    }

    fn element(&mut self, name: PathSegment<'a>, item: Id) -> Result<(), Error> {
        let before = self.reader.position();
        self.named(name, item)?;
        if self.reader.position() == before {
            self.reader.element(|_| Ok(()))?;
        }
        Ok(())
    }

    fn array(&mut self, id: Id, kind: super::NumberKind, rank: Rank) -> Result<(), Error> {
        let grid = ArrayShape::read(rank, &mut self.reader)?;
        let len = grid.bytes(kind)?;
        let segment = match self.reader.array_location(kind, len)? {
            ArrayLocation::Here => {
                self.reader.skip(len)?;
                None
            }
            ArrayLocation::Segment(index, _) => self.outline.array(index).copied(),
        };
        if self.sequence_depth == 0 || segment.is_some() {
            self.report(id, grid.dimensions, len, segment.as_ref());
        }
        Ok(())
    }

    fn records(&mut self, id: Id, item: Id) -> Result<(), Error> {
        let layout = SchemaLayout::new(&self.outline.schema, item)?;
        let shape = RecordShape::read(&layout, &mut self.reader)?;
        let segment = match shape.pass(&mut self.reader)? {
            ArrayLocation::Here => None,
            ArrayLocation::Segment(index, _) => self.outline.array(index).copied(),
        };
        if self.sequence_depth == 0 || segment.is_some() {
            let dimensions = shape.dimensions(&layout);
            self.report(id, dimensions, shape.bytes()?, segment.as_ref());
        }
        Ok(())
    }

    fn report_inline(&mut self, id: Id, shape: Vec<u64>) {
        if self.sequence_depth == 0 {
            self.report(id, shape, 0, None);
        }
    }

    fn report(&mut self, id: Id, shape: Vec<u64>, bytes: u64, segment: Option<&ArraySegment>) {
        if self.parts.len() == MAX_PARTS || self.text_bytes > MAX_TEXT_BYTES {
            self.is_cut = true;
            return;
        }
        let name: String = self.path.iter().map(PathSegment::to_string).collect();
        let what = self.outline.schema.describe(id);
        self.text_bytes += name.len() + what.len();
        self.parts.push(InspectedPart {
            name: name.strip_prefix('.').unwrap_or(&name).to_owned(),
            what,
            shape,
            bytes,
            stored: segment.map_or(bytes, |it| it.stored),
            compression: segment
                .map_or(super::compress::Codec::None, |it| it.codec)
                .to_string(),
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
