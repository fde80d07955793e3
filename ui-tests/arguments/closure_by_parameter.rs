use joblib::memoize;

#[memoize]
fn apply<F: FnOnce(u64) -> u64>(f: F, x: u64) -> u64 {
    f(x)
}

fn main() {
    apply(|x| x, 1);
}
