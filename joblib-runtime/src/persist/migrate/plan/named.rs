//! Handles std types in files from before the format stored their names. Such files
//! show only the encoding of the type.

use super::{MigrationPlanner, Target};
use crate::persist::schema::{Id, Node, Schema};

impl MigrationPlanner<'_> {
    /// Returns whether a std type with the encoding `part` may have been written as
    /// `found` before it had a name. Number widening does not apply: an address or a
    /// time was never written as a narrower number.
    pub(super) fn is_unnamed(&self, found: &Node, (schema, part): Target) -> bool {
        let expected = &self.expected[schema];
        match (found, expected.node(part)) {
            (Node::Number(kind), Node::Number(other)) => kind == other,
            (Node::Tuple(parts), Node::Tuple(others)) if parts.len() == others.len() => {
                // Both ends of a range have the same type, which may be widened.
                match are_same_type(expected, others) {
                    true => are_same_type(self.found, parts),
                    false => self.are_unnamed(parts, others, expected),
                }
            }
            (Node::Unit, Node::Unit) | (Node::Enum(_), Node::Enum(_)) => true,
            _ => false,
        }
    }

    /// Compares tuple elements. Their number kinds must match, since a std type fixes
    /// them.
    fn are_unnamed(&self, parts: &[Id], others: &[Id], expected: &Schema) -> bool {
        let mut pairs = parts.iter().zip(others);
        pairs.all(
            |(part, other)| match (self.found.node(*part), expected.node(*other)) {
                (Node::Number(kind), Node::Number(other)) => kind == other,
                _ => true,
            },
        )
    }
}

/// Returns whether all nodes have the same type, ignoring their child nodes.
fn are_same_type(schema: &Schema, parts: &[Id]) -> bool {
    let mut pairs = parts.windows(2);
    pairs.all(|pair| schema.node(pair[0]).matches_shallowly(schema.node(pair[1])))
}
