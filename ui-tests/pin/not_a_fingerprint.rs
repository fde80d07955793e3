use joblib::memoize;

#[memoize(pin = "latest")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
