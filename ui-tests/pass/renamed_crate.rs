//! The crate may be renamed, and a module may have the name `joblib`.
//! Generated code uses the path from the `crate` option.

#![allow(unreachable_pub, reason = "the test checks the visibility as written")]

extern crate joblib as other;

mod joblib {}
mod std {}
mod core {}

mod inner {
    use other::{memoize, track};

    #[track(crate = ::other)]
    pub fn step(x: u64) -> u64 {
        x + 1
    }

    static CACHE: other::Memory = other::Memory::new("../target/ui-cache");

    #[memoize(crate = other, memory = CACHE, depends(step))]
    pub fn slow(x: u64) -> u64 {
        step(x)
    }

    pub struct Grid;

    impl Grid {
        #[memoize(crate = ::other, memory = CACHE)]
        pub fn area(x: &[u64]) -> u64 {
            x[0]
        }
    }
}

fn main() {
    assert_eq!(inner::slow(1), 2);
    assert_eq!(inner::Grid::area(&[1]), 1);
    assert!(inner::slow::check(1));
}
