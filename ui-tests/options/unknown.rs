use joblib::memoize;

#[memoize(directory = ".cache")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
