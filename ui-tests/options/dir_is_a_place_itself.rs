use joblib::memoize;

#[memoize(dir = "$WORKSPACE")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
