use joblib::memoize;

#[memoize(memory = CACHE)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
