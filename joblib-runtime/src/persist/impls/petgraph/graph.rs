//! `Graph`: the weights of the nodes, and for each edge its source, its target and its
//! weight.

use petgraph::graph::{DefaultIx, EdgeIndex, Graph, IndexType, NodeIndex};
use petgraph::{Direction, EdgeType};

use super::{field, invalid, unordered};
use crate::persist::derive_support::{
    BodyReader, BodyWriter, FieldsDecl, SchemaBuilder, Strided, TypeDecl, Viewer, identity,
};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::number::{Number, NumberKind};
use crate::persist::row::one_by_one;
use crate::persist::run_buffer::RunBuffer;
use crate::persist::traits::{Persist, Save};

const DIRECTIONS: [Direction; 2] = [Direction::Outgoing, Direction::Incoming];

/// Returns the type of the numbers in files for the ends of edges.
fn ends<Ix: IndexType>() -> NumberKind {
    match <Ix as IndexType>::max().index() <= <DefaultIx as IndexType>::max().index() {
        true => NumberKind::U32,
        false => NumberKind::U64,
    }
}

fn name<Ty: EdgeType>() -> &'static str {
    match Ty::is_directed() {
        true => "petgraph::DiGraph",
        false => "petgraph::UnGraph",
    }
}

impl<N: Save, E: Save, Ty: EdgeType, Ix: IndexType> Save for Graph<N, E, Ty, Ix> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.named_by(name::<Ty>(), |schemas| {
            let head = TypeDecl {
                ty: identity::<Self>(),
                name: "Graph",
                older_types: &[],
            };
            let fields = [
                field("nodes", N::schema_of_many),
                field("sources", |schemas| schemas.array(ends::<Ix>())),
                field("targets", |schemas| schemas.array(ends::<Ix>())),
                field("edges", E::schema_of_many),
            ];
            schemas.structure(head, FieldsDecl::Named(&fields))
        })
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        if !is_in_order(self) {
            return Err(unordered("Graph", ", as `filter_map` does"));
        }
        writer.enter()?;
        N::save_each(self.raw_nodes().iter().map(|node| &node.weight), writer)?;
        for direction in DIRECTIONS {
            writer.length(self.edge_count());
            writer.strided(ends::<Ix>(), Ends(self, direction))?;
        }
        E::save_each(self.raw_edges().iter().map(|edge| &edge.weight), writer)?;
        writer.leave();
        Ok(())
    }
}

/// Whether adding all edges in order gives this graph: an edge precedes the previous edges of
/// both its ends.
fn is_in_order<N, E, Ty: EdgeType, Ix: IndexType>(graph: &Graph<N, E, Ty, Ix>) -> bool {
    let mut first = vec![[EdgeIndex::end(); 2]; graph.node_count()];
    for (index, edge) in graph.raw_edges().iter().enumerate() {
        let (source, target) = (edge.source().index(), edge.target().index());
        let next = [first[source][0], first[target][1]];
        if next != DIRECTIONS.map(|direction| edge.next_edge(direction)) {
            return false;
        }
        first[source][0] = EdgeIndex::new(index);
        first[target][1] = EdgeIndex::new(index);
    }
    let mut nodes = graph.raw_nodes().iter().zip(first);
    nodes.all(|(node, first)| first == DIRECTIONS.map(|direction| node.next_edge(direction)))
}

/// The sources or the targets of all edges.
struct Ends<'v, N, E, Ty, Ix: IndexType>(&'v Graph<N, E, Ty, Ix>, Direction);

impl<N, E, Ty: EdgeType, Ix: IndexType> Ends<'_, N, E, Ty, Ix> {
    fn indices(&self) -> impl Iterator<Item = usize> {
        self.0.raw_edges().iter().map(|edge| match self.1 {
            Direction::Outgoing => edge.source().index(),
            Direction::Incoming => edge.target().index(),
        })
    }
}

impl<N, E, Ty: EdgeType, Ix: IndexType> Strided for Ends<'_, N, E, Ty, Ix> {
    fn bytes(&self) -> u64 {
        (self.0.edge_count() * ends::<Ix>().size()) as u64
    }

    fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        match ends::<Ix>() {
            NumberKind::U32 => {
                let mut runs = RunBuffer::new(out);
                runs.each(self.indices().map(|index| index as u32))?;
                runs.pass_on()
            }
            _ => {
                let mut runs = RunBuffer::new(out);
                runs.each(self.indices().map(|index| index as u64))?;
                runs.pass_on()
            }
        }
    }
}

fn load_ends<Ix: IndexType>(reader: &mut BodyReader<'_>) -> Result<Vec<NodeIndex<Ix>>, Error> {
    fn load<I: Number + Into<u64>, Ix: IndexType>(
        reader: &mut BodyReader<'_>,
    ) -> Result<Vec<NodeIndex<Ix>>, Error> {
        let count = reader.count()?;
        let most = <Ix as IndexType>::max().index() as u64;
        let indices = reader.numbers::<I>(count)?.into_iter();
        let fitting = indices.map(|index| match index.into() {
            index if index < most => Ok(NodeIndex::new(index as usize)),
            index => Err(invalid(format!("an edge has the end {index}"))),
        });
        fitting.collect()
    }
    match ends::<Ix>() {
        NumberKind::U32 => load::<u32, Ix>(reader),
        _ => load::<u64, Ix>(reader),
    }
}

impl<N: Persist, E: Persist, Ty: EdgeType, Ix: IndexType> Persist for Graph<N, E, Ty, Ix> {
    type View<'m, M: MapMode> = Self;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.enter()?;
        let nodes = N::load_many(reader)?;
        let (sources, targets) = (load_ends(reader)?, load_ends(reader)?);
        let edges = E::load_many(reader)?;
        reader.leave();
        if sources.len() != edges.len() || targets.len() != edges.len() {
            return Err(invalid("edges have different numbers of ends and weights"));
        }
        let mut graph = Graph::with_capacity(nodes.len(), edges.len());
        for node in nodes {
            graph.try_add_node(node).map_err(invalid)?;
        }
        for ((source, target), edge) in sources.into_iter().zip(targets).zip(edges) {
            graph.try_add_edge(source, target, edge).map_err(invalid)?;
        }
        Ok(graph)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }
}
