use joblib::memoize;

#[memoize(dir = ".cache")]
#[memoize]
#[joblib::memoize(version = 2)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
    slow::check(1);
}
