use joblib::{memoize, parallel};

#[memoize]
fn memoized(x: u64) -> u64 {
    #[path = "../src/lib.rs"]
    mod other;
    x
}

#[parallel]
fn spread(x: u64) -> u64 {
    if x > 0 {
        #[path = "../src/lib.rs"]
        mod other;
    }
    x
}

fn main() {
    memoized(1);
    spread(1);
}
