//! Both major lines of a crate have the same files, so that a file outlives the change of
//! a program from one line to the other.

use joblib::persist::Save;
use joblib::{Dump, Load, Persist};

use super::{Place, there_and_back};

fn dumped(value: &impl Save) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, value).unwrap();
    bytes
}

fn loaded<T: Persist>(bytes: &[u8]) -> T {
    Load::new().read(bytes).unwrap()
}

#[cfg(all(feature = "ndarray", feature = "ndarray016"))]
#[test]
fn arrays_of_both_lines_of_ndarray_are_the_same_in_files() {
    use ndarray::{Array2, ShapeBuilder};

    for (rows, columns) in [(0, 3), (1, 7), (3, 4), (300, 200)] {
        let number = |(row, column)| (row * 1000 + column) as f64;
        let newer = Array2::from_shape_fn((rows, columns), number);
        let older = ndarray016::Array2::from_shape_fn((rows, columns), number);
        assert_eq!(dumped(&older), dumped(&newer));
        assert_eq!(dumped(&older.t()), dumped(&newer.t()));
        let shrunk = dumped(&newer.slice(ndarray::s![..;-1, ..;2]));
        assert_eq!(dumped(&older.slice(ndarray016::s![..;-1, ..;2])), shrunk);
        assert_eq!(loaded::<ndarray016::Array2<f64>>(&dumped(&newer)), older);
        assert_eq!(loaded::<Array2<f64>>(&dumped(&older)), newer);
        assert_eq!(there_and_back(&older.clone().into_dyn()), older.into_dyn());
    }
    let place = Place::new();
    let by_columns = Array2::from_elem((300, 200).f(), 1.5);
    joblib::dump(&by_columns, &place.path).unwrap();
    let mut file = joblib::open_cow::<ndarray016::Array2<f64>>(&place.path).unwrap();
    let mut view: ndarray016::ArrayViewMut2<'_, f64> = file.view_mut().unwrap();
    view[[299, 0]] = 2.5;
    assert_eq!(
        (view.strides(), view.sum()),
        (&[1, 300][..], 1.5 * 6e4 + 1.0)
    );
}

#[cfg(all(feature = "nalgebra", feature = "nalgebra034"))]
#[test]
fn matrices_of_both_lines_of_nalgebra_are_the_same_in_files() {
    for (rows, columns) in [(0, 3), (1, 7), (3, 4), (300, 200)] {
        let number = |row, column| (row * 1000 + column) as f64;
        let newer = nalgebra::DMatrix::from_fn(rows, columns, number);
        let older = nalgebra034::DMatrix::from_fn(rows, columns, number);
        assert_eq!(dumped(&older), dumped(&newer));
        let rows = rows.min(1);
        assert_eq!(
            dumped(&older.view((0, 0), (rows, columns))),
            dumped(&newer.view((0, 0), (rows, columns)))
        );
        assert_eq!(loaded::<nalgebra034::DMatrix<f64>>(&dumped(&newer)), older);
        assert_eq!(loaded::<nalgebra::DMatrix<f64>>(&dumped(&older)), newer);
        assert_eq!(there_and_back(&older), older);
    }
    let place = Place::new();
    joblib::dump(&nalgebra::DMatrix::from_element(300, 200, 1.5), &place.path).unwrap();
    let file = joblib::open::<nalgebra034::DMatrix<f64>>(&place.path).unwrap();
    let view: &nalgebra034::DMatrixView<'_, f64> = file.view();
    assert_eq!(view.sum(), 1.5 * 6e4);
    let fixed = nalgebra034::Matrix2x3::new(1.0, 2.0, 3.0, 4.0, 5.0, 6.0_f32);
    assert_eq!(there_and_back(&fixed), fixed);
}
