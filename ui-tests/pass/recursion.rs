//! Direct and mutual recursion of memoized functions.

use joblib::memoize;

#[memoize(dir = "../target/ui-cache")]
fn fibonacci(n: u64) -> u64 {
    match n {
        0 | 1 => n,
        _ => fibonacci(n - 1) + fibonacci(n - 2),
    }
}

#[memoize(dir = "../target/ui-cache")]
fn is_even(n: u64) -> bool {
    n == 0 || is_odd(n - 1)
}

#[memoize(dir = "../target/ui-cache")]
fn is_odd(n: u64) -> bool {
    n != 0 && is_even(n - 1)
}

fn main() {
    assert_eq!(fibonacci(80), 23_416_728_348_467_685);
    assert!(is_even(40));
    let as_a_value: fn(u64) -> u64 = fibonacci;
    assert_eq!([1, 2, 3].map(as_a_value), [1, 1, 2]);
}
