//! The elements of arrays as nodes, which files do not have: so that an array can be
//! compared with what is one by one.

use std::collections::HashSet;

use super::{Id, Node, Rank, Schema};
use crate::persist::number::NumberKind;

/// Arrays of more dimensions than these have no elements here.
const MOST: u32 = 64;

impl Schema {
    /// The same with a node for the elements of each array, and for theirs.
    pub(in crate::persist) fn with_elements(&self) -> Schema {
        let mut schema = self.clone();
        let mut known = HashSet::new();
        for node in &self.nodes {
            let mut next = node.element();
            while let Some(element) = next {
                next = element.element();
                if known.insert(element.as_array()) {
                    schema.nodes.push(element);
                }
            }
        }
        schema
    }

    /// The node of the elements of an array, in a schema [with](Schema::with_elements)
    /// such.
    pub(in crate::persist) fn element_of(&self, array: &Node) -> Option<Id> {
        let element = array.element()?.as_array();
        // They stand at the end.
        let at = self.nodes.iter().rposition(|it| it.as_array() == element)?;
        Id::try_from(at).ok()
    }
}

impl Node {
    /// What the elements of an array are: a number as it lies there, or a row.
    fn element(&self) -> Option<Node> {
        let Node::Array(kind, rank) = self else {
            return None;
        };
        match rank.count()? {
            1 => Some(Node::Fixed(*kind)),
            2 => Some(Node::Array(*kind, Rank::Flat)),
            count @ 3..=MOST => Some(Node::Array(*kind, Rank::Fixed(count - 1))),
            _ => None,
        }
    }

    /// What it is as an array, or as a number that lies in one.
    fn as_array(&self) -> Option<(NumberKind, Option<Rank>)> {
        match self {
            Node::Fixed(kind) => Some((*kind, None)),
            Node::Array(kind, rank) => Some((*kind, Some(*rank))),
            _ => None,
        }
    }
}
