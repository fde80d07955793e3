use joblib::memoize;

fn is_fresh(size: u64) -> bool {
    size > 0
}

#[memoize(validate = is_fresh)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
