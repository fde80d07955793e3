use joblib::memoize;

#[memoize(memory = cache())]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}

fn cache() -> &'static str {
    ".cache"
}
