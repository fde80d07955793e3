use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use joblib::memoize;

type Shared = Arc<AtomicU64>;

#[memoize]
fn read(state: Shared) -> u64 {
    state.load(Ordering::Relaxed)
}

fn main() {
    read(Shared::default());
}
