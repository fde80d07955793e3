//! Matrices of `nalgebra` come back, and are mapped as views.

use joblib::{Dump, Load, Persist};
use nalgebra::{
    DMatrix, DMatrixView, DVector, Matrix2x3, Matrix3, OMatrix, RowDVector, SMatrix, U3, Vector4,
};
use proptest::prelude::*;

use super::{Place, assert_contains, there_and_back};

fn dumped(value: &impl joblib::persist::Save) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, value).unwrap();
    bytes
}

fn loaded<T: Persist>(bytes: &[u8]) -> T {
    Load::new().read(bytes).unwrap()
}

fn refused<T: Persist>(bytes: &[u8]) -> String {
    match Load::new().read::<T>(bytes) {
        Ok(_) => panic!("it was loaded"),
        Err(error) => error.to_string(),
    }
}

fn numbered(rows: usize, columns: usize) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |row, column| (row * 1000 + column) as f64)
}

#[test]
fn matrices_of_every_kind_come_back() {
    for (rows, columns) in [
        (0, 0),
        (0, 5),
        (5, 0),
        (1, 1),
        (1, 9),
        (9, 1),
        (3, 4),
        (300, 200),
    ] {
        let matrix = numbered(rows, columns);
        assert_eq!(there_and_back(&matrix), matrix);
    }
    let vector = DVector::from_fn(5000, |row, _| row as i32);
    assert_eq!(there_and_back(&vector), vector);
    let row = RowDVector::from_fn(5000, |_, column| column as u8);
    assert_eq!(there_and_back(&row), row);
    let fixed = Matrix2x3::new(1.0, 2.0, 3.0, 4.0, 5.0, 6.0_f32);
    assert_eq!(there_and_back(&fixed), fixed);
    let large = SMatrix::<u64, 20, 30>::from_fn(|row, column| (row * column) as u64);
    assert_eq!(there_and_back(&large), large);
    let flags = Vector4::new(true, false, false, true);
    assert_eq!(there_and_back(&flags), flags);
    let half: OMatrix<f64, nalgebra::Dyn, U3> = OMatrix::<f64, nalgebra::Dyn, U3>::zeros(7);
    assert_eq!(there_and_back(&half), half);
    let many = vec![Matrix3::identity(); 100];
    assert_eq!(there_and_back::<Vec<Matrix3<f64>>>(&many), many);
}

#[test]
fn static_and_dynamic_sizes_are_one_type_and_a_wrong_size_is_refused() {
    let fixed = Matrix2x3::new(1.0, 2.0, 3.0, 4.0, 5.0, 6.0);
    let bytes = dumped(&fixed);
    assert_eq!(loaded::<DMatrix<f64>>(&bytes), fixed);
    let error = refused::<Matrix3<f64>>(&bytes);
    assert_contains(&error, "a matrix with 2 rows, one with 3 was expected");
    let error = refused::<DVector<f64>>(&bytes);
    assert_contains(&error, "a matrix with 3 columns, one with 1 was expected");
    let error = refused::<DMatrix<f32>>(&bytes);
    assert!(error.contains("f64"), "{error}");
}

#[test]
fn views_are_written_as_what_they_show() {
    let matrix = numbered(300, 200);
    let views = [
        matrix.view((10, 20), (200, 100)),
        matrix.view((0, 20), (300, 100)),
        matrix.view((5, 7), (1, 1)),
        matrix.view((5, 7), (1, 100)),
        matrix.view((5, 7), (100, 1)),
        matrix.view((5, 7), (0, 3)),
    ];
    for view in views {
        let bytes = dumped(&view);
        assert_eq!(loaded::<DMatrix<f64>>(&bytes), view);
        assert_eq!(bytes, dumped(&view.clone_owned()));
    }
    let strided = matrix.view_with_steps((1, 2), (100, 60), (2, 1));
    assert_eq!(loaded::<DMatrix<f64>>(&dumped(&strided)), strided);
    assert_eq!(joblib::hash(&strided), joblib::hash(&strided.clone_owned()));
    let row = matrix.row(3);
    assert_eq!(loaded::<RowDVector<f64>>(&dumped(&row)), row);
}

#[derive(Persist)]
struct Model {
    weights: DMatrix<f64>,
    bias: DVector<f32>,
    rotation: Matrix3<f64>,
    layers: Vec<DMatrix<f64>>,
}

fn model() -> Model {
    Model {
        weights: numbered(100, 200),
        bias: DVector::from_element(1000, 1.5),
        rotation: Matrix3::identity(),
        layers: vec![numbered(2, 2), numbered(40, 50)],
    }
}

#[test]
fn a_map_shows_matrices_as_views() {
    let place = Place::new();
    joblib::dump(&model(), &place.path).unwrap();
    let file = joblib::open::<Model>(&place.path).unwrap();
    let view = file.view();
    let weights: &DMatrixView<'_, f64> = &view.weights;
    assert_eq!(*weights, model().weights);
    assert_eq!(view.bias, model().bias);
    assert_eq!(view.rotation, Matrix3::identity());
    assert_eq!(view.layers[1], numbered(40, 50));
    assert!((weights.as_ptr() as usize).is_multiple_of(4096));
    file.check(weights.column(150).as_slice()).unwrap();
    let mut file = joblib::open_cow::<Model>(&place.path).unwrap();
    file.view_mut().unwrap().weights[(99, 0)] = -1.0;
    file.view_mut().unwrap().rotation[(0, 1)] = -2.0;
    let view = file.view_mut().unwrap();
    assert_eq!((view.weights[(99, 0)], view.rotation[(0, 1)]), (-1.0, -2.0));
    let loaded: Model = joblib::load(&place.path).unwrap();
    assert_eq!(loaded.weights, model().weights);
}

#[cfg(feature = "ndarray")]
mod beside_ndarray {
    use ndarray::{Array2, ShapeBuilder};

    use super::*;

    #[test]
    fn a_matrix_is_an_array_of_two_dimensions_and_back() {
        for (rows, columns) in [(0, 3), (1, 7), (7, 1), (3, 4), (300, 200)] {
            let matrix = numbered(rows, columns);
            let array: Array2<f64> = loaded(&dumped(&matrix));
            assert_eq!(array.dim(), (rows, columns));
            assert!(array.indexed_iter().all(|(at, value)| *value == matrix[at]));
            for array in [array.clone(), array.as_standard_layout().to_owned()] {
                assert_eq!(loaded::<DMatrix<f64>>(&dumped(&array)), matrix);
            }
        }
    }

    #[test]
    fn a_column_major_array_is_mapped_as_a_matrix_and_a_row_major_one_is_loaded() {
        let place = Place::new();
        let by_columns = Array2::from_elem((30, 40).f(), 1.5);
        joblib::dump(&by_columns, &place.path).unwrap();
        let file = joblib::open::<DMatrix<f64>>(&place.path).unwrap();
        assert_eq!(*file.view(), DMatrix::from_element(30, 40, 1.5));
        joblib::dump(&Array2::from_elem((30, 40), 1.5), &place.path).unwrap();
        let error = joblib::open::<DMatrix<f64>>(&place.path).unwrap_err();
        let error = error.to_string();
        assert_contains(&error, "its values are in row-major order");
        assert!(error.contains("`joblib::load` reads it"), "{error}");
    }
}

proptest! {
    #[test]
    fn every_view_of_a_matrix_comes_back(
        (rows, columns, steps) in (0..40_usize, 0..40_usize, (0..4_usize, 0..4_usize)),
    ) {
        let matrix = numbered(rows * (steps.0 + 1), columns * (steps.1 + 1));
        let view = matrix.view_with_steps((0, 0), (rows, columns), steps);
        let bytes = dumped(&view);
        prop_assert_eq!(&loaded::<DMatrix<f64>>(&bytes), &view.clone_owned());
        prop_assert_eq!(bytes, dumped(&view.clone_owned()));
    }
}
