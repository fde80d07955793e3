//! What is seen through where a file has a part in another wrapping than the
//! type: options, and structs with one field and no name for it.

use super::{Id, MigrationPlanner, MigrationStep, Target};
use crate::persist::schema::{Fields, Node, Struct};

impl MigrationPlanner<'_> {
    /// A part as what holds it, or the other way round: a value as an option, or
    /// as the only field of a struct without names.
    pub(super) fn seen_through(&mut self, found: Id, target: Target) -> Option<MigrationStep> {
        let (schema, asked) = target;
        // An older type goes before what could be taken for it.
        let has_olds = !self.olds_of(target).is_empty();
        let outer = self.found.node(found).only_field().filter(|_| !has_olds);
        let asked_node = self.asked[schema].node(asked);
        let inner = asked_node.only_field().filter(|_| !has_olds);
        let before = self.differences.len();
        let step = match (asked_node, outer, inner) {
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
            return self.differ(found, target);
        }
        step
    }
}

impl Node {
    /// The field of a struct that has one and no name for it.
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
