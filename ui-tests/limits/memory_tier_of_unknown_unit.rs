use joblib::memoize;

#[memoize(memory_tier = "64 sacks")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
