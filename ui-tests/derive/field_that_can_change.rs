use std::cell::Cell;

use joblib::Key;

#[derive(Key)]
struct Counter(u8, Cell<u64>);

fn main() {}
