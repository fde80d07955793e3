use joblib::memoize;

#[memoize(name = "two\nlines")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
