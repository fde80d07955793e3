//! Converts records, arrays of numbers, and separately encoded values into one another.

use std::sync::Arc;

use super::{At, Id, MigrationPlanner, MigrationStep, Target};
use crate::persist::number::NumberKind;
use crate::persist::record::SchemaLayout;
use crate::persist::schema::{Node, Rank, Schema};

/// A group of values that is contiguous in the file, in the type, or in both, with
/// different encodings.
#[derive(Clone, Debug)]
pub(in crate::persist::migrate) struct RepackedRecords {
    /// The encoding in the file.
    pub(in crate::persist::migrate) from: LengthEncoding,
    /// The encoding in the type.
    pub(in crate::persist::migrate) into: LengthEncoding,
    /// The node of one value in the file.
    pub(in crate::persist::migrate) found: Id,
    /// The step that converts one value.
    pub(in crate::persist::migrate) item: At,
    /// Path of the field, for messages.
    pub(in crate::persist::migrate) field: Arc<str>,
}

/// How a group of values is encoded.
#[derive(Clone, Debug)]
pub(in crate::persist::migrate) enum LengthEncoding {
    /// One by one, each in its own encoding.
    Apart,
    Records(SchemaLayout),
    /// An array with this rank, and the layout of its elements in a record.
    Array(NumberKind, Rank, SchemaLayout),
}

impl MigrationPlanner<'_> {
    /// Plans the conversion of a group of values to another encoding.
    pub(super) fn repacked(&mut self, found: Id, target: Target) -> Option<MigrationStep> {
        let (schema, expected) = target;
        let groups = (
            group_of(self.found, found),
            group_of(&self.expected[schema], expected),
        );
        let (Some((from, found_item)), Some((into, item))) = groups else {
            return self.mismatch(found, target);
        };
        let before = self.differences.len();
        self.path.push("[]".to_owned());
        let (each, at) = ((schema, item), self.field());
        let step = self.step(found_item, each);
        self.path.pop();
        let Some(item) = step else {
            let has_array = [&from, &into]
                .iter()
                .any(|it| matches!(it, LengthEncoding::Array(..)));
            let is_whole = self.differences[before..].iter().all(|it| it.field == at);
            if has_array && is_whole && !self.is_clearer_per_element(found_item, each) {
                self.differences.truncate(before);
                return self.mismatch(found, target);
            }
            return None;
        };
        let field = self.field().into();
        Some(MigrationStep::Repacked(RepackedRecords {
            from,
            into,
            found: found_item,
            item,
            field,
        }))
    }

    /// Returns whether a message about one element is clearer than one about the whole
    /// array. That is the case for numbers that would be narrowed and for named types.
    fn is_clearer_per_element(&self, found: Id, (schema, expected): Target) -> bool {
        let nodes = [self.found.node(found), self.expected[schema].node(expected)];
        let is_named = nodes.iter().any(|it| matches!(it, Node::Named(..)));
        is_named || nodes.iter().all(|it| it.number().is_some())
    }
}

/// Returns the encoding of a group of values and the node of one of them.
fn group_of(schema: &Schema, id: Id) -> Option<(LengthEncoding, Id)> {
    let layout = |item| SchemaLayout::new(schema, item).ok();
    match schema.node(id) {
        Node::Seq(item) => Some((LengthEncoding::Apart, *item)),
        Node::Records(item) => Some((LengthEncoding::Records(layout(*item)?), *item)),
        node @ Node::Array(kind, rank) => {
            let item = schema.element_of(node)?;
            Some((LengthEncoding::Array(*kind, *rank, layout(item)?), item))
        }
        _ => None,
    }
}
