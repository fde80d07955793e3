//! One array, and sequences of arrays within one another.

use std::sync::Arc;

use super::MigrationPlanner;
use crate::persist::MAX_DEPTH;
use crate::persist::number::NumberKind;
use crate::persist::schema::{Id, Node, Rank, Schema};

/// An array, and sequences of arrays, one of which the other becomes.
#[derive(Clone, Debug)]
pub(in crate::persist::migrate) struct NestedArray {
    /// How many sequences are within one another.
    pub(in crate::persist::migrate) depth: usize,
    /// The dimensions of the innermost arrays.
    pub(in crate::persist::migrate) inner: Rank,
    /// The dimensions of the one array.
    pub(in crate::persist::migrate) outer: Rank,
    /// Of what the file has, and of what it becomes.
    pub(in crate::persist::migrate) kinds: (NumberKind, NumberKind),
    /// Where it is, for messages.
    pub(in crate::persist::migrate) field: Arc<str>,
}

impl MigrationPlanner<'_> {
    /// Sequences within one another, if what is innermost is arrays and all of them
    /// have the dimensions `outer`: the kind of the numbers, how many sequences there
    /// are, and the dimensions of the arrays.
    pub(super) fn nested(
        &self,
        schema: &Schema,
        mut id: Id,
        outer: Rank,
    ) -> Option<(NumberKind, usize, Rank)> {
        let mut depth = 0;
        while let Node::Seq(item) = schema.node(id) {
            depth += 1;
            id = *item;
            if depth == MAX_DEPTH {
                return None;
            }
        }
        let Node::Array(kind, inner) = schema.node(id) else {
            return None;
        };
        let count = inner.count()?;
        let fits = outer
            .count()
            .is_none_or(|it| it as usize == depth + count as usize);
        fits.then_some((*kind, depth, *inner))
    }

    pub(super) fn as_nested(
        &self,
        depth: usize,
        inner: Rank,
        outer: Rank,
        kinds: (NumberKind, NumberKind),
    ) -> NestedArray {
        NestedArray {
            depth,
            inner,
            outer,
            kinds,
            field: self.field().into(),
        }
    }
}
