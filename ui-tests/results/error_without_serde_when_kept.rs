use joblib::memoize;

#[derive(Debug)]
struct Negative;

fn always(_: &Result<u64, Negative>) -> bool {
    true
}

#[memoize(cache_if = always)]
fn root(x: i64) -> Result<u64, Negative> {
    u64::try_from(x).map_err(|_| Negative)
}

fn main() {
    let _ = root(1);
}
