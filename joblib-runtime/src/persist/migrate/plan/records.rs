//! Records, arrays of numbers, and what is one by one, as one another.

use std::sync::Arc;

use super::{At, Id, MigrationPlanner, MigrationStep, Target};
use crate::persist::number::NumberKind;
use crate::persist::record::SchemaLayout;
use crate::persist::schema::{Node, Rank, Schema};

/// Many values, which lie together in the file or where they are read, and neither as
/// they do in the other.
#[derive(Clone, Debug)]
pub(in crate::persist::migrate) struct RepackedRecords {
    /// How the file's lie.
    pub(in crate::persist::migrate) from: LengthEncoding,
    /// How they are to lie.
    pub(in crate::persist::migrate) into: LengthEncoding,
    /// What the file has of each.
    pub(in crate::persist::migrate) found: Id,
    /// What one of them becomes.
    pub(in crate::persist::migrate) item: At,
    /// Where it is, for messages.
    pub(in crate::persist::migrate) field: Arc<str>,
}

/// How many values lie.
#[derive(Clone, Debug)]
pub(in crate::persist::migrate) enum LengthEncoding {
    /// One by one, each as it is by itself.
    Apart,
    Records(SchemaLayout),
    /// An array of so many dimensions, and what its elements are in a record.
    Array(NumberKind, Rank, SchemaLayout),
}

impl MigrationPlanner<'_> {
    /// Many of the file as many of a type.
    pub(super) fn repacked(&mut self, found: Id, target: Target) -> Option<MigrationStep> {
        let (schema, asked) = target;
        let many = (many(self.found, found), many(&self.asked[schema], asked));
        let (Some((from, found_item)), Some((into, item))) = many else {
            return self.differ(found, target);
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
            if has_array && is_whole && !self.is_told_each(found_item, each) {
                self.differences.truncate(before);
                return self.differ(found, target);
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

    /// Whether one element says more about a difference than the whole does: of
    /// numbers, which are too narrow, and of what has a name.
    fn is_told_each(&self, found: Id, (schema, asked): Target) -> bool {
        let nodes = [self.found.node(found), self.asked[schema].node(asked)];
        let is_named = nodes.iter().any(|it| matches!(it, Node::Named(..)));
        is_named || nodes.iter().all(|it| it.number().is_some())
    }
}

/// How those of a node lie, and which node one of them is.
fn many(schema: &Schema, id: Id) -> Option<(LengthEncoding, Id)> {
    let laid = |item| SchemaLayout::new(schema, item).ok();
    match schema.node(id) {
        Node::Seq(item) => Some((LengthEncoding::Apart, *item)),
        Node::Records(item) => Some((LengthEncoding::Records(laid(*item)?), *item)),
        node @ Node::Array(kind, rank) => {
            let item = schema.element_of(node)?;
            Some((LengthEncoding::Array(*kind, *rank, laid(item)?), item))
        }
        _ => None,
    }
}
