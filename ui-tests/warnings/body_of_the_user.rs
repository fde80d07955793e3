#![deny(warnings)]

use joblib::memoize;

#[deprecated = "use `new`"]
fn old(x: u64) -> u64 {
    x
}

#[memoize]
fn slow(x: u64, verbose: bool) -> u64 {
    let mut y = 1;
    old(x)
}

fn main() {
    slow(1, true);
}
