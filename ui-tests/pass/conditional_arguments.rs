//! Arguments may have `cfg` attributes, whether the macro or only the compiler can
//! evaluate the predicate.

#![allow(unreachable_pub, clippy::non_minimal_cfg)]

use joblib::{Key, memoize, parallel};

#[memoize(dir = "../target/ui-cache", ignore(absent), key(other = *other))]
fn known(
    x: u64,
    #[cfg(any())] absent: u64,
    #[cfg(all())] y: u64,
    #[cfg(any())] other: &u64,
) -> u64 {
    #[cfg(any())]
    let x = absent + other;
    x + y
}

#[memoize(dir = "../target/ui-cache")]
fn unknown(
    #[cfg(panic = "unwind")] x: u64,
    #[cfg(not(panic = "unwind"))] x: &str,
    #[cfg(panic = "abort")]
    #[cfg(unix)]
    y: u64,
    #[allow(unused_variables)] z: u64,
) -> String {
    x.to_string()
}

#[memoize(dir = "../target/ui-cache")]
fn generic<T: Key>(x: T, #[cfg(panic = "abort")] y: u64) -> u64 {
    let _ = x;
    1
}

#[derive(Clone, Key)]
struct Line(u64);

trait Measured {
    fn measured(&self, #[cfg(panic = "abort")] by: u64) -> u64;
}

impl Line {
    #[memoize(dir = "../target/ui-cache")]
    fn length(&self, #[cfg(panic = "abort")] from: u64) -> u64 {
        self.0
    }
}

impl Measured for Line {
    #[memoize(dir = "../target/ui-cache")]
    fn measured(&self, #[cfg(panic = "abort")] by: u64) -> u64 {
        self.0
    }
}

#[parallel(shared(k, absent))]
#[memoize(dir = "../target/ui-cache")]
fn both(x: u64, #[cfg(panic = "unwind")] k: u64, #[cfg(panic = "abort")] absent: u64) -> u64 {
    x + k
}

#[parallel(shared(k, absent))]
fn alone(x: u64, #[cfg(panic = "unwind")] k: u64, #[cfg(panic = "abort")] absent: u64) -> u64 {
    x + k
}

fn main() {
    assert_eq!(known(1, 2), 3);
    assert!(known::check(1, 2));
    assert_eq!(unknown(1, 2), "1");
    assert!(unknown::check(1, 2));
    assert_eq!(generic(1), 1);
    assert!(generic::check(1));
    assert_eq!(Line(1).length(), 1);
    assert!(Line::length_memo().check(&Line(1)));
    assert_eq!(Line(1).measured(), 1);
    let first: Vec<u64> = both::par(0..2, 1).collect();
    let second: Vec<u64> = alone::par(0..2, 1).collect();
    assert_eq!((first, second), (vec![1, 2], vec![1, 2]));
}
