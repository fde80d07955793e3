use joblib::memoize;

#[memoize(crate = "my_joblib")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
