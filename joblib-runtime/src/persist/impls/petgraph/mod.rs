//! Graphs of `petgraph`: encoded as structs of arrays. A graph is read by adding its nodes
//! and edges in order, so that all indices are the same, and a graph whose neighbors would
//! be in another order then is not written.

mod graph;
mod graph_map;

use petgraph::graph::{EdgeIndex, IndexType, NodeIndex};

use super::foreign::valid;
use crate::persist::derive_support::{BodyReader, BodyWriter, FieldDecl, SchemaBuilder, Viewer};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

fn field(name: &'static str, schema: fn(&mut SchemaBuilder) -> u32) -> FieldDecl {
    FieldDecl {
        name,
        schema,
        aliases: &[],
        default: None,
    }
}

/// The error for a graph that would not be read as the same graph.
fn unordered(what: &str, remedy: &str) -> Error {
    let message = format!(
        "a `{what}` cannot be written if the neighbors of a node are in another order than their \
         edges, as after edges were removed, because `petgraph` cannot restore that order; add all \
         nodes and edges to a new graph{remedy}"
    );
    ErrorKind::Value(message).into()
}

fn invalid(why: impl std::fmt::Display) -> Error {
    Error::damaged_body(format!("invalid graph: {why}"))
}

/// Encoded as numbers of 64 bits.
macro_rules! indices {
    ($($ty:ident as $name:literal)*) => {$(
        impl<Ix: IndexType> Save for $ty<Ix> {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                schemas.named_type::<u64>($name)
            }

            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                writer.varint(self.index() as u64);
                Ok(())
            }
        }

        impl<Ix: IndexType> Persist for $ty<Ix> {
            type View<'m, M: MapMode> = Self;
            one_by_one!();

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                let index = reader.varint()?;
                let most = <Ix as IndexType>::max().index() as u64;
                let fits = Some(index).filter(|index| *index <= most);
                valid(fits, $name, index).map(|index| $ty::new(index as usize))
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
                Self::load(viewer.reader())
            }
        }
    )*};
}

indices! {
    NodeIndex as "petgraph::NodeIndex"
    EdgeIndex as "petgraph::EdgeIndex"
}
