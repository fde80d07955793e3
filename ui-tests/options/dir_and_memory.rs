use joblib::{Memory, memoize};

static CACHE: Memory = Memory::new(".cache");

#[memoize(dir = ".cache", memory = CACHE)]
fn slow(x: u64) -> u64 {
    x
}

fn main() {
    slow(1);
}
