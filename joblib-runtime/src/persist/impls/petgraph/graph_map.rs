//! `GraphMap`: the nodes, and for each edge its source, its target and its weight.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use petgraph::graphmap::{GraphMap, NodeTrait};
use petgraph::{Direction, EdgeType};

use super::{field, invalid, unordered};
use crate::persist::derive_support::{
    BodyReader, BodyWriter, FieldsDecl, SchemaBuilder, TypeDecl, Viewer, identity,
};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

fn name<Ty: EdgeType>() -> &'static str {
    match Ty::is_directed() {
        true => "petgraph::DiGraphMap",
        false => "petgraph::UnGraphMap",
    }
}

impl<N, E, Ty, S> Save for GraphMap<N, E, Ty, S>
where
    N: Save + NodeTrait,
    E: Save,
    Ty: EdgeType,
    S: BuildHasher,
{
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.named_by(name::<Ty>(), |schemas| {
            let head = TypeDecl {
                ty: identity::<Self>(),
                name: "GraphMap",
                older_types: &[],
            };
            let fields = [
                field("nodes", N::schema_of_many),
                field("sources", N::schema_of_many),
                field("targets", N::schema_of_many),
                field("edges", E::schema_of_many),
            ];
            schemas.structure(head, FieldsDecl::Named(&fields))
        })
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        if !is_in_order(self) {
            return Err(unordered("GraphMap", ""));
        }
        writer.enter()?;
        let nodes: Vec<N> = self.nodes().collect();
        let (sources, targets): (Vec<N>, Vec<N>) = self
            .all_edges()
            .map(|(source, target, _)| (source, target))
            .unzip();
        for nodes in [nodes, sources, targets] {
            writer.temporary(|writer| nodes.save(writer))?;
        }
        let edges: Vec<&'v E> = self.all_edges().map(|(.., weight)| weight).collect();
        E::save_each(edges.into_iter(), writer)?;
        writer.leave();
        Ok(())
    }
}

/// Whether adding all edges in order gives the neighbors of each node in this order.
fn is_in_order<N, E, Ty, S>(graph: &GraphMap<N, E, Ty, S>) -> bool
where
    N: NodeTrait,
    Ty: EdgeType,
    S: BuildHasher,
{
    let neighbors = |node, direction| graph.neighbors_directed(node, direction);
    // Without directions, both are all neighbors.
    let mut waiting: BTreeMap<N, _> = graph
        .nodes()
        .map(|node| {
            let (out, into) = (Direction::Outgoing, Direction::Incoming);
            (node, (neighbors(node, out), neighbors(node, into)))
        })
        .collect();
    let mut is_next = |node: N, is_source: bool, neighbor: N| {
        waiting.get_mut(&node).is_some_and(|(out, into)| {
            let next = match is_source || !Ty::is_directed() {
                true => out.next(),
                false => into.next(),
            };
            next == Some(neighbor)
        })
    };
    graph.all_edges().all(|(source, target, _)| {
        let is_loop = source == target && !Ty::is_directed();
        is_next(source, true, target) && (is_loop || is_next(target, false, source))
    })
}

impl<N, E, Ty, S> Persist for GraphMap<N, E, Ty, S>
where
    N: Persist + NodeTrait,
    E: Persist,
    Ty: EdgeType,
    S: BuildHasher + Default,
{
    type View<'m, M: MapMode> = Self;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.enter()?;
        let nodes = N::load_many(reader)?;
        let (sources, targets) = (N::load_many(reader)?, N::load_many(reader)?);
        let edges = E::load_many(reader)?;
        reader.leave();
        if sources.len() != edges.len() || targets.len() != edges.len() {
            return Err(invalid("edges have different numbers of ends and weights"));
        }
        let mut graph = GraphMap::default();
        let count = nodes.len();
        nodes.into_iter().for_each(|node| {
            graph.add_node(node);
        });
        if graph.node_count() != count {
            return Err(invalid("it has a node twice"));
        }
        for ((source, target), edge) in sources.into_iter().zip(targets).zip(edges) {
            // The ends of an edge without a direction are in ascending order.
            if !Ty::is_directed() && source > target {
                return Err(invalid("the ends of an edge are not in ascending order"));
            }
            if graph.add_edge(source, target, edge).is_some() {
                return Err(invalid("it has an edge twice"));
            }
        }
        match graph.node_count() == count {
            true => Ok(graph),
            false => Err(invalid("an edge has an end that is no node")),
        }
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }
}
