//! Compares two schema nodes without their child nodes.

use crate::persist::schema::{Fields, Node};

impl Node {
    /// Returns whether both nodes are the same, except for their child nodes and type
    /// names.
    pub(super) fn matches_shallowly(&self, other: &Node) -> bool {
        match (self, other) {
            (Node::Number(it), Node::Number(other)) | (Node::Fixed(it), Node::Fixed(other)) => {
                it == other
            }
            (Node::Array(kind, rank), Node::Array(other, other_rank)) => {
                kind == other && rank == other_rank
            }
            (Node::Tuple(parts), Node::Tuple(others)) => parts.len() == others.len(),
            (Node::Struct(it), Node::Struct(other)) => it.fields.matches_shallowly(&other.fields),
            (Node::Enum(it), Node::Enum(other)) => {
                let mut pairs = it.variants.iter().zip(&other.variants);
                it.variants.len() == other.variants.len()
                    && pairs.all(|(it, other)| {
                        it.name == other.name && it.fields.matches_shallowly(&other.fields)
                    })
            }
            (Node::Serde(it), Node::Described(other)) => it == other,
            (Node::Named(it, _), Node::Named(other, _)) => it == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl Fields {
    fn matches_shallowly(&self, other: &Fields) -> bool {
        let names = |it: &Fields| {
            it.all()
                .iter()
                .map(|it| it.name.clone())
                .collect::<Vec<_>>()
        };
        std::mem::discriminant(self) == std::mem::discriminant(other) && names(self) == names(other)
    }
}
