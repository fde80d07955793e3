use joblib::memoize;

#[memoize(version = 1, dir = ".cache", version = 2)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
