use joblib::memoize;

#[memoize(dir = ".cache" version = 2)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
