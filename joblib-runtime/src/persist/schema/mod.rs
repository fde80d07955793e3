//! What a type consists of, as files say it: a graph of nodes, because types
//! may contain themselves.
//!
//! What a type *accepts* beside its own form (aliases, defaults, older types)
//! stands at its nodes too, and stays out of files.

mod build;
mod check;
mod describe;
mod elements;

use std::fmt;

use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

pub use self::build::{FieldDecl, FieldsDecl, SchemaBuilder, TypeDecl, VariantDecl};
pub(super) use self::describe::shown;
use super::error::Error;
use super::number::NumberKind;
use super::writer::BodyWriter;
use crate::codec;

/// The version of the format from which on there are descriptions.
pub(super) const DESCRIBED: u32 = 2;

/// The version of the format from which on maps and sets have keys in their order.
pub(super) const ORDERED: u32 = 3;

/// The version of the format from which on there are arrays of records.
pub(super) const RECORDS: u32 = 4;

/// The version of the format from which on types of std have their names.
pub(super) const NAMED: u32 = 5;

/// Where a node stands in its schema.
pub(super) type Id = u32;

/// The form of a type. The first node is the type itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Schema {
    nodes: Vec<Node>,
}

/// The form of a type, whose parts are nodes too.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Node {
    Unit,
    Number(NumberKind),
    Char,
    Text,
    /// Bytes that a system calls a file by.
    Path,
    Option(Id),
    /// Values one after another, their number before them.
    Seq(Id),
    /// A sequence without order, each at most once.
    Set(Id),
    Map(Id, Id),
    Tuple(Vec<Id>),
    /// Numbers as they lie in memory.
    Array(NumberKind, Rank),
    Struct(Struct),
    Enum(Enum),
    /// What serde describes, by places, with the name of its type: in files of
    /// version 1 only.
    Serde(String),
    /// What serde describes, with a description of itself. Its type has no
    /// names in files; this one is what version 1 knew it by.
    Described(#[serde(skip)] String),
    /// A number by itself, as its bytes in an array are.
    Fixed(NumberKind),
    /// A map whose keys, numbers or texts, are in their order.
    OrderedMap(Id, Id),
    /// A set of numbers or texts in their order.
    OrderedSet(Id),
    /// Structs of nothing but numbers, or rows of such, one after another as they lie
    /// in memory.
    Records(Id),
    /// A type of std that means more than the part it is written as: its name, and
    /// that part.
    Named(String, Id),
}

/// How many dimensions an array has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Rank {
    /// A slice: its length.
    Flat,
    /// So many, and the order its numbers lie in.
    Fixed(u32),
    /// Their number is part of the value.
    Any,
}

impl Rank {
    /// How many, if the type says so.
    pub(super) fn count(self) -> Option<u32> {
        match self {
            Rank::Flat => Some(1),
            Rank::Fixed(count) => Some(count),
            Rank::Any => None,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Struct {
    pub(super) name: String,
    pub(super) fields: Fields,
    /// Older types that are accepted in its place.
    #[serde(skip)]
    pub(super) olds: Vec<fn() -> Schema>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Enum {
    pub(super) name: String,
    pub(super) variants: Vec<Variant>,
    /// Older types that are accepted in its place.
    #[serde(skip)]
    pub(super) olds: Vec<fn() -> Schema>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) fields: Fields,
    #[serde(skip)]
    pub(super) aliases: &'static [&'static str],
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Fields {
    Unit,
    Unnamed(Vec<Field>),
    Named(Vec<Field>),
}

/// A field; without a name, it is known by its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) node: Id,
    #[serde(skip)]
    pub(super) aliases: &'static [&'static str],
    /// Writes what stands for it where a file has none.
    #[serde(skip)]
    pub(super) default: Option<Fallback>,
}

/// Writes a field's default value.
pub(super) type Fallback = fn(&mut BodyWriter<'_, '_>) -> Result<(), Error>;

impl Fields {
    pub(super) fn all(&self) -> &[Field] {
        match self {
            Fields::Unit => &[],
            Fields::Unnamed(fields) | Fields::Named(fields) => fields,
        }
    }
}

impl Schema {
    /// What the first node is.
    pub(super) const ROOT: Id = 0;

    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    /// Whether there are parts that serde describes.
    pub(super) fn has_serde(&self) -> bool {
        let is_serde = |node: &Node| matches!(node, Node::Serde(_) | Node::Described(_));
        self.nodes.iter().any(is_serde)
    }

    /// The first version of the format that has all its nodes.
    pub(super) fn version(&self) -> u32 {
        let versions = self.nodes.iter().map(|node| match node {
            Node::Named(..) => NAMED,
            Node::Records(_) => RECORDS,
            Node::Fixed(_) | Node::OrderedMap(..) | Node::OrderedSet(_) => ORDERED,
            Node::Described(_) => DESCRIBED,
            _ => 1,
        });
        versions.max().unwrap_or(1)
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// As files hold it.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        codec::encode(self, &mut bytes)?;
        Ok(bytes)
    }

    /// The schema that a file holds as `bytes`.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Schema, Error> {
        let damaged = |why: &dyn fmt::Display| Error::damaged("the schema", why);
        let schema: Schema = codec::decode(bytes).map_err(|error| damaged(&error))?;
        schema.check().map_err(|why| damaged(&why))?;
        Ok(schema)
    }

    /// The same for types that differ by nothing but their names and by what
    /// serde describes.
    pub(super) fn hash(&self) -> Result<u128, Error> {
        let mut unnamed = self.clone();
        for node in &mut unnamed.nodes {
            match node {
                Node::Struct(Struct { name, .. }) | Node::Enum(Enum { name, .. }) => name.clear(),
                _ => {}
            }
        }
        Ok(XxHash3_128::oneshot(&unnamed.bytes()?))
    }
}
