//! Messages around every size at which something fills up, both ways at once.

use crate::call::{Bytes, call};
use crate::function;

fn come_back(sizes: &[usize], workers: usize) {
    let inputs: Vec<Bytes> = sizes
        .iter()
        .enumerate()
        .map(|(place, &size)| Bytes(vec![place as u8; size]))
        .collect();
    let echoed: Vec<Bytes> = call(&function::echo, workers, &inputs).values();
    assert!(echoed == inputs, "{sizes:?}");
}

#[test]
fn messages_around_the_threshold_come_back() {
    let around = |size: usize| size - 40..size + 40;
    come_back(&around(64 << 10).collect::<Vec<_>>(), 2);
}

#[test]
fn many_messages_just_below_the_threshold_come_back() {
    come_back(&[65_000; 500], 2);
    come_back(&[65_000; 500], 1);
}

#[test]
fn messages_of_a_mebibyte_come_back() {
    let size = 1 << 20;
    come_back(&[size - 1, size, size + 1].repeat(20), 2);
}

#[test]
fn large_and_small_messages_mix() {
    let sizes: Vec<usize> = (0..300)
        .map(|x| [0, 1, 100, 70_000, 40_000][x % 5])
        .collect();
    come_back(&sizes, 3);
}

#[test]
fn very_large_messages_come_back() {
    come_back(&[200 << 20, 1, 200 << 20], 2);
}
