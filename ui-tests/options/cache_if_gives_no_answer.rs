use joblib::memoize;

fn is_good(_: &u64) -> u64 {
    1
}

#[memoize(cache_if = is_good)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
