//! Types of std that mean more than the part they are written as, in files where they
//! have no name yet: only that part tells what they are.

use super::{MigrationPlanner, Target};
use crate::persist::schema::{Id, Node, Schema};

impl MigrationPlanner<'_> {
    /// Whether a type of std that is written as `part` may have been written as
    /// `found` before it had a name. It was written as nothing narrower: that a number
    /// can be made wider makes no address and no time of it.
    pub(super) fn is_unnamed(&self, found: &Node, (schema, part): Target) -> bool {
        let asked = &self.asked[schema];
        match (found, asked.node(part)) {
            (Node::Number(kind), Node::Number(other)) => kind == other,
            (Node::Tuple(parts), Node::Tuple(others)) if parts.len() == others.len() => {
                // The ends of a range are of one type, which may be a wider one.
                match are_one(asked, others) {
                    true => are_one(self.found, parts),
                    false => self.are_unnamed(parts, others, asked),
                }
            }
            (Node::Unit, Node::Unit) | (Node::Enum(_), Node::Enum(_)) => true,
            _ => false,
        }
    }

    /// The same of several parts, whose numbers are of its own and not of a parameter.
    fn are_unnamed(&self, parts: &[Id], others: &[Id], asked: &Schema) -> bool {
        let mut pairs = parts.iter().zip(others);
        pairs.all(
            |(part, other)| match (self.found.node(*part), asked.node(*other)) {
                (Node::Number(kind), Node::Number(other)) => kind == other,
                _ => true,
            },
        )
    }
}

/// Whether all of several parts are of one type, as far as they show by themselves.
fn are_one(schema: &Schema, parts: &[Id]) -> bool {
    let mut pairs = parts.windows(2);
    pairs.all(|pair| schema.node(pair[0]).is_like(schema.node(pair[1])))
}
