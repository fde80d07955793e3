//! `#[parallel]`: the same function over many inputs.

use joblib::backend::{Processes, Sequential, Threads};
use joblib::parallel;

#[parallel]
fn square(x: u64) -> u64 {
    x * x
}

#[parallel(shared(data))]
fn score(fold: usize, weight: f64, data: &[f64]) -> f64 {
    weight * data[fold % data.len()]
}

#[parallel]
fn nothing() -> u8 {
    7
}

#[test]
fn one_argument_takes_values() {
    assert_eq!(square::par(0..5).collect::<Vec<_>>(), [0, 1, 4, 9, 16]);
    let remote: Vec<u64> = square::par([3]).backend(Processes).collect();
    assert_eq!(remote, [9]);
}

#[test]
fn several_arguments_take_tuples_and_shared_ones_follow() {
    let data = vec![1.0, 2.0];
    let scores: Vec<f64> = score::par((0..3).map(|fold| (fold, 2.0)), &data)
        .backend(Processes)
        .collect();
    assert_eq!(scores, [2.0, 4.0, 2.0]);
}

#[test]
fn no_argument_takes_nothing() {
    let sevens: Vec<u8> = nothing::par([(), ()]).backend(Threads).collect();
    assert_eq!(sevens, [7, 7]);
    assert_eq!(
        nothing::par([()]).backend(Sequential).collect::<Vec<_>>(),
        [7]
    );
}
