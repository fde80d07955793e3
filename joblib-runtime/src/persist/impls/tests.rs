//! Invalid array shapes are rejected when a file is loaded and inspected.

use ndarray::{Array0, Array1, Array2, ArrayD};

use crate::persist::derive_support::{BodyWriter, SchemaBuilder};
use crate::persist::{Dump, Error, Load, NumberKind, Persist, Save, inspect};

/// The contents of a file for an array of `f64`.
#[derive(Clone, Copy)]
struct Forged<const FIXED: bool> {
    dimensions: &'static [u64],
    order: u8,
    numbers: &'static [f64],
}

impl<const FIXED: bool> Save for Forged<FIXED> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.grid(NumberKind::F64, FIXED.then_some(2))
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        if !FIXED {
            writer.length(self.dimensions.len());
        }
        self.dimensions.iter().for_each(|it| writer.varint(*it));
        writer.raw(&[self.order]);
        writer.numbers(self.numbers);
        Ok(())
    }
}

const MANY: &[f64] = &[1.5; 600];

#[track_caller]
fn read<T: Persist>(value: &impl Save) -> Result<T, String> {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, value).unwrap();
    let loaded = Load::new().read::<T>(&bytes[..]);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("forged.joblib");
    std::fs::write(&path, bytes).unwrap();
    // Mapping, loading, and inspecting agree on whether the file is valid.
    assert_eq!(super::super::open::<T>(&path).is_ok(), loaded.is_ok());
    assert!(loaded.is_err() || inspect(&path).is_ok());
    loaded.map_err(|error| error.to_string())
}

fn fixed(dimensions: &'static [u64], order: u8, numbers: &'static [f64]) -> Forged<true> {
    Forged {
        dimensions,
        order,
        numbers,
    }
}

fn dynamic(dimensions: &'static [u64], order: u8, numbers: &'static [f64]) -> Forged<false> {
    Forged {
        dimensions,
        order,
        numbers,
    }
}

#[test]
fn what_is_forged_as_it_should_be_is_an_array() {
    let array: Array2<f64> = read(&fixed(&[20, 30], 0, MANY)).unwrap();
    assert_eq!(array, Array2::from_elem((20, 30), 1.5));
    let array: Array2<f64> = read(&fixed(&[20, 30], 1, MANY)).unwrap();
    assert_eq!(array.strides(), [1, 20]);
    let array: ArrayD<f64> = read(&dynamic(&[20, 30], 1, MANY)).unwrap();
    assert_eq!(array.shape(), [20, 30]);
    let array: Array0<f64> = read(&dynamic(&[], 0, &[1.0])).unwrap();
    assert_eq!(array.into_scalar(), 1.0);
    let array: Array1<f64> = read(&dynamic(&[2], 0, &[1.0, 2.0])).unwrap();
    assert_eq!(array.to_vec(), [1.0, 2.0]);
}

#[test]
fn shapes_that_are_not_what_is_there_are_refused() {
    const HALF: u64 = 1 << 63;
    for dimensions in [
        &[20, 31][..],
        &[19, 30],
        &[0, 600],
        &[HALF, 2],
        &[HALF, 2 * 600],
        &[u64::MAX, u64::MAX],
        &[1 << 32, 1 << 32],
        &[1 << 32, (1 << 32) + 600],
        &[1 << 61, 1],
        &[u64::MAX, 0],
        &[1 << 40, 0],
    ] {
        assert!(read::<Array2<f64>>(&fixed(dimensions, 0, MANY)).is_err());
        assert!(read::<ArrayD<f64>>(&dynamic(dimensions, 0, MANY)).is_err());
        #[cfg(feature = "nalgebra")]
        assert!(read::<nalgebra::DMatrix<f64>>(&fixed(dimensions, 0, MANY)).is_err());
    }
    for dimensions in [&[u64::MAX, 0][..], &[0, HALF, HALF], &[0, 1 << 62, 4]] {
        let error = read::<ArrayD<f64>>(&dynamic(dimensions, 0, &[])).unwrap_err();
        assert!(error.contains("exceeds the address space"), "{error}");
    }
    #[cfg(feature = "nalgebra")]
    for dimensions in [&[u64::MAX, 0], &[0, HALF]] {
        let error = read::<nalgebra::DMatrix<f64>>(&fixed(dimensions, 0, &[])).unwrap_err();
        assert!(error.contains("exceeds the address space"), "{error}");
    }
}

#[test]
fn an_array_has_one_encoding() {
    for (dimensions, numbers) in [
        (&[1, 600][..], MANY),
        (&[600, 1], MANY),
        (&[1, 1], &[1.5]),
        (&[0, 5], &[]),
    ] {
        let error = read::<Array2<f64>>(&fixed(dimensions, 1, numbers)).unwrap_err();
        assert!(error.contains("states an order"), "{error}");
        assert!(read::<ArrayD<f64>>(&dynamic(dimensions, 1, numbers)).is_err());
        assert!(read::<Array2<f64>>(&fixed(dimensions, 0, numbers)).is_ok());
    }
    let error = read::<Array2<f64>>(&fixed(&[20, 30], 2, MANY)).unwrap_err();
    assert!(error.contains("invalid bool byte"), "{error}");
    assert!(read::<ArrayD<f64>>(&dynamic(&[600], 1, MANY)).is_err());
    assert!(read::<Vec<f64>>(&dynamic(&[600], 1, MANY)).is_err());
    assert!(read::<ArrayD<f64>>(&dynamic(&[], 1, &[1.0])).is_err());
}

/// Only the number of dimensions.
struct Rank(u64);

impl Save for Rank {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.grid(NumberKind::F64, None)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.varint(self.0);
        writer.raw(&[1; 20]);
        Ok(())
    }
}

#[test]
fn more_dimensions_than_bytes_are_refused() {
    for count in [20, 21, 1 << 40, u64::MAX] {
        let error = read::<ArrayD<f64>>(&Rank(count)).unwrap_err();
        assert!(error.contains("unexpected end"), "{error}");
    }
}
