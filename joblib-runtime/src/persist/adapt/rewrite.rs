//! Writes a small part anew, by a plan.

use super::plan::{At, Part, Plan, Step};
use crate::persist::dynamic::{Grid, Value};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::form::Form;
use crate::persist::number::Kind;
use crate::persist::reader::{Mark, Place, Reader};
use crate::persist::schema::{Enum, Field, Fields, Id, Node, Rank, Schema, Struct};
use crate::persist::widen;
use crate::persist::writer::Writer;

/// What takes no bytes may come up so often for each byte that does, so that
/// types that contain nothing many times over end.
const EMPTY: u64 = 64;

pub(super) struct Rewriter<'a> {
    found: &'a Schema,
    plan: &'a Plan,
    reader: Reader<'a>,
    writer: Writer<'a, 'a>,
    /// How many parts may still be visited.
    visits: u64,
    limit: u64,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(found: &'a Schema, plan: &'a Plan, reader: Reader<'a>, limit: u64) -> Self {
        let visits = (reader.total() + found.len() as u64 + 16).saturating_mul(EMPTY);
        Rewriter {
            found,
            plan,
            reader,
            writer: Writer::new(Form::Adapted),
            visits,
            limit,
        }
    }

    pub(super) fn run(mut self) -> Result<Vec<u8>, Error> {
        self.write(Schema::ROOT, self.plan.root)?;
        self.reader.end()?;
        let (small, _) = self.writer.finish()?;
        Ok(small)
    }

    fn visit(&mut self) -> Result<(), Error> {
        if self.writer.small_len() as u64 > self.limit {
            return Err(ErrorKind::Limit { limit: self.limit }.into());
        }
        self.visits = self
            .visits
            .checked_sub(1)
            .ok_or_else(|| Error::small("it has more parts than bytes"))?;
        Ok(())
    }

    fn write(&mut self, found: Id, at: At) -> Result<(), Error> {
        self.visit()?;
        let (found_schema, plan) = (self.found, self.plan);
        match (found_schema.node(found), &plan.steps[at]) {
            (_, Step::Old(number, at)) => {
                self.writer.enter()?;
                self.writer.replace_last(*number);
                self.write(found, *at)?;
                self.writer.leave();
                Ok(())
            }
            (Node::Number(_), Step::Number(from, into)) => self.number(*from, *into),
            (Node::Option(some), Step::Option(at)) => {
                let is_some = self.reader.flag()?;
                self.writer.raw(&[is_some.into()]);
                if is_some {
                    self.write(*some, *at)?;
                }
                Ok(())
            }
            (Node::Seq(item) | Node::Set(item), Step::Many(at)) => {
                let count = self.reader.length()?;
                self.writer.length(count);
                (0..count).try_for_each(|_| self.element(*item, *at))
            }
            (Node::Map(key, value), Step::Map(key_at, value_at)) => {
                let count = self.reader.length()?;
                self.writer.length(count);
                (0..count).try_for_each(|_| {
                    self.element(*key, *key_at)?;
                    self.element(*value, *value_at)
                })
            }
            (Node::Tuple(parts), Step::Tuple(steps)) => parts
                .iter()
                .zip(steps)
                .try_for_each(|(part, at)| self.write(*part, *at)),
            (Node::Array(..), Step::Array { kinds, ranks }) => self.array(*kinds, *ranks),
            (Node::Struct(it), Step::Struct(parts)) => {
                self.reader.enter()?;
                self.writer.enter()?;
                self.fields(&it.fields, parts)?;
                self.writer.leave();
                self.reader.leave();
                Ok(())
            }
            (Node::Enum(it), Step::Enum(variants)) => {
                self.reader.enter()?;
                self.writer.enter()?;
                let number = self.reader.varint()?;
                let variant = usize::try_from(number)
                    .ok()
                    .and_then(|at| it.variants.get(at));
                let Some(variant) = variant else {
                    return self.reader.no_variant(number);
                };
                let Some((number, parts)) = &variants[number as usize] else {
                    let message = format!(
                        "it has the variant `{}`, which the enum that is asked for lacks",
                        variant.name
                    );
                    return Err(ErrorKind::Value(message).into());
                };
                self.writer.varint(*number);
                self.fields(&variant.fields, parts)?;
                self.writer.leave();
                self.reader.leave();
                Ok(())
            }
            (_, Step::Same) => self.same(found),
            _ => Err(Error::damaged("the schema", "it changed while it was read")),
        }
    }

    fn element(&mut self, found: Id, at: At) -> Result<(), Error> {
        let before = self.writer.small_len();
        let start = self.reader.position();
        self.write(found, at)?;
        if self.reader.position() == start {
            self.reader.element(|_| Ok(()))?;
        }
        if self.writer.small_len() == before {
            self.writer.raw(&[0]);
        }
        Ok(())
    }

    /// What is written as it is read.
    fn same(&mut self, found: Id) -> Result<(), Error> {
        match self.found.node(found) {
            Node::Unit => Ok(()),
            _ => {
                let bytes = self.reader.bytes()?;
                self.writer.bytes(&bytes)
            }
        }
    }

    fn number(&mut self, from: Kind, into: Kind) -> Result<(), Error> {
        let value = Value::read(from, &mut self.reader)?;
        value.write(into, &mut self.writer)
    }

    fn array(&mut self, (from, into): (Kind, Kind), ranks: (Rank, Rank)) -> Result<(), Error> {
        let grid = Grid::read(ranks.0, &mut self.reader)?;
        let len = grid.bytes(from)?;
        grid.write(ranks.1, &mut self.writer)?;
        match self.reader.place(from, len)? {
            Place::Here => {
                let len = usize::try_from(len).unwrap_or(usize::MAX);
                let bytes = widen::widened(from, into, self.reader.take(len)?)?;
                self.writer.inline(into, &bytes);
            }
            Place::Segment(index, kind) => self.writer.elsewhere(index, kind),
        }
        Ok(())
    }

    fn fields(&mut self, fields: &Fields, parts: &[Part]) -> Result<(), Error> {
        let fields = fields.all();
        let numbers = parts.iter().filter_map(|part| match part {
            Part::Field(number, _) => Some(*number),
            Part::Default(_) => None,
        });
        if numbers.is_sorted() {
            self.in_order(fields, parts)
        } else {
            self.out_of_order(fields, parts)
        }
    }

    fn in_order(&mut self, fields: &[Field], parts: &[Part]) -> Result<(), Error> {
        let mut next = 0;
        for part in parts {
            match part {
                Part::Field(number, at) => {
                    self.skip_all(fields.get(next..*number).unwrap_or_default())?;
                    self.write(fields[*number].node, *at)?;
                    next = number + 1;
                }
                Part::Default(default) => default(&mut self.writer)?,
            }
        }
        self.skip_all(&fields[next..])
    }

    fn out_of_order(&mut self, fields: &[Field], parts: &[Part]) -> Result<(), Error> {
        let mut marks: Vec<Mark> = Vec::with_capacity(fields.len());
        for field in fields {
            marks.push(self.reader.mark());
            self.skip(field.node)?;
        }
        let end = self.reader.mark();
        for part in parts {
            match part {
                Part::Field(number, at) => {
                    self.reader.back_to(marks[*number]);
                    self.write(fields[*number].node, *at)?;
                }
                Part::Default(default) => default(&mut self.writer)?,
            }
        }
        self.reader.back_to(end);
        Ok(())
    }

    fn skip_all(&mut self, fields: &[Field]) -> Result<(), Error> {
        fields.iter().try_for_each(|field| self.skip(field.node))
    }

    /// Passes over a part that is not asked for.
    fn skip(&mut self, found: Id) -> Result<(), Error> {
        self.visit()?;
        let schema = self.found;
        match schema.node(found) {
            Node::Unit => Ok(()),
            Node::Number(kind) => Value::read(*kind, &mut self.reader).map(drop),
            Node::Char | Node::Text | Node::Path | Node::Serde(_) => self.reader.bytes().map(drop),
            Node::Option(some) => match self.reader.flag()? {
                true => self.skip(*some),
                false => Ok(()),
            },
            Node::Seq(item) | Node::Set(item) => {
                let count = self.reader.length()?;
                (0..count).try_for_each(|_| self.skip_element(*item))
            }
            Node::Map(key, value) => {
                let count = self.reader.length()?;
                (0..count).try_for_each(|_| {
                    self.skip_element(*key)?;
                    self.skip_element(*value)
                })
            }
            Node::Tuple(parts) => parts.iter().try_for_each(|part| self.skip(*part)),
            Node::Array(kind, rank) => {
                let len = Grid::read(*rank, &mut self.reader)?.bytes(*kind)?;
                if let Place::Here = self.reader.place(*kind, len)? {
                    self.reader.pass(len)?;
                }
                Ok(())
            }
            Node::Struct(Struct { fields, .. }) => {
                self.reader.enter()?;
                self.skip_all(fields.all())?;
                self.reader.leave();
                Ok(())
            }
            Node::Enum(Enum { variants, .. }) => {
                self.reader.enter()?;
                let number = self.reader.varint()?;
                let variant = usize::try_from(number).ok().and_then(|at| variants.get(at));
                match variant {
                    Some(variant) => self.skip_all(variant.fields.all())?,
                    None => return self.reader.no_variant(number),
                }
                self.reader.leave();
                Ok(())
            }
        }
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
