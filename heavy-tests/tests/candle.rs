//! Tensors of `candle` as arguments and results of memoized functions, and in files.

use candle_core::{DType, Device, Tensor, Var};
use heavy_tests::{dumped, key, key_failure, loaded, mapped, there_and_back};
use joblib::{Persist, memoize};

const DTYPES: [DType; 9] = [
    DType::U8,
    DType::U32,
    DType::I16,
    DType::I32,
    DType::I64,
    DType::BF16,
    DType::F16,
    DType::F32,
    DType::F64,
];

fn numbered(shape: &[usize], dtype: DType) -> Tensor {
    let count: usize = shape.iter().product();
    let numbers: Vec<u32> = (0..count as u32).map(|at| at % 100).collect();
    let tensor = Tensor::from_vec(numbers, shape, &Device::Cpu).unwrap();
    tensor.to_dtype(dtype).unwrap()
}

#[track_caller]
fn assert_same(left: &Tensor, right: &Tensor) {
    assert_eq!((left.dtype(), left.dims()), (right.dtype(), right.dims()));
    let numbers = |it: &Tensor| {
        let flat = it.to_dtype(DType::F64).unwrap().flatten_all().unwrap();
        flat.to_vec1::<f64>().unwrap()
    };
    assert_eq!(numbers(left), numbers(right));
}

#[test]
fn tensors_of_every_type_and_shape_come_back() {
    for dtype in DTYPES {
        for shape in [&[][..], &[0], &[7], &[3, 0, 2], &[30, 40, 5], &[1; 8]] {
            let tensor = numbered(shape, dtype);
            assert_same(&there_and_back(&tensor), &tensor);
            mapped(&tensor, |file| {
                assert_same(file.view(), &tensor);
                file.verify().unwrap();
            });
        }
    }
}

#[test]
fn strides_count_neither_in_keys_nor_in_files() {
    for dtype in DTYPES {
        let tensor = numbered(&[30, 40, 5], dtype);
        let views = [
            tensor.permute((2, 0, 1)).unwrap(),
            tensor.narrow(1, 3, 20).unwrap(),
            tensor.narrow(0, 3, 20).unwrap(),
            tensor.get(7).unwrap().t().unwrap(),
            tensor
                .narrow(0, 0, 1)
                .unwrap()
                .broadcast_as((4, 40, 5))
                .unwrap(),
        ];
        for view in views {
            let copied = view.force_contiguous().unwrap();
            assert_eq!(key(&view), key(&copied));
            assert_eq!(dumped(&view), dumped(&copied));
            assert_same(&loaded::<Tensor>(&dumped(&view)), &copied);
        }
    }
}

#[test]
fn type_shape_and_order_count_in_keys() {
    let mut keys: Vec<u128> = DTYPES.map(|dtype| key(&numbered(&[4, 6], dtype))).into();
    let tensor = numbered(&[4, 6], DType::F32);
    keys.extend([
        key(&tensor.t().unwrap()),
        key(&tensor.reshape((6, 4)).unwrap()),
        key(&tensor.reshape(24).unwrap()),
        key(&tensor.neg().unwrap()),
        key(&numbered(&[0, 6], DType::F32)),
        key(&numbered(&[4, 0], DType::F32)),
    ]);
    for (at, key) in keys.iter().enumerate() {
        assert!(!keys[..at].contains(key), "{at}");
    }
}

#[test]
fn keys_never_change() {
    let tensors = [
        numbered(&[2, 3], DType::F32),
        numbered(&[2, 3], DType::BF16),
        numbered(&[], DType::I64),
    ];
    let keys = tensors.map(|tensor| format!("{:032x}", key(&tensor)));
    assert_eq!(
        keys,
        [
            "2d330ae0ce494f72e12a633a74684426",
            "151c4be1315db96dfb1c7ab7b30c1320",
            "f54069c5d8621e81bb6cd6563ab46f77"
        ]
    );
}

#[test]
fn a_variable_counts_with_its_present_value() {
    let variable = Var::from_tensor(&numbered(&[2, 3], DType::F32)).unwrap();
    let before = key(variable.as_tensor());
    assert_eq!(before, key(&numbered(&[2, 3], DType::F32)));
    variable
        .set(&numbered(&[2, 3], DType::F32).neg().unwrap())
        .unwrap();
    assert_ne!(key(variable.as_tensor()), before);
}

#[test]
fn a_type_of_numbers_that_is_not_supported_is_refused_with_a_way_out() {
    let tensor = numbered(&[2, 3], DType::F32)
        .to_dtype(DType::F8E4M3)
        .unwrap();
    let failure = key_failure(&tensor);
    assert!(
        failure.contains("f8e4m3; convert it to `F32` with `to_dtype`"),
        "{failure}"
    );
    let error = joblib::Dump::new()
        .write(std::io::sink(), &tensor)
        .unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("f8e4m3; convert it to `F32` with `to_dtype`"),
        "{error}"
    );
}

#[derive(Persist)]
struct Model {
    layers: Vec<Tensor>,
    scale: f32,
}

#[test]
fn a_struct_with_tensors_comes_back() {
    let layers = DTYPES.map(|dtype| numbered(&[100, 70], dtype)).into();
    let model = Model { layers, scale: 0.5 };
    let back: Model = loaded(&dumped(&model));
    assert_eq!((back.layers.len(), back.scale), (9, 0.5));
    for (left, right) in back.layers.iter().zip(&model.layers) {
        assert_same(left, right);
    }
}

#[memoize(dir = "../target/heavy-tests")]
fn doubled(tensor: &Tensor, times: u32) -> Tensor {
    (0..times).fold(tensor.clone(), |sum, _| (&sum + &sum).unwrap())
}

#[test]
fn a_memoized_function_takes_and_returns_tensors() {
    let tensor = numbered(&[30, 40], DType::F32);
    let expected = doubled(&tensor, 3);
    assert!(doubled::check(
        &tensor.t().unwrap().contiguous().unwrap().t().unwrap(),
        3
    ));
    assert_same(&doubled(&tensor, 3), &expected);
    assert!(!doubled::check(&tensor.t().unwrap(), 3));
}

#[test]
fn damaged_files_are_refused() {
    let bytes = dumped(&numbered(&[20, 30], DType::F32));
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x41;
        assert!(
            joblib::Load::new().read::<Tensor>(&damaged[..]).is_err(),
            "byte {at}"
        );
    }
}
