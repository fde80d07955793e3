use joblib::memoize;

fn is_good(text: &String) -> bool {
    !text.is_empty()
}

#[memoize(cache_if = is_good)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
