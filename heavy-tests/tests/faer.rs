//! Matrices and vectors of `faer` as arguments and results of memoized functions, and in
//! files, which are those of `nalgebra` and `ndarray`.

use faer::diag::Diag;
use faer::{Col, ColRef, Mat, MatMut, MatRef, Row, RowRef};
use heavy_tests::{dumped, key, loaded, mapped, refused, there_and_back};
use joblib::{Persist, memoize};
use nalgebra::DMatrix;
use ndarray::{Array2, ShapeBuilder};

/// Shapes whose columns have gaps in memory, and shapes whose columns have none.
const SHAPES: [(usize, usize); 8] = [
    (0, 0),
    (0, 5),
    (5, 0),
    (1, 9),
    (9, 1),
    (3, 4),
    (64, 32),
    (301, 203),
];

fn number(row: usize, column: usize) -> f64 {
    (row * 1000 + column) as f64
}

fn numbered(rows: usize, columns: usize) -> Mat<f64> {
    Mat::from_fn(rows, columns, number)
}

#[test]
fn matrices_of_every_shape_come_back() {
    for (rows, columns) in SHAPES {
        let matrix = numbered(rows, columns);
        assert_eq!(there_and_back(&matrix), matrix);
        mapped(&matrix, |file| {
            let view: &MatRef<'_, f64> = file.view();
            assert_eq!(*view, matrix);
            file.verify().unwrap();
        });
    }
    let complex = Mat::from_fn(30, 20, |row, column| {
        faer::c32::new(row as f32, column as f32)
    });
    assert_eq!(there_and_back(&complex), complex);
}

#[test]
fn vectors_and_diagonal_matrices_come_back() {
    for len in [0, 1, 7, 5000] {
        let column = Col::from_fn(len, |at| at as f64);
        assert_eq!(there_and_back(&column), column);
        mapped(&column, |file| {
            let view: &ColRef<'_, f64> = file.view();
            assert_eq!(*view, column);
        });
        let row = Row::from_fn(len, |at| at as i64);
        let back = there_and_back(&row);
        assert!(back.iter().eq(row.iter()));
        mapped(&row, |file| {
            let view: &RowRef<'_, i64> = file.view();
            assert!(view.iter().eq(row.iter()));
        });
        let diagonal: Diag<f64> = column.clone().into_diagonal();
        assert_eq!(there_and_back(&diagonal).into_column_vector(), column);
        mapped(&diagonal, |file| {
            assert_eq!(file.view().column_vector(), column);
        });
    }
    let error = refused::<Col<f64>>(&dumped(&numbered(3, 4)));
    assert!(
        error.contains("a matrix with 4 columns, one with 1 was expected"),
        "{error}"
    );
    let error = refused::<Row<f64>>(&dumped(&numbered(3, 4)));
    assert!(
        error.contains("a matrix with 3 rows, one with 1 was expected"),
        "{error}"
    );
    let column = Col::from_fn(3, |at| at as f64);
    refused::<Diag<f64>>(&dumped(&column));
    refused::<Col<f64>>(&dumped(&column.into_diagonal()));
}

#[test]
fn strides_and_gaps_count_neither_in_keys_nor_in_files() {
    let matrix = numbered(301, 203);
    let transposed = Mat::from_fn(203, 301, |row, column| number(column, row));
    assert_eq!(key(&matrix), key(&transposed.transpose()));
    assert_eq!(dumped(&matrix), dumped(&transposed.transpose()));
    let view = matrix.submatrix(10, 20, 100, 50);
    let owned = view.to_owned();
    assert_eq!(key(&view), key(&owned));
    assert_eq!(dumped(&view), dumped(&owned));
    let reversed = matrix.reverse_rows_and_cols();
    assert_eq!(key(&reversed), key(&reversed.to_owned()));
    assert_eq!(loaded::<Mat<f64>>(&dumped(&reversed)), reversed);
    let mut changed = matrix.clone();
    let changed: MatMut<'_, f64> = changed.as_mut();
    assert_eq!(key(&changed), key(&matrix));
    assert_eq!(dumped(&changed), dumped(&matrix));
    let row = matrix.row(3);
    assert_eq!(key(&row), key(&row.to_owned()));
    assert_eq!(dumped(&row), dumped(&row.to_owned()));
}

#[test]
fn shape_order_and_type_count_in_keys() {
    let matrix = numbered(3, 4);
    let column = Col::from_fn(6, |at| at as f64);
    let keys = [
        key(&matrix),
        key(&matrix.transpose()),
        key(&numbered(4, 3)),
        key(&numbered(0, 3)),
        key(&numbered(3, 0)),
        key(&Mat::<f32>::from_fn(3, 4, |row, column| {
            number(row, column) as f32
        })),
        key(&column.as_mat()),
        key(&column),
        key(&column.transpose()),
        key(&column.as_diagonal()),
        key(&DMatrix::from_fn(3, 4, number)),
        key(&Array2::from_shape_fn((3, 4), |(row, column)| {
            number(row, column)
        })),
    ];
    for (at, key) in keys.iter().enumerate() {
        assert!(!keys[..at].contains(key), "{at}");
    }
}

#[test]
fn keys_never_change() {
    let column = Col::from_fn(3, |at| at as f32);
    let keys = [
        key(&numbered(3, 4)),
        key(&column),
        key(&column.transpose()),
        key(&column.as_diagonal()),
    ];
    let keys = keys.map(|key| format!("{key:032x}"));
    assert_eq!(
        keys,
        [
            "f94f4680a24ad12e499a33bd323abf28",
            "87223e2baf5dcc01e582ed3390390c9b",
            "ddc4ec9944a8b84b9a5a2a16bbe0125f",
            "1bb6358cb850390fcac6c31491b643a3"
        ]
    );
}

#[test]
fn a_matrix_is_a_matrix_of_nalgebra_and_an_array_of_ndarray_in_files() {
    for (rows, columns) in SHAPES {
        let matrix = numbered(rows, columns);
        let of_nalgebra = DMatrix::from_fn(rows, columns, number);
        assert_eq!(dumped(&matrix), dumped(&of_nalgebra));
        assert_eq!(loaded::<Mat<f64>>(&dumped(&of_nalgebra)), matrix);
        let by_row = Array2::from_shape_fn((rows, columns), |(row, column)| number(row, column));
        let by_column =
            Array2::from_shape_fn((rows, columns).f(), |(row, column)| number(row, column));
        for array in [by_row, by_column] {
            assert_eq!(loaded::<Mat<f64>>(&dumped(&array)), matrix);
            assert_eq!(loaded::<Array2<f64>>(&dumped(&matrix)), array);
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("array.joblib");
            joblib::dump(&array, &path).unwrap();
            // The strides of a view may be those of either order.
            let file = joblib::open::<Mat<f64>>(&path).unwrap();
            assert_eq!(*file.view(), matrix);
        }
    }
}

#[test]
fn a_writable_map_shows_a_writable_matrix() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("matrix.joblib");
    joblib::dump(&numbered(301, 203), &path).unwrap();
    let mut file = joblib::open_cow::<Mat<f64>>(&path).unwrap();
    let mut view: MatMut<'_, f64> = file.view_mut().unwrap();
    view[(300, 0)] = -1.0;
    assert_eq!((view[(300, 0)], view[(0, 1)]), (-1.0, 1.0));
    assert_eq!(joblib::load::<Mat<f64>>(&path).unwrap(), numbered(301, 203));
}

#[derive(Persist)]
struct Model {
    weights: Mat<f64>,
    layers: Vec<Mat<f32>>,
    bias: Col<f64>,
}

#[test]
fn a_struct_with_matrices_comes_back() {
    let layer = |len| Mat::from_fn(len, len, |row, column| (row * column) as f32);
    let model = Model {
        weights: numbered(101, 20),
        layers: vec![layer(2), layer(101)],
        bias: Col::from_fn(101, |at| at as f64),
    };
    let back: Model = loaded(&dumped(&model));
    assert_eq!(
        (back.weights, back.layers[1].clone()),
        (model.weights.clone(), layer(101))
    );
    mapped(&model, |file| {
        assert_eq!(file.view().bias, model.bias);
        assert_eq!(file.view().layers[0], layer(2));
    });
}

#[memoize(dir = "../target/heavy-tests")]
fn product(left: &Mat<f64>, right: MatRef<'_, f64>) -> Mat<f64> {
    Mat::from_fn(left.nrows(), right.ncols(), |row, column| {
        (0..left.ncols())
            .map(|at| left[(row, at)] * right[(at, column)])
            .sum()
    })
}

#[test]
fn a_memoized_function_takes_and_returns_matrices() {
    let matrix = numbered(31, 31);
    let expected = product(&matrix, matrix.as_ref());
    assert!(product::check(&matrix.to_owned(), matrix.as_ref()));
    assert_eq!(product(&matrix, matrix.as_ref()), expected);
    assert!(!product::check(&matrix, numbered(31, 30).as_ref()));
}

#[test]
fn a_matrix_without_numbers_is_read_however_large_its_shape_is() {
    let long = DMatrix::<f64>::zeros(0, 1 << 62);
    let matrix: Mat<f64> = loaded(&dumped(&long));
    assert_eq!(matrix.shape(), (0, 1 << 62));
    assert_ne!(key(&matrix), key(&numbered(0, 5)));
    assert_eq!(dumped(&matrix), dumped(&long));
    let matrix: Mat<f64> = loaded(&dumped(&DMatrix::<f64>::zeros(1 << 40, 0)));
    assert_eq!(matrix.shape(), (1 << 40, 0));
}

#[test]
fn damaged_files_are_refused() {
    let bytes = dumped(&numbered(20, 30));
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x41;
        assert!(
            joblib::Load::new().read::<Mat<f64>>(&damaged[..]).is_err(),
            "byte {at}"
        );
    }
    let error = refused::<Mat<f32>>(&bytes);
    assert!(error.contains("f64"), "{error}");
}
