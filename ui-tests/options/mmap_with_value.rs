use joblib::memoize;

#[memoize(mmap = true)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
