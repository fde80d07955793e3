use joblib::memoize;

fn step(x: u64) -> u64 {
    x + 1
}

#[memoize(depends(step))]
fn slow(x: u64) -> u64 {
    step(x)
}

fn main() {
    slow(1);
}
