use std::cell::Cell;

use joblib::memoize;

#[memoize]
fn read((x, state): (u64, &Cell<u64>)) -> u64 {
    x + state.get()
}

fn main() {
    read((1, &Cell::new(1)));
}
