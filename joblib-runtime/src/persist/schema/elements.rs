//! Adds nodes for array elements, which files do not store, so that an array can be
//! compared with separately encoded values.

use std::collections::HashSet;

use super::{Id, Node, Rank, Schema};
use crate::persist::number::NumberKind;

/// Arrays with more dimensions have no element nodes.
const MOST: u32 = 64;

impl Schema {
    /// Returns the schema with a node for the elements of each array, recursively.
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

    /// Returns the node of the elements of an array, in a schema made by
    /// [`with_elements`](Schema::with_elements).
    pub(in crate::persist) fn element_of(&self, array: &Node) -> Option<Id> {
        let element = array.element()?.as_array();
        // Element nodes are at the end.
        let at = self.nodes.iter().rposition(|it| it.as_array() == element)?;
        Id::try_from(at).ok()
    }
}

impl Node {
    /// Returns the element type of an array: a number in its array encoding, or a row.
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

    /// Returns the number kind and rank of an array, or the kind of a number in its
    /// array encoding.
    fn as_array(&self) -> Option<(NumberKind, Option<Rank>)> {
        match self {
            Node::Fixed(kind) => Some((*kind, None)),
            Node::Array(kind, rank) => Some((*kind, Some(*rank))),
            _ => None,
        }
    }
}
