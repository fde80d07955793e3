use joblib::memoize;

#[memoize(validate = |entry| true)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
