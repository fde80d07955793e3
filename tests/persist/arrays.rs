//! Arrays of `ndarray` keep their shape and order, and are mapped as views.

use joblib::persist::Save;
use joblib::{Dump, Load, Persist};
use ndarray::{
    ArcArray, ArcArray2, Array, Array0, Array1, Array2, Array3, ArrayD, ArrayView2, ArrayViewD,
    ArrayViewMut2, Axis, CowArray, Dimension, Ix2, IxDyn, ShapeBuilder, Slice, arr0, s,
};
use proptest::prelude::*;

use super::{Place, assert_contains, there_and_back};

fn numbered<D: Dimension>(shape: impl ShapeBuilder<Dim = D>) -> Array<f64, D> {
    let mut array = Array::zeros(shape);
    for (place, value) in array.iter_mut().enumerate() {
        *value = place as f64;
    }
    array
}

fn dumped<T: Save + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, value).unwrap();
    bytes
}

fn loaded<T: Persist>(bytes: &[u8]) -> T {
    Load::new().read(bytes).unwrap()
}

/// The smallest array of each shape, and arrays that do and do not fit in the body.
#[test]
fn arrays_of_every_dimension_come_back() {
    assert_eq!(there_and_back(&arr0(1.5)), arr0(1.5));
    for len in [0, 1, 127, 128, 129, 300_000] {
        let array: Array1<f64> = numbered(len);
        assert_eq!(there_and_back(&array), array);
    }
    for shape in [[0, 0, 0], [1, 1, 1], [3, 0, 2], [3, 4, 5], [30, 40, 50]] {
        let array: Array3<f64> = numbered(shape);
        assert_eq!(there_and_back(&array), array);
        let array: Array3<f64> = numbered(shape.f());
        assert_eq!(there_and_back(&array), array);
    }
    for shape in [&[][..], &[0], &[7], &[2, 3], &[1; 10], &[2; 12]] {
        let array: ArrayD<f64> = numbered(IxDyn(shape));
        assert_eq!(there_and_back(&array), array);
    }
    let array: Array<f64, ndarray::Ix6> = numbered([2, 3, 2, 3, 2, 3]);
    assert_eq!(there_and_back(&array), array);
}

#[test]
fn arrays_of_every_number_come_back() {
    macro_rules! of {
        ($($ty:ty)*) => {$(
            let array = Array2::from_shape_fn((40, 50), |(row, column)| (row * column % 100) as $ty);
            assert_eq!(there_and_back(&array), array);
        )*};
    }
    of!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);
    let flags = Array2::from_shape_fn((40, 50), |(row, column)| row > column);
    assert_eq!(there_and_back(&flags), flags);
}

#[test]
fn the_memory_order_is_preserved() {
    for (rows, columns) in [(2, 3), (300, 200)] {
        let by_rows: Array2<f64> = numbered((rows, columns));
        let by_columns: Array2<f64> = numbered((rows, columns).f());
        let back = there_and_back(&by_rows);
        assert_eq!((&back, back.strides()), (&by_rows, by_rows.strides()));
        let back = there_and_back(&by_columns);
        assert_eq!((&back, back.strides()), (&by_columns, by_columns.strides()));
    }
    let permuted: Array3<f64> = numbered([4, 5, 6]).permuted_axes([0, 2, 1]);
    let back = there_and_back(&permuted.as_standard_layout().to_owned());
    assert_eq!(back, permuted);
    let back: Array3<f64> = loaded(&dumped(&permuted));
    assert!(back.is_standard_layout());
    assert_eq!(back, permuted);
}

#[test]
fn shared_and_copy_on_write_arrays_come_back() {
    let array: Array2<f64> = numbered((30, 40).f());
    let shared: ArcArray2<f64> = array.clone().into_shared();
    assert_eq!(there_and_back(&shared), shared);
    let borrowing: CowArray<'_, f64, Ix2> = CowArray::from(array.view());
    assert_eq!(dumped(&borrowing), dumped(&array));
    let owning: CowArray<'static, f64, Ix2> = loaded(&dumped(&borrowing));
    assert_eq!(owning, array);
    let dynamic: ArcArray<f64, IxDyn> = loaded(&dumped(&array.clone().into_dyn()));
    assert_eq!(dynamic, array.into_dyn());
}

#[test]
fn views_and_references_are_written_as_what_they_show() {
    let mut array: Array2<f64> = numbered((300, 200));
    let bytes = dumped(&array);
    assert_eq!(dumped(&array.view()), bytes);
    assert_eq!(dumped(&array.view_mut()), bytes);
    assert_eq!(dumped::<ndarray::ArrayRef2<f64>>(&array), bytes);
    let inner = array.slice(s![10..290;7, 5..;-3]);
    let back: Array2<f64> = loaded(&dumped(&inner));
    assert_eq!(back, inner);
    assert_eq!(dumped(&inner), dumped(&inner.to_owned()));
    assert_eq!(joblib::hash(&inner), joblib::hash(&inner.to_owned()));
    let column = array.column(3);
    assert_eq!(loaded::<Array1<f64>>(&dumped(&column)), column);
    let broadcast = array.broadcast((4, 300, 200)).unwrap();
    assert_eq!(loaded::<Array3<f64>>(&dumped(&broadcast)), broadcast);
}

#[test]
fn one_dimension_is_a_slice_and_dimensions_may_be_dynamic() {
    let numbers: Vec<f64> = (0..3000).map(f64::from).collect();
    let array: Array1<f64> = loaded(&dumped(&numbers));
    assert_eq!(array.as_slice(), Some(&numbers[..]));
    assert_eq!(loaded::<Vec<f64>>(&dumped(&array)), numbers);
    let array: Array2<f64> = numbered((30, 40).f());
    let dynamic: ArrayD<f64> = loaded(&dumped(&array));
    assert_eq!(dynamic, array.clone().into_dyn());
    assert_eq!(loaded::<Array2<f64>>(&dumped(&dynamic)), array);
    let error = Load::new()
        .read::<Array3<f64>>(&dumped(&dynamic)[..])
        .unwrap_err()
        .to_string();
    assert_contains(&error, "the file has an array with 2 dimensions");
    let error = Load::new()
        .read::<Array3<f64>>(&dumped(&array)[..])
        .unwrap_err()
        .to_string();
    let expected = "an array of f64 with 2 dimensions, an array of f64 with 3";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn arrays_become_wider() {
    let narrow = Array2::from_shape_fn((40, 50).f(), |(row, column)| (row + column) as f32);
    let wide: Array2<f64> = loaded(&dumped(&narrow));
    assert_eq!(wide, narrow.mapv(f64::from));
}

#[derive(Persist)]
struct Model {
    name: String,
    weights: Array2<f32>,
    turned: Array2<f64>,
    few: Array0<u16>,
    any: ArrayD<u8>,
    flags: Array1<bool>,
    layers: Vec<Array2<f32>>,
}

fn model() -> Model {
    Model {
        name: "n".to_owned(),
        weights: Array2::from_elem((100, 200), 1.5),
        turned: numbered((100, 200).f()),
        few: arr0(7),
        any: ArrayD::from_elem(IxDyn(&[3, 1, 700]), 9),
        flags: Array1::from_elem(5000, true),
        layers: vec![Array2::zeros((2, 2)), Array2::ones((300, 2))],
    }
}

#[test]
fn a_map_shows_arrays_as_views() {
    let place = Place::new();
    joblib::dump(&model(), &place.path).unwrap();
    let file = joblib::open::<Model>(&place.path).unwrap();
    let view = file.view();
    let weights: &ArrayView2<'_, f32> = &view.weights;
    assert_eq!(weights, &model().weights);
    assert_eq!(view.turned, model().turned);
    assert_eq!(view.turned.strides(), [1, 100]);
    assert_eq!(view.few, arr0(7));
    let any: &ArrayViewD<'_, u8> = &view.any;
    assert_eq!(any.shape(), [3, 1, 700]);
    assert!(view.flags.iter().all(|it| *it));
    assert_eq!(view.layers[1], Array2::<f32>::ones((300, 2)));
    assert_eq!(view.name, "n");
    file.check(weights.as_slice().unwrap()).unwrap();
    file.verify().unwrap();
    // Arrays start at page boundaries and are not copied.
    assert!((view.turned.as_ptr() as usize).is_multiple_of(4096));
}

#[test]
fn a_copy_on_write_map_shows_arrays_that_can_be_written() {
    let place = Place::new();
    joblib::dump(&model(), &place.path).unwrap();
    let mut file = joblib::open_cow::<Model>(&place.path).unwrap();
    {
        let mut view = file.view_mut().unwrap();
        let turned: &mut ArrayViewMut2<'_, f64> = &mut view.turned;
        turned[[99, 0]] = -1.0;
        view.layers[0][[1, 1]] = 5.0;
    }
    let view = file.view_mut().unwrap();
    assert_eq!((view.turned[[99, 0]], view.layers[0][[1, 1]]), (-1.0, 5.0));
    let loaded: Model = joblib::load(&place.path).unwrap();
    assert_eq!(loaded.turned, model().turned);
}

#[test]
fn inspection_reports_the_shape() {
    let place = Place::new();
    joblib::dump(&model(), &place.path).unwrap();
    let inspection = joblib::inspect(&place.path).unwrap();
    let part = |name: &str| {
        let found = inspection.parts.iter().find(|part| part.name == name);
        found.unwrap().clone()
    };
    assert_eq!(part("weights").shape, [100, 200]);
    assert_eq!(part("weights").what, "an array of f32 with 2 dimensions");
    assert_eq!(part("any").shape, [3, 1, 700]);
}

#[joblib::memoize(dir = "target/test-cache/arrays", memory_tier = false)]
fn products(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns).f(), |(row, column)| (row * column) as f64)
}

#[test]
fn an_array_is_the_result_of_a_memoized_function() {
    products::clear();
    let computed = products(30, 400);
    assert!(products::check(30, 400));
    let stored = products(30, 400);
    assert_eq!(products::stats().disk_hits, 1);
    assert_eq!((&stored, stored.strides()), (&computed, computed.strides()));
}

/// Generates shapes of arrays, and the slices and permutations that make strided views.
fn shapes() -> impl Strategy<Value = (Vec<usize>, bool, Vec<isize>, Vec<usize>, bool)> {
    prop::collection::vec(
        prop_oneof![4 => 1..7_usize, 1 => Just(0), 1 => 20..40_usize],
        0..5,
    )
    .prop_flat_map(|shape| {
        let axes: Vec<usize> = (0..shape.len()).collect();
        let steps = prop::collection::vec(
            prop_oneof![Just(1_isize), Just(-1), Just(2), Just(-3)],
            shape.len(),
        );
        let order = Just(axes).prop_shuffle();
        (Just(shape), any::<bool>(), steps, order, any::<bool>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_shape_and_stride_comes_back((shape, is_fortran, steps, axes, is_whole) in shapes()) {
        let array: ArrayD<f64> = numbered(IxDyn(&shape).set_f(is_fortran));
        let mut view = array.view();
        if !is_whole {
            for (axis, step) in steps.into_iter().enumerate() {
                view.slice_axis_inplace(Axis(axis), Slice::new(0, None, step));
            }
            view = view.permuted_axes(axes);
        }
        let bytes = dumped(&view);
        let back: ArrayD<f64> = loaded(&bytes);
        prop_assert_eq!(&back, &view);
        prop_assert_eq!(&dumped(&back), &bytes);
        match view.t().is_standard_layout() && !view.is_standard_layout() {
            true => prop_assert!(back.t().is_standard_layout()),
            false => prop_assert!(back.is_standard_layout()),
        }
    }
}
