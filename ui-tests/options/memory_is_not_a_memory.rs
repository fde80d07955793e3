use joblib::memoize;

static CACHE: &str = ".cache";

#[memoize(memory = CACHE)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
