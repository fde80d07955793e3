//! Converts between one array and nested sequences of arrays.

use std::sync::Arc;

use super::MigrationPlanner;
use crate::persist::MAX_DEPTH;
use crate::persist::number::NumberKind;
use crate::persist::schema::{Id, Node, Rank, Schema};

/// One array and nested sequences of arrays, one of which becomes the other.
#[derive(Clone, Debug)]
pub(in crate::persist::migrate) struct NestedArray {
    /// The number of nested sequences.
    pub(in crate::persist::migrate) depth: usize,
    /// The dimensions of the innermost arrays.
    pub(in crate::persist::migrate) inner: Rank,
    /// The dimensions of the one array.
    pub(in crate::persist::migrate) outer: Rank,
    /// The number kinds in the file and in the type.
    pub(in crate::persist::migrate) kinds: (NumberKind, NumberKind),
    /// Path of the field, for messages.
    pub(in crate::persist::migrate) field: Arc<str>,
}

impl MigrationPlanner<'_> {
    /// Analyzes nested sequences whose innermost values are arrays, with as many
    /// dimensions in total as `outer`. Returns the number kind, the number of nested
    /// sequences, and the rank of the innermost arrays.
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
