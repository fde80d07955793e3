//! A node in words, for people.

use super::{Fields, Id, Node, Rank, Schema};

/// Types within types are told up to this depth.
const DEPTH: usize = 3;

impl Schema {
    /// What the node at `id` is, as one would write it in Rust.
    pub(in crate::persist) fn describe(&self, id: Id) -> String {
        self.within(id, DEPTH)
    }

    fn within(&self, id: Id, depth: usize) -> String {
        let Some(deeper) = depth.checked_sub(1) else {
            return "…".to_owned();
        };
        let part = |id: &Id| self.within(*id, deeper);
        match self.node(id) {
            Node::Unit => "()".to_owned(),
            Node::Number(kind) => kind.name().to_owned(),
            Node::Char => "char".to_owned(),
            Node::Text => "text".to_owned(),
            Node::Path => "a path".to_owned(),
            Node::Option(some) => format!("Option<{}>", part(some)),
            Node::Seq(item) => format!("a sequence of {}", part(item)),
            Node::Set(item) => format!("a set of {}", part(item)),
            Node::Map(key, value) => format!("a map from {} to {}", part(key), part(value)),
            Node::Tuple(parts) => {
                let parts: Vec<_> = parts.iter().map(part).collect();
                format!("({})", parts.join(", "))
            }
            Node::Array(kind, Rank::Flat) => format!("an array of {}", kind.name()),
            Node::Array(kind, Rank::Fixed(1)) => {
                format!("an array of {} with 1 dimension", kind.name())
            }
            Node::Array(kind, Rank::Fixed(count)) => {
                format!("an array of {} with {count} dimensions", kind.name())
            }
            Node::Array(kind, Rank::Any) => {
                format!("an array of {} with any number of dimensions", kind.name())
            }
            Node::Struct(it) => format!("the struct `{}`", it.name),
            Node::Enum(it) => format!("the enum `{}`", it.name),
            Node::Serde(name) => format!("what serde makes of `{name}`"),
        }
    }
}

impl Fields {
    /// What kind of fields these are.
    pub(in crate::persist) fn describe(&self) -> String {
        match self {
            Fields::Unit => "no fields".to_owned(),
            Fields::Unnamed(fields) => format!("{} unnamed fields", fields.len()),
            Fields::Named(_) => "named fields".to_owned(),
        }
    }
}
