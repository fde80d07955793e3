use joblib::memoize;

#[memoize(compress = "zstd:3", mmap)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
