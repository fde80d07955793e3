//! Walks through a body along the schema of its file, without its type.

use std::fmt;

use super::NumberKind;
use super::error::{Error, ErrorKind};
use super::reader::{ArrayLocation, BodyReader};
use super::record::{RecordShape, SchemaLayout};
use super::schema::{Enum, Fields, Id, Node, Rank, Schema, printable};
use super::untyped::{AnyNumber, ArrayShape};
use crate::stack;

/// The maximum number of visited nodes per byte of body and schema. It bounds elements
/// that take no bytes.
const EMPTY: u64 = 64;

/// What is done with the nodes of a walk.
pub(super) trait Visitor {
    /// Ends the walk with an error, if the reader has read enough.
    fn check(&self, _reader: &BodyReader<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// Visits a node.
    fn visit(&mut self, _path: &[PathSegment<'_>], _found: FoundNode) {}
}

/// A node that was read.
pub(super) struct FoundNode {
    pub(super) id: Id,
    /// The dimensions of an array, or the length of a sequence or a map.
    pub(super) shape: Vec<u64>,
    /// The size of an array.
    pub(super) bytes: u64,
    /// The index of the segment of an array.
    pub(super) segment: Option<u64>,
    pub(super) is_in_sequence: bool,
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
    fn of(place: usize, name: &'a str) -> Self {
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

/// Returns the path in text, as in `layers[2].weights`; empty for the value itself.
pub(super) fn text_of(path: &[PathSegment<'_>]) -> String {
    let text: String = path.iter().map(PathSegment::to_string).collect();
    text.strip_prefix('.').unwrap_or(&text).to_owned()
}

/// Returns the path element for an element with this index.
type PathOfIndex<'a> = fn(usize) -> PathSegment<'a>;

/// A walk through a body.
pub(super) struct SchemaWalk<'a, 's, V> {
    schema: &'a Schema,
    pub(super) reader: BodyReader<'s>,
    pub(super) visitor: V,
    /// The path of the current node.
    pub(super) path: Vec<PathSegment<'a>>,
    visits: u64,
    /// The number of enclosing sequences.
    sequence_depth: usize,
}

impl<'a, 's, V: Visitor> SchemaWalk<'a, 's, V> {
    /// Creates a walk. `reader` is at the start of the body.
    pub(super) fn new(schema: &'a Schema, reader: BodyReader<'s>, visitor: V) -> Self {
        SchemaWalk {
            schema,
            visits: (reader.total() + schema.len() as u64 + 16).saturating_mul(EMPTY),
            reader,
            visitor,
            path: Vec::new(),
            sequence_depth: 0,
        }
    }

    /// Visits a node and all nodes in it.
    pub(super) fn node(&mut self, mut id: Id) -> Result<(), Error> {
        let schema = self.schema;
        while let Node::Option(some) = schema.node(id) {
            self.count()?;
            if !self.reader.flag()? {
                self.found(id, Vec::new());
                return self.check();
            }
            id = *some;
        }
        self.count()?;
        self.reader.descend()?;
        stack::with_room(stack::DEFAULT_ROOM, || self.part(id, schema.node(id)))??;
        self.reader.ascend();
        Ok(())
    }

    fn count(&mut self) -> Result<(), Error> {
        self.visits = self
            .visits
            .checked_sub(1)
            .ok_or_else(|| Error::damaged_body("it has too many nodes for its length"))?;
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        self.visitor.check(&self.reader)
    }

    /// Visits a node that is not an array.
    fn found(&mut self, id: Id, shape: Vec<u64>) {
        self.found_array(id, shape, 0, None);
    }

    fn found_array(&mut self, id: Id, shape: Vec<u64>, bytes: u64, segment: Option<u64>) {
        let found = FoundNode {
            id,
            shape,
            bytes,
            segment,
            is_in_sequence: self.sequence_depth > 0,
        };
        self.visitor.visit(&self.path, found);
    }

    // Each kind of node has its own function, which reduces the stack size per level.
    fn part(&mut self, id: Id, node: &'a Node) -> Result<(), Error> {
        match node {
            Node::Seq(item) | Node::Set(item) | Node::OrderedSet(item) => {
                self.many(id, &[(PathSegment::Item, *item)])
            }
            Node::Map(key, value) | Node::OrderedMap(key, value) => self.many(
                id,
                &[(PathSegment::Key, *key), (PathSegment::Value, *value)],
            ),
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
        self.found(id, Vec::new());
        self.node(part)
    }

    fn leaf(&mut self, id: Id, node: &Node) -> Result<(), Error> {
        match node {
            Node::Number(kind) => drop(AnyNumber::read(*kind, &mut self.reader)?),
            Node::Fixed(kind) => self.reader.skip(kind.size() as u64)?,
            Node::Char | Node::Text | Node::Path | Node::Serde(_) | Node::Described(_) => {
                let len = self.reader.length()?;
                self.reader.skip(len as u64)?;
            }
            _ => {}
        }
        self.found(id, Vec::new());
        self.check()
    }

    /// Visits many elements, each with the same parts.
    fn many(&mut self, id: Id, parts: &[(PathOfIndex<'a>, Id)]) -> Result<(), Error> {
        let count = self.reader.length()?;
        self.check()?;
        self.found(id, vec![count as u64]);
        self.sequence_depth += 1;
        for index in 0..count {
            for (name, part) in parts {
                let before = self.reader.position();
                self.named(name(index), *part)?;
                if self.reader.position() == before {
                    self.reader.element(|_| Ok(()))?;
                }
            }
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
        self.begin()?;
        self.fields(fields)?;
        self.reader.leave();
        Ok(())
    }

    fn enumeration(&mut self, id: Id, it: &'a Enum) -> Result<(), Error> {
        self.begin()?;
        let number = self.reader.varint()?;
        self.check()?;
        let variant = usize::try_from(number).ok();
        let Some(variant) = variant.and_then(|at| it.variants.get(at)) else {
            return self.reader.no_variant(number);
        };
        self.path.push(PathSegment::Variant(&variant.name));
        if variant.fields.all().is_empty() {
            self.found(id, Vec::new());
        }
        self.fields(&variant.fields)?;
        self.path.pop();
        self.reader.leave();
        Ok(())
    }

    /// Enters a struct or a variant. Ends the walk in an older version of the type,
    /// which has other fields.
    fn begin(&mut self) -> Result<(), Error> {
        match self.reader.enter()? {
            0 => Ok(()),
            _ => Err(ErrorKind::TooDeep.into()),
        }
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

    fn array(&mut self, id: Id, kind: NumberKind, rank: Rank) -> Result<(), Error> {
        let grid = ArrayShape::read(rank, &mut self.reader)?;
        self.check()?;
        let len = grid.bytes(kind)?;
        let place = self.reader.array_location(kind, len)?;
        if let ArrayLocation::Here = place {
            self.reader.skip(len)?;
        }
        self.found_array(id, grid.dimensions, len, segment(&place));
        self.check()
    }

    fn records(&mut self, id: Id, item: Id) -> Result<(), Error> {
        let layout = SchemaLayout::new(self.schema, item)?;
        let count = self.length()?;
        let mut lengths = Vec::new();
        self.lengths(item, &mut lengths)?;
        let shape = RecordShape::new(&layout, count, lengths)?;
        let place = shape.pass(&mut self.reader)?;
        let dimensions = shape.dimensions(&layout);
        self.found_array(id, dimensions, shape.bytes()?, segment(&place));
        self.check()
    }

    /// Reads the lengths of the rows in a record of this type.
    fn lengths(&mut self, item: Id, lengths: &mut Vec<u64>) -> Result<(), Error> {
        match self.schema.node(item) {
            Node::Array(_, rank) => {
                for _ in 0..rank.count().unwrap_or(0) {
                    lengths.push(self.length()?);
                }
                Ok(())
            }
            Node::Records(inner) => {
                lengths.push(self.length()?);
                self.lengths(*inner, lengths)
            }
            Node::Struct(it) => {
                self.path.push(PathSegment::Each);
                for (place, field) in it.fields.all().iter().enumerate() {
                    self.path.push(PathSegment::of(place, &field.name));
                    self.lengths(field.node, lengths)?;
                    self.path.pop();
                }
                self.path.pop();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn length(&mut self) -> Result<u64, Error> {
        let len = self.reader.varint()?;
        self.check().map(|()| len)
    }
}

fn segment(place: &ArrayLocation) -> Option<u64> {
    match place {
        ArrayLocation::Here => None,
        ArrayLocation::Segment(index, _) => Some(*index),
    }
}
