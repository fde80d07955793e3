use joblib::memoize;

#[memoize]
const DOUBLE: u64 = 2;

fn main() {
    let _ = DOUBLE;
}
