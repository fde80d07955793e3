//! Records, and what is one by one, as one another.

use std::sync::Arc;

use super::{At, Id, Planner, Step, Target};
use crate::persist::record::Laid;
use crate::persist::schema::{Node, Schema};

/// Many values, which are records in the file or where they are read, and neither as
/// they are in the other.
#[derive(Clone, Debug)]
pub(in crate::persist::adapt) struct Repacked {
    /// How the file's lie, if they are records.
    pub(in crate::persist::adapt) from: Option<Laid>,
    /// How they are to lie, if they become records.
    pub(in crate::persist::adapt) into: Option<Laid>,
    /// One of them.
    pub(in crate::persist::adapt) item: At,
    /// Where it is, for messages.
    pub(in crate::persist::adapt) field: Arc<str>,
}

impl Planner<'_> {
    /// Many of the file, and one of them, as many of a type, and one of it.
    pub(super) fn repacked(
        &mut self,
        (found, found_item): (Id, Id),
        target: Target,
        item: Target,
    ) -> Option<Step> {
        let from = records(self.found, found)?;
        let into = records(&self.asked[target.0], target.1)?;
        self.path.push("[]".to_owned());
        let item = self.step(found_item, item);
        self.path.pop();
        let field = self.field().into();
        item.map(|item| {
            Step::Repacked(Repacked {
                from,
                into,
                item,
                field,
            })
        })
    }
}

/// How those of a node lie, if they are records.
fn records(schema: &Schema, id: Id) -> Option<Option<Laid>> {
    match schema.node(id) {
        Node::Records(item) => Laid::new(schema, *item).ok().map(Some),
        _ => Some(None),
    }
}
