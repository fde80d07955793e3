use joblib::memoize;

#[memoize(memory_tier = true)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
