#![deny(warnings)]

use std::time::{SystemTime, UNIX_EPOCH};

use joblib::memoize;

#[memoize]
fn age(born: u64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs() - born
}

fn main() {
    age(1);
}
