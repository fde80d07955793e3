use std::cell::RefCell;

use joblib::memoize;

type State = RefCell<Vec<u64>>;

#[memoize]
fn read(state: &State) -> u64 {
    state.borrow()[0]
}

fn main() {
    read(&RefCell::default());
}
