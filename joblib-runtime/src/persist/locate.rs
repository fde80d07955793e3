//! Finds the field of a value at a position in its body, for error messages.

use super::error::{Error, ErrorKind};
use super::inspect::{PathSegment, skip_leaf};
use super::reader::{ArrayLocation, BodyReader};
use super::record::{RecordShape, SchemaLayout};
use super::schema::{Enum, Fields, Id, Node, Schema};
use super::untyped::ArrayShape;
use crate::stack;

/// The maximum number of visited nodes per byte of body and schema. It bounds elements
/// that take no bytes.
const EMPTY: u64 = 64;

/// Returns the path of the field at which a reader stopped at `position`, as in
/// `layers[2].weights`; empty for the value itself. `reader` is at the start of the
/// body.
pub(super) fn field(schema: &Schema, reader: BodyReader<'_>, position: u64) -> String {
    let visits = (reader.total() + schema.len() as u64 + 16).saturating_mul(EMPTY);
    let mut search = Search {
        schema,
        reader,
        position,
        path: Vec::new(),
        visits,
    };
    // The search ends with an error at the position, or where the bytes cannot be read.
    // In both cases the path so far is the result.
    match search.node(Schema::ROOT) {
        Ok(()) => String::new(),
        Err(_) => {
            let path: String = search.path.iter().map(PathSegment::to_string).collect();
            path.strip_prefix('.').unwrap_or(&path).to_owned()
        }
    }
}

/// Returns the path element for an element with this index.
type PathOfIndex<'a> = fn(usize) -> PathSegment<'a>;

struct Search<'a, 's> {
    schema: &'a Schema,
    reader: BodyReader<'s>,
    position: u64,
    path: Vec<PathSegment<'a>>,
    visits: u64,
}

impl<'a> Search<'a, '_> {
    fn node(&mut self, mut id: Id) -> Result<(), Error> {
        let schema = self.schema;
        while let Node::Option(some) = schema.node(id) {
            self.visit()?;
            if !self.reader.flag()? {
                return self.stop_at_position();
            }
            id = *some;
        }
        self.visit()?;
        self.reader.descend()?;
        stack::with_room(stack::DEFAULT_ROOM, || self.part(schema.node(id)))??;
        self.reader.ascend();
        Ok(())
    }

    fn visit(&mut self) -> Result<(), Error> {
        self.visits = self.visits.checked_sub(1).ok_or(ErrorKind::TooDeep)?;
        Ok(())
    }

    /// Ends the search with an error at or after the position.
    fn stop_at_position(&self) -> Result<(), Error> {
        match self.reader.position() < self.position {
            true => Ok(()),
            false => Err(ErrorKind::TooDeep.into()),
        }
    }

    fn part(&mut self, node: &'a Node) -> Result<(), Error> {
        match node {
            Node::Seq(item) | Node::Set(item) | Node::OrderedSet(item) => {
                self.many(&[(PathSegment::Item, *item)])
            }
            Node::Map(key, value) | Node::OrderedMap(key, value) => {
                self.many(&[(PathSegment::Key, *key), (PathSegment::Value, *value)])
            }
            Node::Tuple(parts) => self.tuple(parts),
            Node::Struct(it) => self.structure(&it.fields),
            Node::Enum(it) => self.enumeration(it),
            Node::Array(kind, rank) => {
                let grid = ArrayShape::read(*rank, &mut self.reader)?;
                self.stop_at_position()?;
                let len = grid.bytes(*kind)?;
                match self.reader.array_location(*kind, len)? {
                    ArrayLocation::Here => self.reader.skip(len)?,
                    ArrayLocation::Segment(..) => {}
                }
                self.stop_at_position()
            }
            Node::Records(item) => self.records(*item),
            Node::Named(_, part) => self.node(*part),
            leaf => {
                skip_leaf(leaf, &mut self.reader)?;
                self.stop_at_position()
            }
        }
    }

    fn records(&mut self, item: Id) -> Result<(), Error> {
        let count = self.reader.varint()?;
        self.stop_at_position()?;
        let mut lengths = Vec::new();
        self.lengths(item, &mut lengths)?;
        let shape = RecordShape::new(&SchemaLayout::new(self.schema, item)?, count, lengths)?;
        shape.pass(&mut self.reader)?;
        self.stop_at_position()
    }

    /// Reads the lengths of the rows in a record of this type.
    fn lengths(&mut self, item: Id, lengths: &mut Vec<u64>) -> Result<(), Error> {
        let schema = self.schema;
        self.visit()?;
        match schema.node(item) {
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
        self.stop_at_position().map(|()| len)
    }

    /// Visits many elements, each with the same parts.
    fn many(&mut self, parts: &[(PathOfIndex<'a>, Id)]) -> Result<(), Error> {
        let count = self.reader.length()?;
        self.stop_at_position()?;
        for index in 0..count {
            for (name, part) in parts {
                let before = self.reader.position();
                self.named(name(index), *part)?;
                if self.reader.position() == before {
                    self.reader.element(|_| Ok(()))?;
                }
            }
        }
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

    fn enumeration(&mut self, it: &'a Enum) -> Result<(), Error> {
        self.begin()?;
        let number = self.reader.varint()?;
        self.stop_at_position()?;
        let variant = usize::try_from(number).ok();
        let Some(variant) = variant.and_then(|at| it.variants.get(at)) else {
            return self.reader.no_variant(number);
        };
        self.path.push(PathSegment::Variant(&variant.name));
        self.fields(&variant.fields)?;
        self.path.pop();
        self.reader.leave();
        Ok(())
    }

    /// Enters a struct or a variant. Ends the search in an older version of the type,
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
}
