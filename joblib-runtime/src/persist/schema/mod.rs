//! Describes the structure of a type as stored in files: a graph of nodes, since types
//! may be recursive.
//!
//! Nodes also carry what a type accepts in addition to its own encoding (aliases,
//! defaults, older types). This information is not stored in files.

mod build;
mod check;
mod describe;
mod elements;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::build::{FieldDecl, FieldsDecl, SchemaBuilder, TypeDecl, VariantDecl};
pub(super) use self::describe::{is_std, printable};
use super::error::Error;
use super::number::NumberKind;
use super::writer::BodyWriter;
use crate::codec;
use crate::xxh3;

/// The first version of the format with self-describing serde values.
pub(super) const DESCRIBED: u32 = 2;

/// The first version of the format with ordered keys in maps and sets.
pub(super) const ORDERED: u32 = 3;

/// The first version of the format with arrays of records.
pub(super) const RECORDS: u32 = 4;

/// The first version of the format with the names of std types.
pub(super) const NAMED: u32 = 5;

/// The index of a node in its schema.
pub(super) type Id = u32;

/// The structure of a type. The first node is the type itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Schema {
    nodes: Vec<Node>,
}

/// The structure of one type, which refers to other nodes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Node {
    Unit,
    Number(NumberKind),
    Char,
    Text,
    /// The bytes of a path of the operating system.
    Path,
    Option(Id),
    /// A sequence of values, preceded by its length.
    Seq(Id),
    /// Unique values without order.
    Set(Id),
    Map(Id, Id),
    Tuple(Vec<Id>),
    /// Numbers with the same layout as in memory.
    Array(NumberKind, Rank),
    Struct(Struct),
    Enum(Enum),
    /// A serde value without field names, with the name of its type. Only version 1 of
    /// the format has it.
    Serde(String),
    /// A self-describing serde value. Files do not store the name of its type; this is
    /// the name that version 1 of the format uses.
    Described(#[serde(skip)] String),
    /// A single number with the same bytes as in an array.
    Fixed(NumberKind),
    /// A map whose keys are numbers or text, in ascending order.
    OrderedMap(Id, Id),
    /// A set of numbers or text in ascending order.
    OrderedSet(Id),
    /// Structs that contain only numbers, or rows of such structs, with the same layout
    /// as in memory.
    Records(Id),
    /// A type of std or of another crate that differs in meaning from its encoding: its
    /// name, which is a path for another crate, and the node of the encoding.
    Named(String, Id),
}

/// The number of dimensions of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Rank {
    /// A slice: the value stores its length.
    Flat,
    /// A fixed number. The value also stores the order of its numbers.
    Fixed(u32),
    /// Any number, which the value stores.
    Any,
}

impl Rank {
    /// Returns the number of dimensions if the type fixes it.
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
    pub(super) older_types: Vec<fn() -> Schema>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Enum {
    pub(super) name: String,
    pub(super) variants: Vec<Variant>,
    /// Older types that are accepted in its place.
    #[serde(skip)]
    pub(super) older_types: Vec<fn() -> Schema>,
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

/// A field. Without a name, it is identified by its position.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) node: Id,
    #[serde(skip)]
    pub(super) aliases: &'static [&'static str],
    /// Writes the default value if a file does not have the field.
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
    /// The id of the first node.
    pub(super) const ROOT: Id = 0;

    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    /// Returns whether the schema contains serde values.
    pub(super) fn has_serde(&self) -> bool {
        let is_serde = |node: &Node| matches!(node, Node::Serde(_) | Node::Described(_));
        self.nodes.iter().any(is_serde)
    }

    /// Returns the first version of the format that supports all nodes.
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

    /// Encodes the schema for a file.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        codec::encode(self, &mut bytes)?;
        Ok(bytes)
    }

    /// Decodes and validates the schema stored in a file.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Schema, Error> {
        let damaged = |why: &dyn fmt::Display| Error::damaged("the schema", why);
        let schema: Schema = codec::decode(bytes).map_err(|error| damaged(&error))?;
        schema.check().map_err(|why| damaged(&why))?;
        Ok(schema)
    }

    /// Returns a hash that is equal for types that differ only in type names and in the
    /// contents of serde values.
    pub(super) fn hash(&self) -> Result<u128, Error> {
        let mut unnamed = self.clone();
        for node in &mut unnamed.nodes {
            match node {
                Node::Struct(Struct { name, .. }) | Node::Enum(Enum { name, .. }) => name.clear(),
                _ => {}
            }
        }
        Ok(xxh3::hash128(&unnamed.bytes()?))
    }
}
