use joblib::memoize;

#[memoize(expires = "soon")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
