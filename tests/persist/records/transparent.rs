//! Types that are written as their only number, and rows of such types.

use std::collections::VecDeque;
use std::marker::PhantomData;

use joblib::Persist;

use super::super::{Place, there_and_back};
use super::{Metre, parts_of, read_as};

/// Written as its only number.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
#[repr(transparent)]
#[persist(transparent)]
struct Metres(f64);

#[derive(Clone, Copy, Debug, PartialEq, Persist)]
#[repr(transparent)]
struct Seconds(f32);

#[derive(Clone, Debug, PartialEq, Persist)]
#[persist(transparent)]
struct Length<U> {
    value: u32,
    #[persist(skip)]
    unit: PhantomData<U>,
}

/// Larger in memory than its number.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
#[repr(align(16))]
#[persist(transparent)]
struct Wide(u16);

/// Only a number in memory, but with a second field that must be created.
#[derive(Clone, Debug, Default, PartialEq, Persist)]
#[persist(transparent)]
struct Named {
    value: i64,
    #[persist(skip)]
    token: Token,
}

#[derive(Clone, Debug, PartialEq)]
struct Token;

impl Default for Token {
    fn default() -> Token {
        MADE.with(|made| made.set(made.get() + 1));
        Token
    }
}

thread_local! {
    static MADE: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// Counts how often it is dropped.
#[derive(Debug, PartialEq, Persist)]
#[persist(transparent)]
struct Dropped(u8);

impl Drop for Dropped {
    fn drop(&mut self) {
        DROPPED.with(|dropped| dropped.set(dropped.get() + 1));
    }
}

thread_local! {
    static DROPPED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

#[test]
fn transparent_numbers_and_rows_of_them_are_arrays_of_numbers() {
    let array = |what: &str, shape: &[u64]| (what.to_owned(), shape.to_vec());
    let length = |value| Length::<Metre> {
        value,
        unit: PhantomData,
    };
    for count in [0, 2, 1000] {
        let value = (
            vec![Metres(0.5); count],
            vec![[Metres(0.5), Metres(1.0), Metres(-0.0)]; count],
            vec![[[Wide(1), Wide(2)]; 3]; count],
            vec![[length(1), length(2)]; count],
            vec![[Named::default(), Named::default()]; count],
            vec![Seconds(1.5); count],
        );
        assert_eq!(there_and_back(&value), value);
        let count = count as u64;
        let expected = [
            array("an array of f64", &[count]),
            array("an array of f64 with 2 dimensions", &[count, 3]),
            array("an array of u16 with 3 dimensions", &[count, 3, 2]),
            array("an array of u32 with 2 dimensions", &[count, 2]),
            array("an array of i64 with 2 dimensions", &[count, 2]),
            array("an array of the struct `Seconds`", &[count]),
        ];
        assert_eq!(parts_of(&value), expected);
        // They are interchangeable with numbers.
        let rows: Vec<[f64; 3]> = read_as(&value.1).unwrap();
        assert!(rows.iter().all(|row| *row == [0.5, 1.0, 0.0]));
        assert_eq!(read_as::<_, Vec<[Metres; 3]>>(&rows).unwrap(), value.1);
        // Rows as older files store them.
        let apart: Vec<Vec<Metres>> = value.1.iter().map(|row| row.to_vec()).collect();
        assert_eq!(read_as::<_, Vec<[Metres; 3]>>(&apart).unwrap(), value.1);
        let apart: Vec<Vec<u8>> = vec![vec![1, 2]; 3];
        assert_eq!(
            read_as::<_, Vec<[Wide; 2]>>(&apart).unwrap(),
            vec![[Wide(1), Wide(2)]; 3]
        );
        let mut deque: VecDeque<[Wide; 2]> =
            (0..count).map(|at| [Wide(at as u16), Wide(1)]).collect();
        deque.rotate_left(count as usize / 3);
        assert_eq!(there_and_back(&deque), deque);
        let mut deque: VecDeque<[Metres; 2]> = (0..count)
            .map(|at| [Metres(at as f64), Metres(1.0)])
            .collect();
        deque.rotate_left(count as usize / 3);
        assert_eq!(there_and_back(&deque), deque);
    }
}

#[test]
fn rows_of_transparent_numbers_are_mapped_as_rows_of_numbers() {
    let place = Place::new();
    let value = (vec![[Metres(0.5); 3]; 400], vec![[Wide(7); 2]; 3]);
    joblib::dump(&value, &place.path).unwrap();
    let file = joblib::open::<(Vec<[Metres; 3]>, Vec<[Wide; 2]>)>(&place.path).unwrap();
    let (metres, wide): (&[[f64; 3]], &[[u16; 2]]) = *file.view();
    assert_eq!((metres[399], wide[2]), ([0.5; 3], [7; 2]));
}

#[test]
fn skipped_fields_of_transparent_types_are_created_and_values_are_dropped_once() {
    let values = vec![[Named::default(), Named::default()]; 10];
    let before = MADE.with(std::cell::Cell::get);
    assert_eq!(read_as::<_, Vec<[Named; 2]>>(&values).unwrap(), values);
    assert!(MADE.with(std::cell::Cell::get) >= before + 20);
    let mut deque: VecDeque<[Dropped; 2]> = (0..100).map(|_| [Dropped(1), Dropped(2)]).collect();
    deque.rotate_left(33);
    let before = DROPPED.with(std::cell::Cell::get);
    let back: VecDeque<[Dropped; 2]> = read_as(&deque).unwrap();
    assert_eq!(back, deque);
    drop(back);
    assert_eq!(DROPPED.with(std::cell::Cell::get), before + 200);
}
