//! Whether a schema out of a file is one: parts that are there, and names
//! that tell them apart.

use std::collections::HashSet;

use super::{Fields, Id, Node, Schema};

impl Node {
    /// The nodes it consists of.
    pub(in crate::persist) fn parts(&self) -> Vec<Id> {
        match self {
            Node::Option(id) | Node::Seq(id) | Node::Set(id) | Node::OrderedSet(id) => vec![*id],
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
    /// Whether keys of it can be in their order.
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
        let is_there = |id: Id| (id as usize) < self.nodes.len();
        for node in &self.nodes {
            if !node.parts().into_iter().all(is_there) {
                return Err("it names a part that is not there".to_owned());
            }
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
                    return Err("keys have an order that they do not have".to_owned());
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
            Err("a field of a tuple has a name".to_owned())
        }
        Fields::Unit | Fields::Unnamed(_) => Ok(()),
    }
}

fn unique<'a>(mut names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = HashSet::new();
    match names.find(|name| !seen.insert(*name)) {
        Some(twice) => Err(format!("it has `{twice}` twice")),
        None => Ok(()),
    }
}
