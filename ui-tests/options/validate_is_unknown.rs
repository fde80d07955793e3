use joblib::memoize;

#[memoize(validate = is_fresh)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
