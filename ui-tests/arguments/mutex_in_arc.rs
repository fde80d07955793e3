use std::sync::{Arc, Mutex};

use joblib::memoize;

#[memoize]
fn read(state: Arc<Mutex<u64>>) -> u64 {
    *state.lock().unwrap()
}

fn main() {
    read(Arc::default());
}
