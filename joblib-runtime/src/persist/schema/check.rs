//! Validates a schema read from a file: every node that is referenced exists, and names
//! are unique.

use std::collections::{HashMap, HashSet};

use super::{Fields, Id, Node, Schema};
use crate::persist::record::{MOST_DEPTH, MOST_PARTS};

impl Node {
    /// Returns the ids of the child nodes.
    pub(in crate::persist) fn parts(&self) -> Vec<Id> {
        match self {
            Node::Option(id)
            | Node::Seq(id)
            | Node::Set(id)
            | Node::OrderedSet(id)
            | Node::Records(id)
            | Node::Named(_, id) => vec![*id],
            Node::Map(key, value) | Node::OrderedMap(key, value) => vec![*key, *value],
            Node::Tuple(parts) => parts.clone(),
            Node::Struct(it) => nodes(&it.fields).collect(),
            Node::Enum(it) => {
                let fields = it.variants.iter().map(|variant| &variant.fields);
                fields.flat_map(nodes).collect()
            }
            Node::Unit
            | Node::Number(_)
            | Node::Fixed(_)
            | Node::Char
            | Node::Text
            | Node::Path
            | Node::Array(..)
            | Node::Serde(_)
            | Node::Described(_) => Vec::new(),
        }
    }
}

impl Node {
    /// Returns whether keys of this node can be ordered.
    fn is_ordered(&self) -> bool {
        match self {
            Node::Fixed(kind) => kind.is_ordered(),
            Node::Text => true,
            _ => false,
        }
    }
}

fn nodes(fields: &Fields) -> impl Iterator<Item = Id> {
    fields.all().iter().map(|field| field.node)
}

impl Schema {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.nodes.is_empty() {
            return Err("it is empty".to_owned());
        }
        let exists = |id: Id| (id as usize) < self.nodes.len();
        let mut parts = self.nodes.iter().flat_map(Node::parts);
        if !parts.all(exists) {
            return Err("a node refers to a missing node".to_owned());
        }
        let mut records = RecordPart::new(self);
        for node in &self.nodes {
            match node {
                Node::Struct(it) => distinct(&it.fields)?,
                Node::Enum(it) => {
                    unique(it.variants.iter().map(|variant| variant.name.as_str()))?;
                    it.variants
                        .iter()
                        .try_for_each(|variant| distinct(&variant.fields))?;
                }
                Node::OrderedMap(key, _) | Node::OrderedSet(key)
                    if !self.node(*key).is_ordered() =>
                {
                    return Err("keys of an ordered map or set have no order".to_owned());
                }
                Node::Records(item) if !records.is_record(*item) => {
                    return Err("a record has fields that are not numbers".to_owned());
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn distinct(fields: &Fields) -> Result<(), String> {
    match fields {
        Fields::Named(fields) => unique(fields.iter().map(|field| field.name.as_str())),
        Fields::Unnamed(fields) if fields.iter().any(|field| !field.name.is_empty()) => {
            Err("a tuple field has a name".to_owned())
        }
        Fields::Unit | Fields::Unnamed(_) => Ok(()),
    }
}

fn unique<'a>(mut names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = HashSet::new();
    match names.find(|name| !seen.insert(*name)) {
        Some(twice) => Err(format!("duplicate name `{twice}`")),
        None => Ok(()),
    }
}

/// Checks which nodes can be part of a record: only numbers, a limited number of
/// fields, and no recursion.
struct RecordPart<'a> {
    schema: &'a Schema,
    /// The number of fields and the nesting depth of each node; `None` for nodes that
    /// cannot be part of a record and for those being checked.
    known: HashMap<Id, Option<(u64, u64)>>,
}

impl<'a> RecordPart<'a> {
    fn new(schema: &'a Schema) -> Self {
        let known = HashMap::new();
        RecordPart { schema, known }
    }

    /// Returns whether the node can be an array element: it is a struct, or a row of
    /// structs.
    fn is_record(&mut self, id: Id) -> bool {
        matches!(self.schema.node(id), Node::Struct(_) | Node::Records(_))
            && self.parts(id, 0).is_some()
    }

    fn parts(&mut self, id: Id, within: u64) -> Option<(u64, u64)> {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        if within > MOST_DEPTH {
            return None;
        }
        self.known.insert(id, None);
        let (mut parts, mut depth) = (1, 1);
        let within_it = match self.schema.node(id) {
            Node::Unit | Node::Number(_) => Vec::new(),
            Node::Array(_, rank) if matches!(rank.count(), Some(1..=ROWS)) => Vec::new(),
            node @ (Node::Records(_) | Node::Struct(_)) => node.parts(),
            _ => return None,
        };
        for part in within_it {
            let (others, deep) = self.parts(part, within + 1)?;
            parts += others;
            depth = depth.max(deep + 1);
        }
        let counted = (parts <= MOST_PARTS && depth <= MOST_DEPTH).then_some((parts, depth));
        self.known.insert(id, counted);
        counted
    }
}

/// The maximum nesting depth of rows of numbers.
const ROWS: u32 = MOST_DEPTH as u32;
