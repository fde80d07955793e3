use joblib::memoize;

#[memoize(pin = "0123456789abcdef")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
