use joblib::memoize;

#[memoize(expires = "0s")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
