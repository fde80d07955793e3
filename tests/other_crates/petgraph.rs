//! Graphs of `petgraph`.

use joblib::Persist;
use petgraph::graph::{DiGraph, EdgeIndex, Graph, NodeIndex, UnGraph};
use petgraph::graphmap::{DiGraphMap, GraphMap, UnGraphMap};
use petgraph::{Directed, EdgeType, Undirected};

use super::{
    Place, as_another, dumped, forged, golden, inspected, key, memoized, refused, there_and_back,
};

type Roads = DiGraph<String, f64>;

fn roads() -> Roads {
    let mut graph = Graph::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| graph.add_node(name.to_owned()));
    for (from, to, length) in [
        (a, b, 1.0),
        (a, c, 2.0),
        (b, a, 3.0),
        (a, b, 4.0),
        (c, c, 5.0),
    ] {
        graph.add_edge(from, to, length);
    }
    graph
}

fn random<Ty: EdgeType>(nodes: u32, edges: u32) -> Graph<u32, f64, Ty> {
    let mut graph = Graph::default();
    (0..nodes).for_each(|node| {
        graph.add_node(node);
    });
    for edge in 0..edges {
        let [from, to] = [7, 13].map(|by: u32| {
            NodeIndex::new((edge.wrapping_mul(by).wrapping_mul(edge) % nodes) as usize)
        });
        graph.add_edge(from, to, f64::from(edge));
    }
    graph
}

/// Everything that functions can see of a graph.
fn seen<N: std::fmt::Debug, E: std::fmt::Debug, Ty: EdgeType>(graph: &Graph<N, E, Ty>) -> String {
    format!("{:?} {:?}", graph.raw_nodes(), graph.raw_edges())
}

#[test]
fn every_graph_comes_back_with_its_indices_and_the_order_of_neighbors() {
    let back = there_and_back(&roads());
    assert_eq!(seen(&back), seen(&roads()));
    let neighbors: Vec<_> = back
        .neighbors(NodeIndex::new(0))
        .map(NodeIndex::index)
        .collect();
    assert_eq!(neighbors, [1, 2, 1]);
    for (nodes, edges) in [(1, 0), (1, 5), (10, 100), (500, 3000)] {
        let directed = random::<Directed>(nodes, edges);
        assert_eq!(seen(&there_and_back(&directed)), seen(&directed));
        let undirected = random::<Undirected>(nodes, edges);
        assert_eq!(seen(&there_and_back(&undirected)), seen(&undirected));
    }
    assert_eq!(there_and_back(&Roads::new()).node_count(), 0);
    let mut turned = roads();
    turned.reverse();
    assert_eq!(seen(&there_and_back(&turned)), seen(&turned));
    let mut small: Graph<(), (), Directed, u8> = Graph::default();
    for _ in 0..255 {
        small.add_node(());
    }
    small.add_edge(NodeIndex::new(254), NodeIndex::new(0), ());
    assert_eq!(there_and_back(&small).edge_count(), 1);
    let mut large: Graph<u8, u8, Undirected, usize> = Graph::default();
    let node = large.add_node(1);
    large.add_edge(node, node, 2);
    assert_eq!(
        there_and_back(&large).edge_weight(EdgeIndex::new(0)),
        Some(&2)
    );
}

#[test]
fn maps_of_graphs_come_back_in_their_order() {
    let mut directed = DiGraphMap::<u32, f64>::new();
    let mut undirected = UnGraphMap::<&'static str, u8>::new();
    for (from, to) in [(3, 1), (1, 3), (2, 2), (3, 2), (1, 2)] {
        directed.add_edge(from, to, f64::from(from));
    }
    for (from, to) in [("c", "a"), ("b", "b"), ("a", "b"), ("b", "c")] {
        undirected.add_edge(from, to, 1);
    }
    directed.add_node(9);
    let back = there_and_back(&directed);
    assert!(back.nodes().eq([3, 1, 2, 9]));
    assert!(back.all_edges().eq(directed.all_edges()));
    for node in directed.nodes() {
        assert!(back.neighbors(node).eq(directed.neighbors(node)));
    }
    let numbered: UnGraphMap<u32, u8> = {
        let number = |name: &str| u32::from(name.as_bytes()[0]);
        let mut graph = UnGraphMap::new();
        for (from, to, weight) in undirected.all_edges() {
            graph.add_edge(number(from), number(to), *weight);
        }
        graph
    };
    let back = there_and_back(&numbered);
    assert!(back.all_edges().eq(numbered.all_edges()));
    assert!(
        back.nodes()
            .all(|node| back.neighbors(node).eq(numbered.neighbors(node)))
    );
}

#[test]
fn a_graph_whose_neighbors_are_in_another_order_is_not_written() {
    #[track_caller]
    fn is_refused(graph: &impl joblib::persist::Save) {
        let error = joblib::dump(graph, "never.joblib").unwrap_err().to_string();
        assert!(
            error.contains("in another order than their edges"),
            "{error}"
        );
        assert!(error.contains("to a new graph"), "{error}");
    }
    let mut graph = roads();
    // The last edge gets the index 0, and is still the last one among its neighbors.
    graph.remove_edge(EdgeIndex::new(0));
    graph.remove_edge(EdgeIndex::new(0));
    is_refused(&graph);
    let whole = graph.filter_map(|_, node| Some(node.clone()), |_, edge| Some(*edge));
    assert_eq!(seen(&there_and_back(&whole)), seen(&whole));
    let mut last = roads();
    last.remove_edge(EdgeIndex::new(4));
    assert_eq!(seen(&there_and_back(&last)), seen(&last));
    // The last edge comes first, and is still the last one among the neighbors of 3.
    let mut map = UnGraphMap::<u32, ()>::from_edges([(0, 1), (0, 3), (3, 4)]);
    map.remove_edge(0, 1);
    is_refused(&map);
}

#[test]
fn they_are_arguments_and_results() {
    memoized! {
        Roads: roads(), Roads::new();
        UnGraph<u32, f64>: random::<Undirected>(10, 100);
        DiGraphMap<u32, ()>: DiGraphMap::new(), DiGraphMap::from_edges([(1, 2), (2, 3)]);
        NodeIndex: NodeIndex::new(7);
        EdgeIndex<u8>: EdgeIndex::new(7);
    }
}

#[test]
fn keys_are_equal_exactly_if_a_function_cannot_tell_the_graphs_apart() {
    assert_eq!(key(&roads()), key(&roads()));
    assert_ne!(key(&roads()), key(&roads().into_edge_type::<Undirected>()));
    let mut other = roads();
    other[NodeIndex::new(0)] = "d".to_owned();
    assert_ne!(key(&other), key(&roads()));
    let mut turned = roads();
    turned.reverse();
    assert_ne!(key(&turned), key(&roads()));
    // The same nodes and edges, visited in another order.
    let mut removed = roads();
    removed.remove_edge(EdgeIndex::new(0));
    removed.remove_edge(EdgeIndex::new(0));
    let rebuilt = removed.filter_map(|_, node| Some(node.clone()), |_, edge| Some(*edge));
    assert_ne!(key(&removed), key(&rebuilt));
    assert_ne!(
        key(&NodeIndex::<u32>::new(1)),
        key(&EdgeIndex::<u32>::new(1))
    );
    assert_ne!(
        key(&NodeIndex::<u32>::new(1)),
        key(&NodeIndex::<u8>::new(1))
    );
    let [one, other] = [[(1, 2), (1, 3)], [(1, 3), (1, 2)]].map(DiGraphMap::<u8, ()>::from_edges);
    assert_ne!(key(&one), key(&other));
    assert_ne!(key(&one), key(&one.clone().into_graph::<u32>()));
}

/// What a graph is stored as.
#[derive(Clone, Persist)]
struct Parts<Ix> {
    nodes: Vec<u8>,
    sources: Vec<Ix>,
    targets: Vec<Ix>,
    edges: Vec<u8>,
}

fn parts<Ix: Copy>(nodes: usize, ends: &[(Ix, Ix)], edges: usize) -> Parts<Ix> {
    let (sources, targets) = ends.iter().copied().unzip();
    Parts {
        nodes: (0..nodes).map(|it| it as u8).collect(),
        sources,
        targets,
        edges: vec![7; edges],
    }
}

#[test]
fn graphs_that_do_not_exist_are_refused() {
    {
        forged!("petgraph::DiGraph" of Parts<u32>);
        let graph = as_another::<DiGraph<u8, u8>>(&Forged(parts(2, &[(0, 1)], 1))).unwrap();
        assert_eq!(graph.edge_count(), 1);
        for (ends, count) in [
            (&[(0, 2)], 1),
            (&[(u32::MAX, 0)], 1),
            (&[(0, 1)], 0),
            (&[(0, 1)], 2),
        ] {
            refused::<DiGraph<u8, u8>>(&Forged(parts(2, ends, count)), "invalid graph");
        }
        let mut uneven = parts(2, &[(0, 1)], 1);
        uneven.targets.push(0);
        refused::<DiGraph<u8, u8>>(&Forged(uneven), "invalid graph");
        let most: Graph<u8, u8, Directed, u8> = as_another(&Forged(parts(255, &[], 0))).unwrap();
        assert_eq!(most.node_count(), 255);
        refused::<Graph<u8, u8, Directed, u8>>(&Forged(parts(256, &[], 0)), "invalid graph");
        refused::<Graph<u8, u8, Directed, u8>>(&Forged(parts(2, &[(256, 0)], 1)), "invalid graph");
        refused::<UnGraph<u8, u8>>(
            &roads(),
            "the file has `petgraph::DiGraph`, `petgraph::UnGraph`",
        );
    }
    {
        forged!("petgraph::UnGraphMap" of Parts<u8>);
        type Map = UnGraphMap<u8, u8>;
        assert!(
            as_another::<GraphMap<u8, u8, Undirected>>(&Forged(parts(2, &[(0, 1)], 1))).is_ok()
        );
        refused::<Map>(&Forged(parts(2, &[(1, 0)], 1)), "not in ascending order");
        refused::<Map>(&Forged(parts(2, &[(0, 2)], 1)), "an end that is no node");
        refused::<Map>(&Forged(parts(2, &[(0, 1), (0, 1)], 2)), "an edge twice");
        refused::<Map>(&Forged(parts(2, &[(0, 1)], 0)), "different numbers of ends");
        let mut twice = parts(2, &[], 0);
        twice.nodes[1] = 0;
        refused::<Map>(&Forged(twice), "a node twice");
    }
    forged!("petgraph::NodeIndex" of u64);
    refused::<NodeIndex<u8>>(&Forged(256), "256 is not a valid `petgraph::NodeIndex`");
    refused::<NodeIndex>(&Forged(u64::MAX), "is not a valid `petgraph::NodeIndex`");
    assert_eq!(
        as_another::<NodeIndex<u16>>(&Forged(256)),
        Ok(NodeIndex::new(256))
    );
}

#[test]
fn a_file_says_which_graph_it_has() {
    assert_eq!(inspected(&roads()), "`petgraph::DiGraph`");
    let inspection = joblib::inspect(Place::of(&random::<Directed>(500, 3000)).path).unwrap();
    let sources = inspection
        .parts
        .iter()
        .find(|it| it.name.ends_with("sources"))
        .unwrap();
    assert_eq!(
        (&*sources.what, &*sources.shape),
        ("an array of u32", &[3000][..])
    );
    // The type of the indices may change if they fit.
    let wide: DiGraph<String, f64, usize> = as_another(&roads()).unwrap();
    assert_eq!(wide.edge_count(), 5);
    assert!(dumped(&wide).len() >= dumped(&roads()).len());
}

#[test]
fn keys_and_files_never_change() {
    golden! {
        roads() => 0xf83c5e4b42ed360d1b47625deed4527d, "9b47b636f0ef468c02cc747eea900d4e";
        roads().into_edge_type::<Undirected>() => 0xa4d80aec0c1cb0f1f7a7164249053c87, "b9c7893703a42d565f3e74358817c764";
        DiGraphMap::<u8, u8>::from_edges([(2, 1, 7), (1, 3, 8)]) => 0xc52df250e78d89f025592d4d63bd80e0, "d0871a9cec29146c45c00ef40b14c5de";
        UnGraphMap::<u8, u8>::from_edges([(2, 1, 7), (1, 3, 8)]) => 0x884e308e016ddb5a0f01bef29a2bb9c4, "06d752cc52a67db90616bc12f3a6234c";
        NodeIndex::<u32>::new(7) => 0x4e8eed4096b88ca5c78b594181a333e2, "09f14e61f83d56f0ae8a6b236fc47fc3";
        EdgeIndex::<u32>::new(7) => 0x5e227279549956706ab3b35f1ffe37ac, "3746070ef05afffb01361e45907282d1";
    }
}
