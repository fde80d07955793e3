//! `#[memoize]` without options uses the default cache.

use joblib::memoize;

#[memoize]
fn plain(x: u64) -> u64 {
    x
}

#[memoize()]
fn empty(x: u64) -> u64 {
    x
}

fn main() {
    assert_eq!(plain::uncached(1), 1);
    assert_eq!(empty::key(1), empty::key(1));
}
