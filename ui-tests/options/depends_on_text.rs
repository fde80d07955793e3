use joblib::memoize;

#[memoize(depends("other::step"))]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
