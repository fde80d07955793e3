//! Rewrites an encoded body according to a migration plan.

mod records;
mod rows;

use super::plan::{At, FieldOrigin, MigrationPlan, MigrationStep, PlacedNumber};
use crate::persist::body_encoding::BodyEncoding;
use crate::persist::error::{Error, ErrorKind};
use crate::persist::number::NumberKind;
use crate::persist::reader::{ArrayLocation, BodyReader, Cursor};
use crate::persist::schema::{Enum, Field, Fields, Id, Node, Rank, Schema, Struct, printable};
use crate::persist::untyped::{AnyNumber, ArrayShape, message_prefix};
use crate::persist::widen;
use crate::persist::writer::BodyWriter;
use crate::stack;

/// The maximum number of values without bytes for each byte of the input. It bounds the
/// time for types that contain empty values many times over.
const EMPTY: u64 = 64;

pub(super) struct Rewriter<'a, 'r> {
    found: &'a Schema,
    plan: &'a MigrationPlan,
    reader: BodyReader<'r>,
    writer: BodyWriter<'a, 'a>,
    /// How many values may still be visited.
    visits: u64,
    limit: u64,
}

impl<'a, 'r> Rewriter<'a, 'r> {
    pub(super) fn new(
        found: &'a Schema,
        plan: &'a MigrationPlan,
        reader: BodyReader<'r>,
        limit: u64,
    ) -> Self {
        let visits = (reader.total() + found.len() as u64 + 16).saturating_mul(EMPTY);
        Rewriter {
            found,
            plan,
            reader,
            writer: BodyWriter::new(BodyEncoding::Adapted),
            visits,
            limit,
        }
    }

    /// Returns the rewritten body, or the error and the position in the input.
    pub(super) fn run(mut self) -> Result<Vec<u8>, (Error, u64)> {
        let written = self.write(Schema::ROOT, self.plan.root);
        let written = written.and_then(|()| self.reader.end());
        let position = self.reader.position();
        let finished = written.and_then(|()| self.writer.finish());
        finished
            .map(|(small, _)| small)
            .map_err(|error| (error, position))
    }

    fn visit(&mut self) -> Result<(), Error> {
        if self.writer.body_len() as u64 > self.limit {
            return Err(ErrorKind::Limit { limit: self.limit }.into());
        }
        self.visits = self
            .visits
            .checked_sub(1)
            .ok_or_else(|| Error::damaged_body("it has more parts than bytes"))?;
        Ok(())
    }

    fn write(&mut self, mut found: Id, mut at: At) -> Result<(), Error> {
        let (schema, plan) = (self.found, self.plan);
        self.visit()?;
        while let (Node::Option(some), MigrationStep::Option(next)) =
            (schema.node(found), &plan.steps[at])
        {
            let is_some = self.reader.flag()?;
            self.writer.raw(&[is_some.into()]);
            if !is_some {
                return Ok(());
            }
            self.visit()?;
            (found, at) = (*some, *next);
        }
        self.reader.descend()?;
        stack::with_room(stack::DEFAULT_ROOM, || self.part(found, at))??;
        self.reader.ascend();
        Ok(())
    }

    // Each kind of value has its own function, which keeps stack frames small at each
    // level.
    fn part(&mut self, found: Id, at: At) -> Result<(), Error> {
        let (schema, plan) = (self.found, self.plan);
        match (schema.node(found), &plan.steps[at]) {
            (_, MigrationStep::Via(number, at)) => self.via_older_type(found, *number, *at),
            (Node::Number(_) | Node::Fixed(_), MigrationStep::Number(from, into)) => {
                self.number(*from, *into)
            }
            (
                Node::Seq(item) | Node::Set(item) | Node::OrderedSet(item),
                MigrationStep::Many(at),
            ) => self.many(&[(*item, *at)]),
            (
                Node::Map(key, value) | Node::OrderedMap(key, value),
                MigrationStep::Map(key_at, value_at),
            ) => self.many(&[(*key, *key_at), (*value, *value_at)]),
            (Node::Tuple(parts), MigrationStep::Tuple(steps)) => self.tuple(parts, steps),
            (
                Node::Array(..),
                MigrationStep::Array {
                    kinds,
                    ranks,
                    field,
                },
            ) => self.array(*kinds, *ranks, field),
            (Node::Seq(_), MigrationStep::Empty) => self
                .reader
                .peek_expected_length(0)
                .and_then(|()| self.skip(found)),
            (Node::Records(_), MigrationStep::Empty) => self
                .reader
                .peek_expected_length(0)
                .and_then(|()| self.skip(found)),
            (Node::Records(item), MigrationStep::Records) => self.records(*item),
            (
                Node::Records(_) | Node::Seq(_) | Node::Array(..),
                MigrationStep::Repacked(encoding),
            ) => self.repacked(encoding),
            (Node::Array(kind, rank), MigrationStep::Empty) => self.check_empty(*kind, *rank),
            (Node::Seq(_), MigrationStep::Gathered(nested)) => self.gathered(nested),
            (Node::Array(..), MigrationStep::Scattered(nested)) => self.scattered(nested),
            (Node::Struct(it), MigrationStep::Struct(parts)) => self.structure(&it.fields, parts),
            (Node::Enum(it), MigrationStep::Enum { variants, field }) => {
                self.enumeration(it, variants, field)
            }
            (_, MigrationStep::Some(at)) => {
                self.writer.raw(&[1]);
                self.write(found, *at)
            }
            (Node::Struct(it), MigrationStep::Unwrapped(at)) => self.unwrapped(&it.fields, *at),
            (_, MigrationStep::Wrapped(at)) => self.wrapped(found, *at),
            (Node::Named(_, part), MigrationStep::Named(at)) => self.write(*part, *at),
            (_, MigrationStep::Unnamed(at)) => self.write(found, *at),
            (_, MigrationStep::Serde(encoding)) => self.serde(*encoding),
            (_, MigrationStep::Same) => self.copy(found),
            (_, MigrationStep::Impossible) => self.impossible(found),
            _ => Err(Error::damaged(
                "the schema",
                "it does not match the migration plan",
            )),
        }
    }

    fn via_older_type(&mut self, found: Id, number: u8, at: At) -> Result<(), Error> {
        self.writer.enter()?;
        self.writer.replace_last(number);
        self.write(found, at)?;
        self.writer.leave();
        Ok(())
    }

    /// Writes the only field of a struct in place of the struct.
    fn unwrapped(&mut self, fields: &Fields, at: At) -> Result<(), Error> {
        self.reader.enter()?;
        for field in fields.all() {
            self.write(field.node, at)?;
        }
        self.reader.leave();
        Ok(())
    }

    /// Writes a struct whose only field is this value.
    fn wrapped(&mut self, found: Id, at: At) -> Result<(), Error> {
        self.writer.enter()?;
        self.write(found, at)?;
        self.writer.leave();
        Ok(())
    }

    /// Writes elements that all have the same child nodes.
    fn many(&mut self, parts: &[(Id, At)]) -> Result<(), Error> {
        let count = self.reader.length()?;
        self.writer.length(count);
        for _ in 0..count {
            for (part, at) in parts {
                self.element(*part, *at)?;
            }
        }
        Ok(())
    }

    fn tuple(&mut self, parts: &[Id], steps: &[At]) -> Result<(), Error> {
        for (part, at) in parts.iter().zip(steps) {
            self.write(*part, *at)?;
        }
        Ok(())
    }

    fn structure(&mut self, fields: &Fields, parts: &[FieldOrigin]) -> Result<(), Error> {
        self.reader.enter()?;
        self.writer.enter()?;
        self.fields(fields, parts)?;
        self.writer.leave();
        self.reader.leave();
        Ok(())
    }

    fn enumeration(
        &mut self,
        it: &Enum,
        variants: &[Option<(u64, Vec<FieldOrigin>)>],
        field: &str,
    ) -> Result<(), Error> {
        self.reader.enter()?;
        self.writer.enter()?;
        let number = self.reader.varint()?;
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        let (Some(variant), Some(target)) = (it.variants.get(at), variants.get(at)) else {
            return self.reader.no_variant(number);
        };
        let Some((number, parts)) = target else {
            return Err(missing_variant(field, it, &variant.name));
        };
        self.writer.varint(*number);
        self.fields(&variant.fields, parts)?;
        self.writer.leave();
        self.reader.leave();
        Ok(())
    }

    fn impossible<T>(&self, found: Id) -> Result<T, Error> {
        let what = self.found.describe(found);
        Err(Error::type_mismatch(what, "a type without such a value"))
    }

    fn element(&mut self, found: Id, at: At) -> Result<(), Error> {
        let before = self.writer.body_len();
        let start = self.reader.position();
        self.write(found, at)?;
        if self.reader.position() == start {
            self.reader.element(|_| Ok(()))?;
        }
        if self.writer.body_len() == before {
            self.writer.raw(&[0]);
        }
        Ok(())
    }

    /// Checks that an array is empty. Writes nothing.
    fn check_empty(&mut self, kind: NumberKind, rank: Rank) -> Result<(), Error> {
        let grid = ArrayShape::read(rank, &mut self.reader)?;
        match grid.bytes(kind)? {
            0 => self.reader.array_location(kind, 0).map(drop),
            len => {
                let found = format!("an array of {} values", len / kind.size() as u64);
                Err(Error::type_mismatch(found, "one of 0"))
            }
        }
    }

    /// Copies a value unchanged.
    fn copy(&mut self, found: Id) -> Result<(), Error> {
        match self.found.node(found) {
            Node::Unit => Ok(()),
            _ => {
                let bytes = self.reader.bytes()?;
                self.writer.bytes(&bytes)
            }
        }
    }

    fn number(&mut self, from: PlacedNumber, into: PlacedNumber) -> Result<(), Error> {
        let value = match from.is_fixed {
            true => AnyNumber::read_fixed(from.kind, &mut self.reader)?,
            false => AnyNumber::read(from.kind, &mut self.reader)?,
        };
        match into.is_fixed {
            true => value.write_fixed(into.kind, &mut self.writer),
            false => value.write(into.kind, &mut self.writer),
        }
    }

    fn serde(&mut self, encoding: u8) -> Result<(), Error> {
        let bytes = self.reader.bytes()?;
        self.writer.copied_serde(encoding, &bytes)
    }

    fn array(
        &mut self,
        (from, into): (NumberKind, NumberKind),
        ranks: (Rank, Rank),
        field: &str,
    ) -> Result<(), Error> {
        let grid = ArrayShape::read(ranks.0, &mut self.reader)?;
        let len = grid.bytes(from)?;
        grid.write(field, ranks.1, &mut self.writer)?;
        match self.reader.array_location(from, len)? {
            ArrayLocation::Here => {
                let len = usize::try_from(len).unwrap_or(usize::MAX);
                let bytes = widen::widened(from, into, self.reader.take(len)?)?;
                self.writer.inline(into, &bytes);
            }
            ArrayLocation::Segment(index, kind) => self.writer.segment_reference(index, kind),
        }
        Ok(())
    }

    fn fields(&mut self, fields: &Fields, parts: &[FieldOrigin]) -> Result<(), Error> {
        let fields = fields.all();
        let numbers = parts.iter().filter_map(|part| match part {
            FieldOrigin::Field(number, _) => Some(*number),
            FieldOrigin::Default(_) => None,
        });
        if numbers.is_sorted() {
            self.in_order(fields, parts)
        } else {
            self.out_of_order(fields, parts)
        }
    }

    fn in_order(&mut self, fields: &[Field], parts: &[FieldOrigin]) -> Result<(), Error> {
        let mut next = 0;
        for part in parts {
            match part {
                FieldOrigin::Field(number, at) => {
                    self.skip_all(fields.get(next..*number).unwrap_or_default())?;
                    self.write(fields[*number].node, *at)?;
                    next = number + 1;
                }
                FieldOrigin::Default(default) => default(&mut self.writer)?,
            }
        }
        self.skip_all(&fields[next..])
    }

    fn out_of_order(&mut self, fields: &[Field], parts: &[FieldOrigin]) -> Result<(), Error> {
        let mut marks: Vec<Cursor> = Vec::with_capacity(fields.len());
        for field in fields {
            marks.push(self.reader.mark());
            self.skip(field.node)?;
        }
        let end = self.reader.mark();
        if let Some(start) = marks.first() {
            // The fields are visited a second time.
            let again = end.bytes_after(start).saturating_mul(EMPTY);
            self.visits = self.visits.saturating_add(again);
        }
        for part in parts {
            match part {
                FieldOrigin::Field(number, at) => {
                    self.reader.seek(marks[*number]);
                    self.write(fields[*number].node, *at)?;
                }
                FieldOrigin::Default(default) => default(&mut self.writer)?,
            }
        }
        self.reader.seek(end);
        Ok(())
    }

    fn skip_all(&mut self, fields: &[Field]) -> Result<(), Error> {
        for field in fields {
            self.skip(field.node)?;
        }
        Ok(())
    }

    /// Skips a value that the type does not need.
    fn skip(&mut self, mut found: Id) -> Result<(), Error> {
        let schema = self.found;
        self.visit()?;
        while let Node::Option(some) = schema.node(found) {
            if !self.reader.flag()? {
                return Ok(());
            }
            self.visit()?;
            found = *some;
        }
        self.reader.descend()?;
        stack::with_room(stack::DEFAULT_ROOM, || self.skip_part(found))??;
        self.reader.ascend();
        Ok(())
    }

    // Each kind of value has its own function, which keeps stack frames small at each
    // level.
    fn skip_part(&mut self, found: Id) -> Result<(), Error> {
        let schema = self.found;
        match schema.node(found) {
            // The caller has handled options.
            Node::Unit | Node::Option(_) => Ok(()),
            Node::Number(kind) => AnyNumber::read(*kind, &mut self.reader).map(drop),
            Node::Fixed(kind) => self.reader.skip(kind.size() as u64),
            Node::Char | Node::Text | Node::Path | Node::Serde(_) | Node::Described(_) => {
                self.skip_bytes()
            }
            Node::Seq(item) | Node::Set(item) | Node::OrderedSet(item) => self.skip_many(&[*item]),
            Node::Map(key, value) | Node::OrderedMap(key, value) => self.skip_many(&[*key, *value]),
            Node::Tuple(parts) => self.skip_tuple(parts),
            Node::Array(kind, rank) => self.skip_array(*kind, *rank),
            Node::Records(item) => self.skip_records(*item),
            Node::Struct(Struct { fields, .. }) => self.skip_struct(fields),
            Node::Enum(it) => self.skip_enum(it),
            Node::Named(_, part) => self.skip(*part),
        }
    }

    fn skip_bytes(&mut self) -> Result<(), Error> {
        let len = self.reader.length()?;
        self.reader.skip(len as u64)
    }

    /// Skips elements that all have the same child nodes.
    fn skip_many(&mut self, parts: &[Id]) -> Result<(), Error> {
        for _ in 0..self.reader.length()? {
            for part in parts {
                self.skip_element(*part)?;
            }
        }
        Ok(())
    }

    fn skip_tuple(&mut self, parts: &[Id]) -> Result<(), Error> {
        for part in parts {
            self.skip(*part)?;
        }
        Ok(())
    }

    fn skip_array(&mut self, kind: NumberKind, rank: Rank) -> Result<(), Error> {
        let len = ArrayShape::read(rank, &mut self.reader)?.bytes(kind)?;
        match self.reader.array_location(kind, len)? {
            ArrayLocation::Here => self.reader.skip(len),
            ArrayLocation::Segment(..) => Ok(()),
        }
    }

    fn skip_struct(&mut self, fields: &Fields) -> Result<(), Error> {
        self.reader.enter()?;
        self.skip_all(fields.all())?;
        self.reader.leave();
        Ok(())
    }

    fn skip_enum(&mut self, it: &Enum) -> Result<(), Error> {
        self.reader.enter()?;
        let number = self.reader.varint()?;
        let variant = usize::try_from(number).ok();
        let Some(variant) = variant.and_then(|at| it.variants.get(at)) else {
            return self.reader.no_variant(number);
        };
        self.skip_all(variant.fields.all())?;
        self.reader.leave();
        Ok(())
    }

    fn skip_element(&mut self, item: Id) -> Result<(), Error> {
        let before = self.reader.position();
        self.skip(item)?;
        if self.reader.position() == before {
            self.reader.element(|_| Ok(()))?;
        }
        Ok(())
    }
}

/// Returns the error for a variant of the file that the type does not have.
fn missing_variant(field: &str, it: &Enum, variant: &str) -> Error {
    let (place, name, variant) = (
        message_prefix(field),
        printable(&it.name),
        printable(variant),
    );
    let message = format!(
        "{place}the file has the variant `{variant}` of the enum `{name}`, which the requested \
         enum does not have; `#[persist(alias = \"{variant}\")]` on another variant makes it the \
         replacement"
    );
    ErrorKind::Value(message).into()
}
