//! Error messages for values of another type and for invalid values: they name the field,
//! the type in the file and the expected type.

use std::collections::BTreeMap;
use std::num::{NonZeroI64, NonZeroU8};

use joblib::{Persist, persist::ErrorKind};

use super::Place;

/// Returns the error of loading the value as another type, which mapping reports as well.
#[track_caller]
fn error_of<T: Persist, Other: Persist>(value: &T) -> String {
    let place = Place::new();
    joblib::dump(value, &place.path).unwrap();
    let Err(error) = joblib::load::<Other>(&place.path) else {
        panic!("it was loaded");
    };
    assert!(matches!(error.kind(), ErrorKind::Schema(_)), "{error}");
    let mapped = joblib::open::<Other>(&place.path).err().unwrap();
    assert_eq!(mapped.to_string(), error.to_string());
    let (path, message) = (place.path.display().to_string(), error.to_string());
    let message = message.strip_prefix(&format!("{path}: the file has a different type: "));
    message.unwrap_or_else(|| panic!("{error}")).to_owned()
}

mod four {
    #[derive(joblib::Persist)]
    pub(super) struct Weights {
        pub(super) name: String,
        pub(super) w: [f64; 4],
        pub(super) more: Vec<Layer>,
    }
    #[derive(joblib::Persist)]
    pub(super) struct Layer {
        pub(super) bias: [[u8; 2]; 2],
    }
}

mod three {
    #[derive(joblib::Persist)]
    pub(super) struct Weights {
        pub(super) name: String,
        pub(super) w: [f64; 3],
        pub(super) more: Vec<Layer>,
    }
    #[derive(joblib::Persist)]
    pub(super) struct Layer {
        pub(super) bias: [[u8; 2]; 2],
    }
    /// Differs from the file in its fields as well.
    #[derive(joblib::Persist)]
    pub(super) struct Added {
        #[persist(default)]
        pub(super) added: u8,
        pub(super) more: Vec<Wide>,
        pub(super) name: String,
    }
    #[derive(joblib::Persist)]
    pub(super) struct Wide {
        pub(super) bias: [[u8; 3]; 2],
    }
}

fn weights() -> four::Weights {
    let layer = |bias| four::Layer { bias };
    four::Weights {
        name: "weights".to_owned(),
        w: [1.0; 4],
        more: vec![layer([[1, 2], [3, 4]]), layer([[5, 6], [7, 8]])],
    }
}

#[test]
fn an_array_of_another_length_is_refused_with_its_field() {
    let message = error_of::<_, three::Weights>(&weights());
    assert_eq!(
        message,
        "field `w`: the file has an array of 4 values, one of 3 was expected"
    );
}

#[test]
fn an_array_within_sequences_is_named_in_a_type_with_other_fields() {
    let message = error_of::<_, three::Added>(&weights());
    let expected = "field `more[].bias`: the file has rows of 2, rows of 3 was expected";
    assert_eq!(message, expected);
}

#[test]
fn a_long_array_in_a_map_is_named() {
    let map = BTreeMap::from([("a".to_owned(), [1_u64; 500]), ("b".to_owned(), [2; 500])]);
    let message = error_of::<_, BTreeMap<String, [u64; 400]>>(&map);
    assert_eq!(
        message,
        "field `[value 0]`: the file has an array of 500 values, one of 400 was expected"
    );
}

#[test]
fn a_number_that_is_zero_names_its_field() {
    #[derive(Persist)]
    struct Zero {
        first: u8,
        counts: Vec<(i64, u8)>,
    }
    #[derive(Persist)]
    struct NonZero {
        first: NonZeroU8,
        counts: Vec<(NonZeroI64, u8)>,
    }
    let zero = |first, second| Zero {
        first,
        counts: vec![(1, 0), (second, 0)],
    };
    let first = error_of::<_, NonZero>(&zero(0, 1));
    assert_eq!(
        first,
        "field `first`: the file has 0, a `NonZeroU8` was expected"
    );
    let second = error_of::<_, NonZero>(&zero(1, 0));
    assert_eq!(
        second,
        "field `counts[1].0`: the file has 0, a `NonZeroI64` was expected"
    );
    let place = Place::new();
    joblib::dump(&zero(7, 8), &place.path).unwrap();
    let whole: NonZero = joblib::load(&place.path).unwrap();
    assert_eq!((whole.first.get(), whole.counts[1].0.get()), (7, 8));
}

#[cfg(feature = "nalgebra")]
#[test]
fn a_matrix_of_another_size_names_its_field() {
    use nalgebra::{Matrix2, Matrix3};

    #[derive(Persist)]
    struct Three {
        turn: Matrix3<f64>,
    }
    #[derive(Persist)]
    struct Two {
        turn: Matrix2<f64>,
    }
    let turn = Matrix3::identity();
    let message = error_of::<_, Two>(&Three { turn });
    assert_eq!(
        message,
        "field `turn`: the file has a matrix with 3 rows, one with 2 was expected"
    );
}
