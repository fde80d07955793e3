use std::sync::atomic::{AtomicU64, Ordering};

use joblib::memoize;

#[memoize]
fn read(state: &AtomicU64) -> u64 {
    state.load(Ordering::Relaxed)
}

fn main() {
    read(&AtomicU64::new(1));
}
