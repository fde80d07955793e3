//! Arrays of structs of older shapes, of older files, and of structs that do not contain
//! only numbers.

use std::collections::LinkedList;

use joblib::Persist;
use proptest::prelude::*;

use super::super::{Place, assert_contains, there_and_back};
use super::{Option2, Point, Sample, apart, points, read_as, sample, samples};

/// `Sample` with reordered fields, a wider field, an alias, one field fewer and one more.
#[derive(Clone, Debug, Persist)]
struct Later {
    code: LaterCode,
    #[persist(alias = "id")]
    number: u64,
    #[persist(default = three)]
    rows: [f32; 3],
    weight: f64,
    flag: bool,
}

#[derive(Clone, Debug, Persist)]
struct LaterCode(i32, i64);

fn three() -> [f32; 3] {
    [1.0, 2.0, 3.0]
}

/// `Sample` with some fields that are not numbers and one that takes no space.
#[derive(Clone, Debug, Persist)]
#[allow(dead_code)]
struct Mixed {
    weight: Option<f64>,
    #[persist(default)]
    name: String,
    code: (),
    #[persist(skip)]
    seen: u8,
    id: u32,
}

#[test]
fn older_shapes_are_read_by_name() {
    for count in [0, 1, 7, 5000] {
        let values = samples(count);
        for later in [
            read_as::<_, Vec<Later>>(&values).unwrap(),
            read_as::<_, Vec<Later>>(&apart(&values)).unwrap(),
        ] {
            assert_eq!(later.len(), count);
            for (at, later) in later.iter().enumerate() {
                let value = sample(at);
                assert_eq!(later.code.0, i32::from(value.code.0));
                assert_eq!(later.code.1, value.code.1);
                assert_eq!(later.number, u64::from(value.id));
                assert_eq!((later.weight, later.flag), (value.weight, value.flag));
                assert_eq!(later.rows, three());
            }
            // From there to a type with fewer fields.
            let place = Place::new();
            joblib::dump(&later, &place.path).unwrap();
            #[derive(Persist)]
            struct Last {
                rows: [f64; 3],
                number: u64,
            }
            let last: Vec<Last> = joblib::load(&place.path).unwrap();
            assert!(last.iter().all(|it| it.rows == [1.0, 2.0, 3.0]));
            assert!(
                last.iter()
                    .zip(&later)
                    .all(|(last, it)| last.number == it.number)
            );
            let file = joblib::open::<Vec<Last>>(&place.path).unwrap();
            assert!(file.view().iter().all(|it| it.rows == [1.0, 2.0, 3.0]));
        }
    }
}

#[test]
fn structs_of_numbers_and_other_structs_are_converted_both_ways() {
    #[derive(Clone, Debug, PartialEq, Persist)]
    struct Before {
        id: u32,
        weight: f64,
        rows: [u16; 4],
        #[persist(default)]
        name: String,
    }
    #[derive(Clone, Debug, PartialEq, Persist)]
    struct After {
        rows: [u32; 4],
        weight: f64,
        id: u64,
    }
    for count in [0, 3, 4000] {
        let before = |at: usize| Before {
            id: at as u32,
            weight: 0.5,
            rows: [at as u16, 1, 2, 3],
            name: String::new(),
        };
        let before: Vec<_> = (0..count).map(before).collect();
        let after: Vec<After> = read_as(&before).unwrap();
        assert_eq!(after.len(), count);
        for (at, after) in after.iter().enumerate() {
            assert_eq!((after.id, after.rows[0]), (at as u64, u32::from(at as u16)));
        }
        let narrow: Vec<Narrow> = after
            .iter()
            .map(|it| Narrow {
                weight: it.weight,
                rows: it.rows.map(|it| it as u16),
                id: it.id as u32,
            })
            .collect();
        assert_eq!(read_as::<_, Vec<Before>>(&narrow).unwrap(), before);
        let mixed: Result<Vec<Mixed>, _> = read_as(&narrow);
        assert!(mixed.unwrap_err().contains("code"));
    }
    #[derive(Clone, Debug, PartialEq, Persist)]
    struct Narrow {
        weight: f64,
        rows: [u16; 4],
        id: u32,
    }
}

#[test]
fn long_rows_of_older_files_become_records() {
    // In older files, each row is an array of its own.
    #[derive(Clone, Debug, PartialEq, Persist)]
    struct Histogram {
        id: u8,
        bins: [f64; 200],
    }
    #[derive(Debug, PartialEq, Persist)]
    struct Wider {
        bins: [f64; 200],
        id: u16,
    }
    let values: Vec<_> = (0..30_u8)
        .map(|id| Histogram {
            id,
            bins: [f64::from(id); 200],
        })
        .collect();
    let before = (apart(&values), vec![1.5_f64; 500], apart(&values[..1]));
    let (first, between, last): (Vec<Histogram>, Vec<f64>, Vec<Wider>) = read_as(&before).unwrap();
    assert_eq!((first, between), (values.clone(), before.1));
    assert_eq!((last[0].id, last[0].bins), (0, [0.0; 200]));
    let back: LinkedList<Wider> = read_as(&values).unwrap();
    assert!(
        back.iter()
            .zip(&values)
            .all(|(one, other)| one.bins == other.bins)
    );
}

#[test]
fn rows_of_structs_and_sequences_of_records_are_converted_both_ways() {
    let rows = vec![[points(1)[0]; 3]; 50];
    let nested: Vec<Vec<Point<f32>>> = rows.iter().map(|row| row.to_vec()).collect();
    assert_eq!(read_as::<_, Vec<Vec<Point<f32>>>>(&rows).unwrap(), nested);
    assert_eq!(read_as::<_, Vec<[Point<f32>; 3]>>(&nested).unwrap(), rows);
    let wider: Vec<[Point<f64>; 3]> = read_as(&rows).unwrap();
    assert_eq!(wider[49][2].x, 0.0);
    let error = read_as::<_, Vec<[Point<f32>; 4]>>(&rows).unwrap_err();
    assert_contains(&error, "the file has rows of 3, rows of 4 was expected");
    let ragged = vec![points(3), points(2)];
    let error = read_as::<_, Vec<[Point<f32>; 3]>>(&ragged).unwrap_err();
    assert_contains(&error, "have 3 values in one struct and 2 in another");
}

#[test]
fn rows_of_another_length_are_reported_with_their_field() {
    #[derive(Debug, Persist)]
    #[allow(dead_code)]
    struct Three {
        id: u32,
        rows: [f32; 3],
    }
    #[derive(Clone, Debug, Persist)]
    struct Four {
        id: u32,
        rows: [f32; 4],
    }
    #[derive(Debug, Persist)]
    struct Model<T> {
        name: String,
        parts: Vec<T>,
    }
    for count in [1, 500] {
        let model = Model {
            name: "four".to_owned(),
            parts: vec![
                Four {
                    id: 1,
                    rows: [0.5; 4]
                };
                count
            ],
        };
        let message = read_as::<_, Model<Three>>(&model).unwrap_err();
        let expected = "field `parts[].rows`: the file has rows of 4, rows of 3 was expected";
        assert!(message.ends_with(expected), "{message}");
    }
}

#[test]
fn incompatible_fields_are_reported_by_name() {
    #[derive(Debug, Persist)]
    #[allow(dead_code)]
    struct Narrow {
        weight: f32,
        missing: u8,
    }
    let message = read_as::<_, Vec<Narrow>>(&samples(3)).unwrap_err();
    assert!(
        message.contains("[].weight") && message.contains("[].missing"),
        "{message}"
    );
    let message = read_as::<_, Vec<f64>>(&samples(3)).unwrap_err();
    assert_contains(&message, "an array of the struct `Sample`");
    let message = read_as::<_, Vec<Sample>>(&vec![1.5]).unwrap_err();
    assert_contains(&message, "an array of the struct `Sample`");
}

fn any_sample() -> impl Strategy<Value = Sample> {
    any::<(bool, f64, u32, i8, u16, i64)>().prop_map(|(flag, weight, id, small, first, second)| {
        Sample {
            flag,
            weight,
            id,
            small,
            code: Option2(first, second),
        }
    })
}

#[derive(Clone, Debug, PartialEq, Persist)]
struct Rearranged {
    code: Option2,
    small: i64,
    id: u128,
    weight: f64,
    flag: bool,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_structs_come_back_as_they_are_and_rearranged(
        values in proptest::collection::vec(any_sample(), 0..200),
    ) {
        prop_assert_eq!(&there_and_back(&values), &values);
        let rearranged: Vec<Rearranged> = read_as(&values).unwrap();
        let before: Vec<Rearranged> = read_as(&apart(&values)).unwrap();
        prop_assert_eq!(&rearranged, &before);
        let expected = values.iter().map(|it| Rearranged {
            code: it.code,
            small: it.small.into(),
            id: it.id.into(),
            weight: it.weight,
            flag: it.flag,
        });
        prop_assert!(rearranged.iter().cloned().eq(expected));
    }
}
