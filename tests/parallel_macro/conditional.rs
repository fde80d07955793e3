//! Arguments under a `cfg` predicate exist only where it holds.

#![allow(unexpected_cfgs, clippy::non_minimal_cfg)]

use joblib::{memoize, parallel};

#[parallel]
fn by_feature(x: u64, #[cfg(feature = "none such")] y: u64) -> u64 {
    x
}

#[parallel]
fn by_flag(x: u64, #[cfg(none_such)] y: u64) -> u64 {
    x
}

#[parallel]
fn by_profile(x: u64, #[cfg(not(test))] y: u64, #[cfg(panic = "unwind")] z: u64) -> u64 {
    x + z
}

#[parallel]
fn within_cfg_attr(
    x: u64,
    #[cfg_attr(all(), allow(unused), cfg(any()))] y: u64,
    #[cfg_attr(miri, cfg(any()))] z: u64,
) -> u64 {
    x + z
}

#[parallel(shared(y))]
fn one_of_two(
    #[cfg(none_such)] x: &str,
    #[cfg(not(none_such))] x: u64,
    #[cfg(not(none_such))] y: u64,
    #[cfg(none_such)] y: &str,
) -> u64 {
    x + y
}

#[parallel(instantiate(u8))]
fn generic<T: Into<u64>>(x: T, #[cfg(none_such)] y: u64) -> u64 {
    x.into()
}

#[parallel]
#[memoize(dir = "target/test-parallel-macro")]
fn memoized(x: u64, #[cfg(none_such)] y: u64) -> u64 {
    x
}

#[parallel]
async fn later(x: u64, #[cfg(feature = "none such")] y: u64) -> u64 {
    x
}

struct Line(u64);

impl Line {
    #[parallel]
    fn times(&self, x: u64, #[cfg(none_such)] y: u64) -> u64 {
        self.0 * x
    }

    #[parallel]
    fn own(x: u64, #[cfg(feature = "none such")] y: u64) -> u64 {
        x
    }
}

macro_rules! by_macro {
    ($name:ident, $feature:literal) => {
        #[parallel]
        fn $name(x: u64, #[cfg(feature = $feature)] y: u64) -> u64 {
            x
        }
    };
}

by_macro!(made, "none such");

#[test]
fn an_argument_whose_predicate_does_not_hold_is_removed() {
    assert_eq!(by_feature::par([1, 2]).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(by_flag::par([1, 2]).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(by_profile::par([(1, 2)]).collect::<Vec<_>>(), [3]);
    assert_eq!(within_cfg_attr::par([(1, 2)]).collect::<Vec<_>>(), [3]);
    assert_eq!(one_of_two::par([1, 2], 3).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(generic::par([1_u8, 2]).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(memoized::par([1, 2]).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(later::par([1, 2]).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(made::par([1, 2]).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn the_same_holds_of_methods() {
    assert_eq!(Line(2).times_par([1, 2]).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(Line::own_par([1, 2]).collect::<Vec<_>>(), [1, 2]);
}
