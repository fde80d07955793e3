use joblib::{memoize, parallel};

#[parallel]
#[parallel(shared(y))]
fn slow(x: u64, y: u64) -> u64 {
    x + y
}

#[parallel]
#[memoize]
#[parallel]
#[memoize]
fn both(x: u64) -> u64 {
    x
}

fn main() {
    let _: Vec<u64> = slow::par([(1, 2)]).collect();
    let _: Vec<u64> = both::par([1]).collect();
}
