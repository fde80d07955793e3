//! Keys of graphs of `petgraph`. The order in which a node has its neighbors is part of the
//! key, because functions visit them in that order. Two graphs with the same nodes and edges
//! may differ in it if edges were removed.

use std::hash::BuildHasher;

use petgraph::graph::{EdgeIndex, Graph, IndexType, NodeIndex};
use petgraph::graphmap::{GraphMap, NodeTrait};
use petgraph::{Direction, EdgeType};

use super::{Key, KeyHasher};

const DIRECTIONS: [Direction; 2] = [Direction::Outgoing, Direction::Incoming];

macro_rules! indices {
    ($($ty:ident)*) => {$(
        impl<Ix: IndexType> Key for $ty<Ix> {
            fn feed_type(hasher: &mut KeyHasher) {
                hasher.nominal("petgraph", stringify!($ty), 0);
                feed_index_type::<Ix>(hasher);
            }

            fn feed(&self, hasher: &mut KeyHasher) {
                hasher.write_len(self.index());
            }
        }
    )*};
}

indices!(NodeIndex EdgeIndex);

/// Feeds the largest index, which is that of one type only.
fn feed_index_type<Ix: IndexType>(hasher: &mut KeyHasher) {
    hasher.write_len(<Ix as IndexType>::max().index());
}

impl<N: Key, E: Key, Ty: EdgeType, Ix: IndexType> Key for Graph<N, E, Ty, Ix> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("petgraph", "Graph", 0);
        N::feed_type(hasher);
        E::feed_type(hasher);
        Ty::is_directed().feed(hasher);
        feed_index_type::<Ix>(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_len(self.node_count());
        for node in self.raw_nodes() {
            node.weight.feed(hasher);
            DIRECTIONS
                .iter()
                .for_each(|it| node.next_edge(*it).feed(hasher));
        }
        hasher.write_len(self.edge_count());
        for edge in self.raw_edges() {
            edge.weight.feed(hasher);
            [edge.source(), edge.target()].feed(hasher);
            DIRECTIONS
                .iter()
                .for_each(|it| edge.next_edge(*it).feed(hasher));
        }
    }
}

impl<N, E, Ty, S> Key for GraphMap<N, E, Ty, S>
where
    N: Key + NodeTrait,
    E: Key,
    Ty: EdgeType,
    S: BuildHasher,
{
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("petgraph", "GraphMap", 0);
        N::feed_type(hasher);
        E::feed_type(hasher);
        Ty::is_directed().feed(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_len(self.node_count());
        for node in self.nodes() {
            node.feed(hasher);
            for direction in DIRECTIONS {
                let neighbors: Vec<N> = self.neighbors_directed(node, direction).collect();
                neighbors.feed(hasher);
            }
        }
        hasher.write_len(self.edge_count());
        for (source, target, weight) in self.all_edges() {
            source.feed(hasher);
            target.feed(hasher);
            weight.feed(hasher);
        }
    }
}
