use joblib::{memoize, track};

#[track]
fn step(x: u64) -> u64 {
    x + 1
}

#[memoize(pin = "00000000000000000000000000000000", depends(step))]
fn slow(x: u64) -> u64 {
    step(x)
}

fn main() {
    slow(1);
}
