use joblib::memoize;

#[memoize(pin = "00000000000000000000000000000000", scope = "function")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
