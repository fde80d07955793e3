use std::cell::Cell;

use joblib::memoize;

#[memoize]
fn read(state: &Cell<u64>) -> u64 {
    state.get()
}

fn main() {
    read(&Cell::new(1));
}
