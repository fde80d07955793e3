use joblib::memoize;

#[memoize(scope = "module")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
