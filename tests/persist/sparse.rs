//! Sparse matrices of `sprs` come back, are mapped as views, and are refused if their
//! structure is invalid.

use joblib::{Dump, Load, Persist};
use proptest::prelude::*;
use sprs::{CsMat, CsMatI, CsMatView, CsVec, CsVecI, TriMat};

use super::{Place, there_and_back};

fn dumped(value: &impl joblib::persist::Save) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, value).unwrap();
    bytes
}

fn diagonal(len: usize) -> CsMat<f64> {
    let mut triplets = TriMat::new((len, len + 3));
    for at in 0..len {
        triplets.add_triplet(at, at, at as f64);
        triplets.add_triplet(at, at + 2, 0.5);
    }
    triplets.to_csr()
}

#[test]
fn matrices_and_vectors_come_back() {
    for len in [0, 1, 10, 3000] {
        let matrix = diagonal(len);
        assert_eq!(there_and_back(&matrix), matrix);
        let matrix = matrix.to_csc();
        assert_eq!(there_and_back(&matrix), matrix);
        assert!(there_and_back(&matrix).is_csc());
    }
    let small: CsMatI<u8, u16, u32> =
        CsMatI::new((2, 3), vec![0_u32, 1, 3], vec![2_u16, 0, 1], vec![7, 8, 9]);
    assert_eq!(there_and_back(&small), small);
    let vector = CsVec::new(1_000_000, vec![3, 999_999], vec![1.5, 2.5]);
    assert_eq!(there_and_back(&vector), vector);
    let vector: CsVecI<bool, i32> = CsVecI::new(5, vec![], vec![]);
    assert_eq!(there_and_back(&vector), vector);
}

#[test]
fn a_slice_of_a_matrix_is_written_as_a_matrix() {
    let matrix = diagonal(3000);
    let part = matrix.slice_outer(1000..2000);
    let back: CsMat<f64> = Load::new().read(&dumped(&part)[..]).unwrap();
    assert_eq!(back.to_dense(), part.to_dense());
    assert_eq!(dumped(&back), dumped(&part));
    assert_eq!(dumped(&matrix.view()), dumped(&matrix));
}

#[derive(Persist)]
struct Graph {
    name: String,
    edges: CsMat<f64>,
    start: CsVec<f64>,
}

#[test]
fn a_map_shows_views_whose_values_can_be_written() {
    let place = Place::new();
    let graph = Graph {
        name: "g".to_owned(),
        edges: diagonal(3000),
        start: CsVec::new(10, vec![3], vec![1.0]),
    };
    joblib::dump(&graph, &place.path).unwrap();
    let file = joblib::open::<Graph>(&place.path).unwrap();
    let edges: &CsMatView<'_, f64> = &file.view().edges;
    assert_eq!(*edges, graph.edges.view());
    assert_eq!(file.view().start, graph.start.view());
    assert_eq!(file.view().name, "g");
    let mut file = joblib::open_cow::<Graph>(&place.path).unwrap();
    file.view_mut().unwrap().edges.data_mut()[1] = 9.0;
    assert_eq!(file.view_mut().unwrap().edges.data()[1], 9.0);
    let loaded: Graph = joblib::load(&place.path).unwrap();
    assert_eq!(loaded.edges, graph.edges);
}

/// The encoding of a `CsMat<f64>`.
#[derive(Persist)]
struct Raw {
    rows: usize,
    columns: usize,
    is_csc: bool,
    indptr: Vec<usize>,
    indices: Vec<usize>,
    data: Vec<f64>,
}

fn raw() -> Raw {
    Raw {
        rows: 2,
        columns: 3,
        is_csc: false,
        indptr: vec![0, 1, 3],
        indices: vec![2, 0, 1],
        data: vec![1.0, 2.0, 3.0],
    }
}

#[test]
fn an_invalid_structure_is_refused_loaded_and_mapped() {
    let place = Place::new();
    let read = |raw: &Raw| {
        joblib::dump(raw, &place.path).unwrap();
        let loaded = joblib::load::<CsMat<f64>>(&place.path);
        let mapped = joblib::open::<CsMat<f64>>(&place.path);
        assert_eq!(loaded.is_ok(), mapped.is_ok());
        loaded.map_err(|error| error.to_string())
    };
    assert_eq!(read(&raw()).unwrap().nnz(), 3);
    let broken: [fn(&mut Raw); 12] = [
        |it| it.rows = 3,
        |it| it.rows = usize::MAX,
        |it| it.columns = 2,
        |it| it.is_csc = true,
        |it| it.indptr.clear(),
        |it| it.indptr = vec![1, 2, 4],
        |it| it.indptr = vec![0, 3, 1],
        |it| it.indptr = vec![0, 1, usize::MAX],
        |it| it.indices = vec![2, 1, 0],
        |it| it.indices = vec![2, 0, 0],
        |it| it.indices[0] = usize::MAX,
        |it| it.data.truncate(2),
    ];
    for (number, break_it) in broken.into_iter().enumerate() {
        let mut raw = raw();
        break_it(&mut raw);
        let error = read(&raw).unwrap_err();
        let expected = "invalid sparse matrix";
        assert!(error.contains(expected), "{number}: {error}");
    }
}

#[test]
fn a_vector_with_indices_out_of_range_is_refused() {
    let bytes = dumped(&CsVec::new(10, vec![3, 9], vec![1.0, 2.0]));
    let vector: CsVec<f64> = Load::new().read(&bytes[..]).unwrap();
    assert_eq!(vector.dim(), 10);
    #[derive(Persist)]
    struct Raw {
        len: usize,
        indices: Vec<usize>,
        data: Vec<f64>,
    }
    for (len, indices) in [(9, vec![3, 9]), (10, vec![9, 3]), (10, vec![3])] {
        let data = vec![1.0, 2.0];
        let bytes = dumped(&Raw { len, indices, data });
        assert!(Load::new().read::<CsVec<f64>>(&bytes[..]).is_err());
    }
}

proptest! {
    #[test]
    fn every_matrix_comes_back(
        (rows, columns, is_csc) in (1..50_usize, 1..50_usize, any::<bool>()),
        places in prop::collection::vec((any::<usize>(), any::<usize>(), any::<f32>()), 0..300),
    ) {
        let mut triplets = TriMat::new((rows, columns));
        for (row, column, value) in places {
            triplets.add_triplet(row % rows, column % columns, value);
        }
        let matrix: CsMat<f32> = match is_csc {
            true => triplets.to_csc(),
            false => triplets.to_csr(),
        };
        let bytes = dumped(&matrix);
        let back: CsMat<f32> = Load::new().read(&bytes[..]).unwrap();
        prop_assert_eq!(&dumped(&back), &bytes);
        prop_assert_eq!(back.indptr(), matrix.indptr());
        prop_assert_eq!(back.indices(), matrix.indices());
    }
}
