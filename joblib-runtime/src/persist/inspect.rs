//! Tells what is in a file without its type, and whether it is whole.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::block::BLOCK;
use super::error::{Error, ErrorKind};
use super::file::{self, DiskFile, FileIndex, FileReader, SMALL};
use super::layout::Segment;
use super::reader::{ArrayLocation, BodyReader};
use super::record::{RecordShape, SchemaLayout};
use super::schema::{Enum, Fields, Id, Node, Rank, Schema, shown};
use super::untyped::{AnyNumber, ArrayShape};
use crate::stack;

/// So many parts are told of.
const MOST: usize = 10_000;

/// What is told of takes about so many bytes in all.
const TOLD: usize = 4 << 20;

/// What takes no bytes may come up so often for each byte that does.
const EMPTY: u64 = 64;

/// What is in a file, from [`inspect`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// The version of the format.
    pub version: u32,
    /// What the value is.
    pub what: String,
    /// The hash of its schema.
    pub schema: u128,
    /// The bytes of the file.
    pub bytes: u64,
    /// The fields of the value, and the arrays within them.
    pub parts: Vec<InspectedPart>,
    /// Whether there are more than are told of.
    pub is_cut: bool,
}

/// A part of a value, as a file has it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InspectedPart {
    /// The path to it, as in `layers[2].weights`; empty for the value itself.
    pub name: String,
    /// What it is, as in `an array of f64`.
    pub what: String,
    /// Of an array its dimensions, of a sequence or a map its length.
    pub shape: Vec<u64>,
    /// The bytes of an array before compression.
    pub bytes: u64,
    /// The bytes that an array takes in the file.
    pub stored: u64,
    /// What an array is compressed with: `none`, `zstd` and so on.
    pub compression: String,
    /// The checksum of the checksums of the array's blocks; of an array within
    /// the small part, there is none.
    pub checksum: Option<u64>,
}

/// Tells what is in the file at `path`: names, types, shapes, sizes,
/// compression and checksums. What is small is read, arrays are not.
///
/// # Errors
///
/// The file cannot be read, or what it says of itself is damaged.
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
    look(path).map_err(|error| error.of(path))
}

fn look(path: &Path) -> Result<Inspection, Error> {
    let (handle, len) = DiskFile::open(path)?;
    let outline = Arc::new(FileIndex::read(&handle, len)?);
    let parts = FileReader::new(&handle, Arc::clone(&outline));
    let total = outline.small().len;
    let mut walk = SchemaWalk {
        outline: &outline,
        reader: BodyReader::streamed(Box::new(parts), total, u64::MAX),
        parts: Vec::new(),
        path: Vec::new(),
        told: 0,
        visits: (total + outline.schema.len() as u64 + 16).saturating_mul(EMPTY),
        within: 0,
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
    // The header, the schema and the directory may have changed since.
    FileIndex::read(handle, about.len())?;
    outline.check_gaps(handle)?;
    let mut room = Vec::with_capacity(BLOCK);
    for (index, segment) in outline.segments.iter().enumerate() {
        let part = match index {
            0 => SMALL.to_owned(),
            _ => file::name(index as u64 - 1),
        };
        let list = segment.read_list(handle, &part)?;
        for (number, block) in segment.stored_blocks(&list, &part)?.iter().enumerate() {
            let room = &mut room.spare_capacity_mut()[..block.len];
            block.read(segment.codec, handle, room, &part, number)?;
        }
    }
    Ok(())
}

/// A part of a path. It is put into words only where it is told of, since
/// names can be long and what they stand for can be short.
#[derive(Clone, Copy)]
pub(super) enum PathSegment<'a> {
    Field(&'a str),
    Place(usize),
    Variant(&'a str),
    Item(usize),
    Key(usize),
    Value(usize),
    /// Any of many.
    Each,
}

impl<'a> PathSegment<'a> {
    /// Of the field at that place, which has that name if it has one.
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
            PathSegment::Field(name) => write!(f, ".{}", shown(name)),
            PathSegment::Place(place) => write!(f, ".{place}"),
            PathSegment::Variant(name) => write!(f, "::{}", shown(name)),
            PathSegment::Item(index) => write!(f, "[{index}]"),
            PathSegment::Key(index) => write!(f, "[key {index}]"),
            PathSegment::Value(index) => write!(f, "[value {index}]"),
            PathSegment::Each => f.write_str("[]"),
        }
    }
}

/// Passes over what has no parts.
pub(super) fn pass_leaf(node: &Node, reader: &mut BodyReader<'_>) -> Result<(), Error> {
    match node {
        Node::Number(kind) => AnyNumber::read(*kind, reader).map(drop),
        Node::Fixed(kind) => reader.pass(kind.size() as u64),
        Node::Char | Node::Text | Node::Path | Node::Serde(_) | Node::Described(_) => {
            let len = reader.length()?;
            reader.pass(len as u64)
        }
        _ => Ok(()),
    }
}

struct SchemaWalk<'a> {
    outline: &'a FileIndex,
    reader: BodyReader<'a>,
    parts: Vec<InspectedPart>,
    path: Vec<PathSegment<'a>>,
    /// The bytes of what was told of.
    told: usize,
    visits: u64,
    /// In how many sequences it is: within them, only arrays are told of that
    /// have a segment of their own.
    within: usize,
    is_cut: bool,
}

impl<'a> SchemaWalk<'a> {
    fn node(&mut self, mut id: Id) -> Result<(), Error> {
        let schema = &self.outline.schema;
        self.visit()?;
        while let Node::Option(some) = schema.node(id) {
            if !self.reader.flag()? {
                self.small(id, Vec::new());
                return Ok(());
            }
            self.visit()?;
            id = *some;
        }
        self.reader.descend()?;
        stack::with_room(stack::USUAL, || self.part(id, schema.node(id)))??;
        self.reader.ascend();
        Ok(())
    }

    fn visit(&mut self) -> Result<(), Error> {
        self.visits = self
            .visits
            .checked_sub(1)
            .ok_or_else(|| Error::small("it has more parts than bytes"))?;
        Ok(())
    }

    // A frame for each kind of part: fewer bytes of stack for each level.
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

    /// A type of std, and what it is written as.
    fn named_type(&mut self, id: Id, part: Id) -> Result<(), Error> {
        self.small(id, Vec::new());
        self.node(part)
    }

    fn leaf(&mut self, id: Id, node: &Node) -> Result<(), Error> {
        pass_leaf(node, &mut self.reader)?;
        self.small(id, Vec::new());
        Ok(())
    }

    fn many(&mut self, id: Id, item: Id) -> Result<(), Error> {
        let count = self.reader.length()?;
        self.small(id, vec![count as u64]);
        self.within += 1;
        for index in 0..count {
            self.element(PathSegment::Item(index), item)?;
        }
        self.within -= 1;
        Ok(())
    }

    fn map(&mut self, id: Id, key: Id, value: Id) -> Result<(), Error> {
        let count = self.reader.length()?;
        self.small(id, vec![count as u64]);
        self.within += 1;
        for index in 0..count {
            self.element(PathSegment::Key(index), key)?;
            self.element(PathSegment::Value(index), value)?;
        }
        self.within -= 1;
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
            self.small(id, Vec::new());
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
        let segment = match self.reader.place(kind, len)? {
            ArrayLocation::Here => {
                self.reader.pass(len)?;
                None
            }
            ArrayLocation::Segment(index, _) => self.outline.array(index).copied(),
        };
        if self.within == 0 || segment.is_some() {
            self.tell(id, grid.dimensions, len, segment.as_ref());
        }
        Ok(())
    }

    fn records(&mut self, id: Id, item: Id) -> Result<(), Error> {
        let laid = SchemaLayout::new(&self.outline.schema, item)?;
        let shape = RecordShape::read(&laid, &mut self.reader)?;
        let segment = match shape.pass(&mut self.reader)? {
            ArrayLocation::Here => None,
            ArrayLocation::Segment(index, _) => self.outline.array(index).copied(),
        };
        if self.within == 0 || segment.is_some() {
            let dimensions = shape.dimensions(&laid);
            self.tell(id, dimensions, shape.bytes()?, segment.as_ref());
        }
        Ok(())
    }

    fn small(&mut self, id: Id, shape: Vec<u64>) {
        if self.within == 0 {
            self.tell(id, shape, 0, None);
        }
    }

    fn tell(&mut self, id: Id, shape: Vec<u64>, bytes: u64, segment: Option<&Segment>) {
        if self.parts.len() == MOST || self.told > TOLD {
            self.is_cut = true;
            return;
        }
        let name: String = self.path.iter().map(PathSegment::to_string).collect();
        let what = self.outline.schema.describe(id);
        self.told += name.len() + what.len();
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
