use joblib::memoize;

#[memoize(compress = "gzip")]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
