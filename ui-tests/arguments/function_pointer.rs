use joblib::memoize;

#[memoize]
fn apply(f: fn(u64) -> u64, x: u64) -> u64 {
    f(x)
}

fn main() {
    apply(|x| x, 1);
}
