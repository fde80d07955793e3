//! Tests that the key of an array or a matrix does not depend on its storage.

#[cfg(feature = "nalgebra")]
mod of_nalgebra {
    use nalgebra::{Complex, DMatrix, Matrix2x3, Matrix3x2, Vector3};

    use crate::key::of;

    #[test]
    fn storage_does_not_count() {
        let fixed = Matrix2x3::new(1.0, 2.0, 3.0, 4.0, 5.0, 6.0);
        let dynamic = DMatrix::from_row_slice(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(of(&fixed), of(&dynamic));
        let larger = DMatrix::from_fn(5, 7, |row, column| (row * 7 + column) as f64);
        let view = larger.view((1, 2), (2, 3));
        assert_eq!(of(&view), of(&view.into_owned()));
        let strided = larger.view_with_steps((0, 0), (2, 2), (1, 2));
        assert_eq!(of(&strided), of(&strided.into_owned()));
    }

    #[test]
    fn shape_and_order_count() {
        let elements = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let wide = Matrix2x3::from_column_slice(&elements);
        let high = Matrix3x2::from_column_slice(&elements);
        assert_ne!(of(&wide), of(&high));
        assert_ne!(of(&wide), of(&high.transpose()));
        assert_ne!(of(&wide), of(&elements));
        assert_ne!(of(&Vector3::new(1, 2, 3)), of(&Vector3::new(3, 2, 1)));
    }

    #[cfg(feature = "nalgebra034")]
    #[test]
    fn both_lines_of_nalgebra_have_the_same_keys() {
        let elements = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let older = nalgebra034::DMatrix::from_column_slice(2, 3, &elements);
        let newer = DMatrix::from_column_slice(2, 3, &elements);
        assert_eq!(of(&older), of(&newer));
        assert_ne!(of(&older), of(&newer.transpose()));
        assert_eq!(of(&older.row(1)), of(&newer.row(1)));
        let complex = Complex::new(1.0f32, 2.0);
        let older = nalgebra034::Vector2::new(complex, complex);
        assert_eq!(of(&older), of(&nalgebra::Vector2::new(complex, complex)));
    }

    #[test]
    fn keys_never_change() {
        let complex = Vector3::new(Complex::new(1.0f32, 2.0), Complex::I, -Complex::I);
        golden! { of:
            Matrix2x3::new(1.0, 2.0, 3.0, 4.0, 5.0, 6.0) => 0xd25b06e914c5512c737b7775710aadc2,
            complex => 0x6d3abf200918e93bd7a94323e98e8052,
            complex[0] => 0x4785a72d7bf713c670f72a6f138ab974,
        }
    }
}

#[cfg(feature = "ndarray")]
mod of_ndarray {
    use ndarray::{ArcArray, Array, Array1, Array2, Array3, Ix3, ShapeBuilder, arr0, s};
    use proptest::prelude::*;

    use crate::key::of;

    fn numbers(shape: (usize, usize, usize)) -> Array3<f64> {
        Array3::from_shape_fn(shape, |(i, j, k)| (i * 100 + j * 10 + k) as f64)
    }

    proptest! {
        #[test]
        fn layout_does_not_count(shape in (0..5usize, 0..5usize, 0..5usize), axes in 0..6usize) {
            let plain = numbers(shape);
            let mut by_column = Array::zeros(shape.f());
            by_column.assign(&plain);
            prop_assert_eq!(of(&plain), of(&by_column));

            let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
            let turned = plain.view().permuted_axes(orders[axes]);
            prop_assert_eq!(of(&turned), of(&turned.as_standard_layout()));
            let stepped = plain.slice(s![..;2, ..;-1, ..;-2]);
            prop_assert_eq!(of(&stepped), of(&stepped.as_standard_layout()));
        }
    }

    #[test]
    fn storage_and_kind_of_dimension_do_not_count() {
        let owned = numbers((2, 3, 4));
        let key = of(&owned);
        assert_eq!(of(&owned.view()), key);
        assert_eq!(of(&ArcArray::<f64, Ix3>::from(owned.clone())), key);
        assert_eq!(of(&owned.into_dyn()), key);
    }

    #[test]
    fn shape_and_order_count() {
        let flat = Array1::from_iter(0..6u32);
        let shaped = |rows, columns| of(&flat.to_shape((rows, columns)).unwrap());
        assert_ne!(shaped(2, 3), shaped(3, 2));
        assert_ne!(shaped(1, 6), of(&flat));
        assert_ne!(of(&flat), of(&flat.to_vec()));
        assert_ne!(of(&flat), of(&flat.slice(s![..;-1])));
        assert_ne!(
            of(&Array2::<u8>::zeros((0, 2))),
            of(&Array2::<u8>::zeros((2, 0)))
        );
        assert_ne!(of(&Array1::<u8>::zeros(0)), of(&Array1::<u16>::zeros(0)));
    }

    #[cfg(feature = "ndarray016")]
    #[test]
    fn both_lines_of_ndarray_have_the_same_keys() {
        let newer = numbers((2, 3, 4));
        let older = ndarray016::Array3::from_shape_vec((2, 3, 4), newer.iter().copied().collect());
        let older = older.unwrap();
        assert_eq!(of(&older), of(&newer));
        assert_ne!(of(&older.t()), of(&newer));
        assert_eq!(of(&older.t()), of(&newer.t()));
        assert_eq!(of(&older.view().into_dyn()), of(&newer));
        let older = older.slice(ndarray016::s![.., ..;2, ..;-1]);
        assert_eq!(of(&older), of(&newer.slice(s![.., ..;2, ..;-1])));
    }

    #[test]
    fn keys_never_change() {
        golden! { of:
            numbers((2, 3, 4)) => 0xce409d0c0fd805aa26eec76ba5ad4af9,
            arr0(1u8) => 0xca8ba3a993fda960ab2536b16561369f,
            Array1::<f32>::zeros(0) => 0x224f58d9fc8d629549b5159ff5569754,
        }
    }
}
