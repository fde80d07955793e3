//! Attributes, documentation and visibility are preserved, and generated code
//! triggers no lint.

#![deny(
    warnings,
    missing_docs,
    unused,
    nonstandard_style,
    rust_2018_idioms,
    unreachable_pub,
    future_incompatible,
    let_underscore,
    clippy::all
)]

use joblib::backend::Processes;
use joblib::{memoize, parallel};

/// Documented.
#[parallel]
#[must_use]
#[inline]
pub fn documented(x: u64) -> u64 {
    x
}

#[cfg(any())]
#[parallel]
fn absent(x: Missing) -> Missing {
    x
}

#[parallel]
#[cfg(not(windows))]
fn present(#[allow(unused_variables)] x: u64, _y: u64) -> u64 {
    #![allow(unused_mut)]
    let mut y = 1_u64;
    y.max(1)
}

#[parallel]
#[allow(dead_code, unused_variables)]
fn allowed(x: u64) -> u64 {
    2
}

#[parallel]
#[expect(unused_variables)]
fn expected(x: u64) -> u64 {
    3
}

#[parallel]
#[deprecated]
fn old(x: u64) -> u64 {
    x
}

/// Documented.
#[parallel]
#[memoize(dir = "../target/ui-cache")]
pub fn both(x: u64) -> u64 {
    x
}

/// Documented.
#[memoize(dir = "../target/ui-cache")]
#[parallel]
pub fn both_again(x: u64) -> u64 {
    x
}

/// A type.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Grid;

struct Private;

impl Grid {
    /// Documented.
    #[parallel]
    #[must_use]
    pub fn documented(&self, x: u64) -> u64 {
        x
    }

    #[parallel]
    fn private(_: u8) -> Private {
        Private
    }

    #[cfg(any())]
    #[parallel]
    fn absent(x: Missing) -> Missing {
        x
    }
}

macro_rules! twice {
    ($name:ident, $x:ident: $ty:ty) => {
        #[parallel(shared(factor))]
        fn $name($x: $ty, factor: $ty) -> $ty {
            factor * $x
        }
    };
}

twice!(times, number: u64);

/// Names that generated code also uses.
mod clashing {
    use super::parallel;

    #[parallel(shared(inputs))]
    pub(super) fn par(r#type: u64, task: u64, inputs: u64) -> u64 {
        r#type + task + inputs
    }

    #[parallel]
    pub(super) fn r#loop(x: u64) -> u64 {
        x
    }

    #[expect(dead_code, reason = "same name as in generated code")]
    pub(super) struct Option;
    #[expect(dead_code, reason = "same name as in generated code")]
    pub(super) struct Box;
    #[expect(dead_code, reason = "same name as in generated code")]
    pub(super) fn names() {}
}

fn main() {
    assert_eq!(
        documented::par([1]).backend(Processes).collect::<Vec<_>>(),
        [1]
    );
    assert_eq!(
        present::par([(1, 2)])
            .backend(Processes)
            .collect::<Vec<_>>(),
        [1]
    );
    assert_eq!(expected::par([1]).collect::<Vec<_>>(), [3]);
    assert_eq!(old::par([1]).collect::<Vec<_>>(), [1]);
    assert_eq!(both::par([1]).collect::<Vec<_>>(), [1]);
    assert_eq!(
        Grid.documented_par([1])
            .backend(Processes)
            .collect::<Vec<_>>(),
        [1]
    );
    assert_eq!(Grid::private_par([1]).collect::<Vec<_>>().len(), 1);
    assert_eq!(
        times::par([1], 2).backend(Processes).collect::<Vec<_>>(),
        [2]
    );
    assert_eq!(
        clashing::par::par([(1, 2)], 3)
            .backend(Processes)
            .collect::<Vec<_>>(),
        [6]
    );
    assert_eq!(
        clashing::r#loop::par([1])
            .backend(Processes)
            .collect::<Vec<_>>(),
        [1]
    );
    let task = joblib::task!(|x: u64| -> u64 { x + 1 });
    assert_eq!(joblib::par([1]).map(task).collect::<Vec<_>>(), [2]);
}
