use joblib::memoize;

#[memoize(expires = 7)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
