#![deny(warnings)]

use std::hash::{BuildHasher, RandomState};

use joblib::memoize;

#[memoize]
fn shuffled(x: u64) -> u64 {
    RandomState::new().hash_one(x)
}

fn main() {
    shuffled(1);
}
