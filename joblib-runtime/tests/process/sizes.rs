//! Messages around every size at which a buffer fills up, in both directions at once.

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
fn messages_around_the_capacity_of_a_pipe_come_back() {
    let size = 64 << 10;
    come_back(&(size - 40..size + 40).collect::<Vec<_>>(), 2);
}

#[test]
fn messages_around_the_threshold_come_back() {
    let size = 1 << 20;
    come_back(&(size - 20..size + 4).collect::<Vec<_>>(), 2);
}

#[test]
fn many_messages_just_below_the_threshold_come_back() {
    come_back(&[65_000; 500], 2);
    come_back(&[600_000; 60], 2);
    come_back(&[65_000; 500], 1);
}

#[test]
fn large_and_small_messages_mix() {
    let sizes: Vec<usize> = (0..300)
        .map(|x| [0, 1, 100, 1_100_000, 400_000][x % 5])
        .collect();
    come_back(&sizes, 3);
}

#[test]
fn very_large_messages_come_back() {
    come_back(&[200 << 20, 1, 200 << 20], 2);
}
