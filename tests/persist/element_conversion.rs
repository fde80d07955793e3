//! If a single value can be read as another type, so can an array of it: as checked
//! numbers, newtypes, options, or structs with one field.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::num::{NonZeroI64, NonZeroU8, NonZeroU16, Saturating, Wrapping};

use joblib::Persist;

use super::{as_another, assert_contains};

#[track_caller]
fn read<T: Persist, U: Persist>(value: &T) -> U {
    as_another(value).unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Persist)]
struct Metres(f64);

/// In the body, in an array of its own, and in several chunks.
const LENGTHS: [usize; 4] = [0, 3, 5000, 70_000];

/// The same lengths for rows.
const ROWS: [usize; 3] = [0, 3, 15_000];

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|it| (it % 255) as u8 + 1).collect()
}

#[test]
fn an_array_is_read_as_checked_and_wrapped_numbers_and_they_as_an_array() {
    for len in LENGTHS {
        let plain = bytes(len);
        let checked: Vec<NonZeroU8> = read(&plain);
        assert!(checked.iter().map(|it| it.get()).eq(plain.iter().copied()));
        assert_eq!(read::<_, Vec<u8>>(&checked), plain);
        assert_eq!(read::<_, VecDeque<u16>>(&checked).len(), len);
        let wider: Vec<NonZeroI64> = read(&plain);
        assert!(wider.iter().all(|it| it.get() <= 255));
        let wrapped: Vec<Wrapping<u16>> = read(&plain);
        assert!(
            wrapped
                .iter()
                .map(|it| it.0)
                .eq(plain.iter().map(|it| u16::from(*it)))
        );
        let again: Box<[u32]> = read(&wrapped);
        assert!(
            again
                .iter()
                .copied()
                .eq(plain.iter().map(|it| u32::from(*it)))
        );
        let signed: Vec<i16> = plain.iter().map(|it| -i16::from(*it)).collect();
        let saturating: Vec<Saturating<i64>> = read(&signed);
        assert!(
            saturating
                .iter()
                .map(|it| it.0)
                .eq(signed.iter().map(|it| i64::from(*it)))
        );
        assert!(read::<_, Vec<i64>>(&saturating).iter().all(|it| *it < 0));
    }
}

#[test]
fn an_array_is_read_as_options_and_newtypes_of_its_numbers() {
    for len in LENGTHS {
        let plain: Vec<f32> = (0..len).map(|it| it as f32 / 8.0).collect();
        let optional: Vec<Option<f64>> = read(&plain);
        assert!(
            optional.iter().eq(plain
                .iter()
                .map(|it| Some(f64::from(*it)))
                .collect::<Vec<_>>()
                .iter())
        );
        let metres: Vec<Metres> = read(&plain);
        assert!(
            metres
                .iter()
                .map(|it| it.0 as f32)
                .eq(plain.iter().copied())
        );
        let again: Vec<f64> = read(&metres);
        assert!(again.iter().map(|it| *it as f32).eq(plain.iter().copied()));
    }
}

#[test]
fn rows_are_read_as_rows_of_checked_and_wrapped_numbers_and_back() {
    for len in ROWS {
        let rows: Vec<[u8; 2]> = bytes(len).into_iter().map(|it| [it, 7]).collect();
        let checked: Vec<[NonZeroU8; 2]> = read(&rows);
        assert!(
            checked
                .iter()
                .map(|it| it.map(|it| it.get()))
                .eq(rows.iter().copied())
        );
        let again: Vec<[u16; 2]> = read(&checked);
        assert!(
            again
                .iter()
                .map(|it| it.map(|it| it as u8))
                .eq(rows.iter().copied())
        );
        let deeper: Vec<[[i8; 2]; 3]> = vec![[[1, -1], [2, -2], [3, -3]]; len];
        let wrapped: Vec<[[Wrapping<i32>; 2]; 3]> = read(&deeper);
        assert_eq!(wrapped.len(), len);
        assert!(wrapped.iter().all(|it| it[2][1] == Wrapping(-3)));
        assert_eq!(read::<_, Vec<[[i32; 2]; 3]>>(&wrapped).len(), len);
    }
    let lists = vec![vec![Wrapping(1_u8)], vec![]];
    let message = as_another::<_, Vec<[u8; 1]>>(&lists).unwrap_err();
    assert!(message.contains("rows have 1 and 0 values"), "{message}");
}

#[test]
fn a_zero_in_an_array_is_an_error_with_its_index() {
    #[derive(Persist)]
    struct Plain {
        counts: Vec<u16>,
    }
    #[derive(Debug, Persist)]
    #[allow(dead_code)]
    struct Checked {
        counts: Vec<NonZeroU16>,
    }
    for len in [4, 5000] {
        let mut counts = vec![1; len];
        counts[2] = 0;
        let message = as_another::<_, Checked>(&Plain { counts })
            .map(drop)
            .unwrap_err();
        let expected = "field `counts[2]`: the file has 0, a `NonZeroU16` was expected";
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn an_array_is_refused_if_a_single_number_would_be() {
    let message = as_another::<_, Vec<NonZeroU8>>(&vec![1_u16]).unwrap_err();
    let expected =
        "field `[]`: the file has u16, u8 was expected (numbers can be widened but not narrowed)";
    assert!(message.contains(expected), "{message}");
    let message = as_another::<_, Vec<String>>(&vec![1_u8]).unwrap_err();
    let expected = "the file has an array of u8, a sequence of text was expected";
    assert!(message.contains(expected), "{message}");
    let message = as_another::<_, Vec<Ipv4Addr>>(&vec![1_u32]).unwrap_err();
    let expected = "field `[]`: the file has u32, std's `Ipv4Addr` was expected";
    assert!(message.contains(expected), "{message}");
    let message = as_another::<_, Vec<u8>>(&vec![Wrapping(1_u16)]).unwrap_err();
    assert_contains(&message, "field `[]`: the file has u16, u8 was expected");
}
