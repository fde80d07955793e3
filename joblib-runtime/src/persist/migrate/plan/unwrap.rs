//! Converts between a value and its wrapper: an option, or a tuple struct with one
//! field.

use super::{Id, MigrationPlanner, MigrationStep, Target};
use crate::persist::schema::{Fields, Node, Struct};

impl MigrationPlanner<'_> {
    /// Plans the conversion of a value to an option or a tuple struct with one field,
    /// or the reverse for the struct.
    pub(super) fn rewrapped(&mut self, found: Id, target: Target) -> Option<MigrationStep> {
        let (schema, expected) = target;
        // An older type takes precedence over an added or removed wrapper.
        let has_older_types = !self.older_types_of(target).is_empty();
        let outer = self
            .found
            .node(found)
            .only_field()
            .filter(|_| !has_older_types);
        let expected_node = self.expected[schema].node(expected);
        let inner = expected_node.only_field().filter(|_| !has_older_types);
        let before = self.differences.len();
        let step = match (expected_node, outer, inner) {
            (Node::Option(some), ..) => {
                let some = *some;
                self.step(found, (schema, some)).map(MigrationStep::Some)
            }
            (_, Some(field), None) => self.step(field, target).map(MigrationStep::Unwrapped),
            (_, _, Some(field)) => self
                .step(found, (schema, field))
                .map(MigrationStep::Wrapped),
            (_, None, None) => None,
        };
        let here = self.field();
        if step.is_none() && self.differences[before..].iter().all(|it| it.field == here) {
            self.differences.truncate(before);
            return self.mismatch(found, target);
        }
        step
    }
}

impl Node {
    /// Returns the field of a tuple struct that has exactly one.
    fn only_field(&self) -> Option<Id> {
        match self {
            Node::Struct(Struct {
                fields: Fields::Unnamed(fields),
                ..
            }) => match fields.as_slice() {
                [field] => Some(field.node),
                _ => None,
            },
            _ => None,
        }
    }
}
