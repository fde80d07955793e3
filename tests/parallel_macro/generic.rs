//! Functions with generic parameters.

use std::ops::Add;

use joblib::backend::{Processes, Threads};
use joblib::parallel;
use serde::{Deserialize, Serialize};

#[parallel(instantiate(f32, f64))]
fn double<T: Copy + Add<Output = T>>(x: T) -> T {
    x + x
}

#[parallel(instantiate((f64, 2), (f32, 3)), shared(offset))]
fn sum<T, const N: usize>(row: [T; N], offset: &T) -> T
where
    T: Copy + Add<Output = T> + Serialize + for<'de> Deserialize<'de>,
    [T; N]: Sized,
{
    row.into_iter().fold(*offset, |sum, x| sum + x)
}

#[parallel(instantiate(u8))]
fn only_in_the_result<T: Default>(_: u8) -> T {
    T::default()
}

#[parallel]
fn implementation(x: impl Into<f64>, y: &impl AsRef<str>) -> f64 {
    x.into() + y.as_ref().len() as f64
}

#[parallel(shared(f))]
fn apply<F: Fn(u64) -> u64>(x: u64, f: &F) -> u64 {
    f(x)
}

#[parallel]
fn unsized_too<T: AsRef<str> + ?Sized>(x: &T) -> usize {
    x.as_ref().len()
}

const THREE: usize = 3;

#[parallel(instantiate(2, THREE))]
fn last<const N: usize>(row: [u8; N]) -> u8 {
    row[N - 1]
}

#[parallel(instantiate(String), shared(words))]
#[allow(clippy::multiple_bound_locations, reason = "the test covers this case")]
fn longest<'a, 'b: 'a, T>(least: usize, words: &'b [T], _first: &'a T) -> usize
where
    'b: 'a,
    T: AsRef<str> + 'b,
{
    words
        .iter()
        .map(|word| word.as_ref().len())
        .fold(least, usize::max)
}

#[test]
fn constants_and_bounds_of_lifetimes_are_parameters() {
    let last: Vec<u8> = last::par([[1, 2, 3]]).backend(Processes).collect();
    assert_eq!(last, [3]);
    let words = ["a".to_owned(), "bcd".to_owned()];
    let inputs = [(2, &words[0]), (5, &words[1])];
    let longest: Vec<usize> = longest::par(inputs, &words).backend(Processes).collect();
    assert_eq!(longest, [3, 5]);
}

#[test]
fn listed_types_run_in_processes() {
    assert_eq!(
        double::par([1.0_f32])
            .backend(Processes)
            .collect::<Vec<_>>(),
        [2.0]
    );
    assert_eq!(
        double::par([1.0_f64])
            .backend(Processes)
            .collect::<Vec<_>>(),
        [2.0]
    );
    let sums: Vec<f64> = sum::par([[1.0, 2.0]], &0.5).backend(Processes).collect();
    assert_eq!(sums, [3.5]);
    let zeros: Vec<u8> = only_in_the_result::par([1]).backend(Processes).collect();
    assert_eq!(zeros, [0]);
}

#[test]
fn other_types_run_on_threads() {
    assert_eq!(
        double::par([1_u8]).backend(Threads).collect::<Vec<_>>(),
        [2]
    );
    assert_eq!(double::par::<u8, _>([2]).collect::<Vec<_>>(), [4]);
    assert_eq!(sum::par([[1_u8; 4]], &1).collect::<Vec<_>>(), [5]);
}

#[test]
fn implementations_of_traits_are_arguments() {
    let sums: Vec<f64> = implementation::par([(1_u8, &"ab"), (2, &"abc")]).collect();
    assert_eq!(sums, [3.0, 5.0]);
    assert_eq!(unsized_too::par(["ab"]).collect::<Vec<_>>(), [2]);
}

#[test]
fn closures_are_shared() {
    let offset = 5;
    assert_eq!(
        apply::par(0..2, &|x| x + offset).collect::<Vec<_>>(),
        [5, 6]
    );
}
