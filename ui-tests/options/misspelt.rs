use joblib::memoize;

#[memoize(expire = "1h", ignores(x), Version = 2, mem = 1, cach_if = f, timeout = 1)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
