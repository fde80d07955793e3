//! Lint levels can allow the warning about reading a clock.

#![deny(warnings)]

use std::time::Instant;

use joblib::memoize;

#[memoize(dir = "../target/ui-cache")]
#[allow(deprecated)]
fn measured(x: u64) -> u64 {
    let start = Instant::now();
    std::hint::black_box(x);
    start.elapsed().as_secs()
}

struct Bench;

impl Bench {
    #[memoize(dir = "../target/ui-cache")]
    #[expect(deprecated, reason = "the function returns the time")]
    fn measured(x: u64) -> u64 {
        Instant::now().elapsed().as_secs() + x
    }
}

fn main() {
    measured(1);
    Bench::measured(1);
}
