use joblib::memoize;

#[memoize]
const fn double(x: u64) -> u64 {
    2 * x
}

fn main() {
    double(1);
}
