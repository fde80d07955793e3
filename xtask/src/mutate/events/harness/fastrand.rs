//! Functions over fastrand.

use fastrand::Rng;
use joblib::memoize;

#[memoize]
pub fn words(n: u64) -> Vec<u64> {
    let mut rng = Rng::with_seed(n);
    (0..5).map(|_| rng.u64(..)).collect()
}

#[memoize]
pub fn ranges(n: u64) -> Vec<u32> {
    let mut rng = Rng::with_seed(n);
    (1..6).map(|k| rng.u32(k..k * 100)).collect()
}

#[memoize]
pub fn signed(n: u64) -> Vec<i64> {
    let mut rng = Rng::with_seed(n);
    (1..6).map(|k| rng.i64(-k..=k * 7)).collect()
}

#[memoize]
pub fn wide(n: u64) -> (u128, i128) {
    let mut rng = Rng::with_seed(n);
    (rng.u128(..1 << 90), rng.i128(..))
}

#[memoize]
pub fn bytes(n: u64) -> Vec<u8> {
    let mut rng = Rng::with_seed(n);
    (0..9).map(|_| rng.u8(3..)).collect()
}

#[memoize]
pub fn truths(n: u64) -> Vec<bool> {
    let mut rng = Rng::with_seed(n);
    (0..20).map(|_| rng.bool()).collect()
}

#[memoize]
pub fn fractions(n: u64) -> (f64, f32) {
    let mut rng = Rng::with_seed(n);
    (rng.f64(), rng.f32())
}

#[memoize]
pub fn shuffled(n: u64) -> Vec<u8> {
    let mut rng = Rng::with_seed(n);
    let mut all: Vec<u8> = (0..20).collect();
    rng.shuffle(&mut all);
    all
}

#[memoize]
pub fn letters(n: u64) -> String {
    let mut rng = Rng::with_seed(n);
    (0..12)
        .flat_map(|_| [rng.alphabetic(), rng.digit(10), rng.lowercase(), rng.alphanumeric()])
        .collect()
}

#[memoize]
pub fn characters(n: u64) -> String {
    let mut rng = Rng::with_seed(n);
    (0..8).map(|_| rng.digit(36)).collect()
}

#[memoize]
pub fn sizes(n: u64) -> Vec<usize> {
    let mut rng = Rng::with_seed(n);
    (1..9).map(|k| rng.usize(..k * k)).collect()
}

/// The seed is drawn from a generator that was seeded.
#[memoize]
pub fn nested(n: u64) -> u16 {
    let mut outer = Rng::with_seed(n);
    let mut inner = Rng::with_seed(outer.u64(..));
    inner.u16(..)
}
