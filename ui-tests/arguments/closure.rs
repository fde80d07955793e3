use joblib::memoize;

#[memoize]
fn apply(f: impl Fn(u64) -> u64, x: u64) -> u64 {
    f(x)
}

fn main() {
    apply(|x| x, 1);
}
