//! Attributes and documentation are preserved, and generated code triggers no lint.

#![deny(
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    unused,
    nonstandard_style,
    rust_2018_idioms,
    unreachable_pub
)]
#![deny(future_incompatible, let_underscore, clippy::all)]

use joblib::{memoize, track};

/// Documented.
#[memoize(dir = "../target/ui-cache")]
#[must_use]
#[inline]
pub fn documented(x: u64) -> u64 {
    x
}

/// Documented.
#[track]
#[inline(never)]
pub fn tracked(x: u64) -> u64 {
    x
}

#[cfg(any())]
#[memoize(dir = "../target/ui-cache", depends(tracked))]
fn absent(x: Missing) -> Missing {
    x
}

#[memoize(dir = "../target/ui-cache", depends(tracked))]
#[cfg(not(windows))]
fn present(#[allow(unused_variables)] x: u64, _y: u64) -> u64 {
    #![allow(unused_mut)]
    let mut y = tracked(1);
    y.max(1)
}

#[memoize(dir = "../target/ui-cache")]
#[allow(dead_code, unused_variables)]
fn allowed(x: u64) -> u64 {
    let y = 1;
    2
}

#[memoize(dir = "../target/ui-cache")]
#[expect(unused_variables)]
fn expected(x: u64) -> u64 {
    let y = x;
    x
}

#[memoize(dir = "../target/ui-cache")]
#[cold]
#[cfg_attr(not(windows), doc = "Conditional.")]
#[allow(deprecated)]
fn cold() {}

/// A type.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Grid;

impl Grid {
    /// Documented.
    #[memoize(dir = "../target/ui-cache")]
    #[must_use]
    #[inline]
    pub fn documented(&self, x: u64) -> u64 {
        x
    }

    #[cfg(any())]
    #[memoize(dir = "../target/ui-cache")]
    fn absent(x: Missing) -> Missing {
        x
    }

    #[memoize(dir = "../target/ui-cache")]
    fn unused_rest(x: u64) -> u64 {
        x
    }
}

fn main() {
    let _ = documented(1);
    let _ = present(1, 2);
    let _ = expected(1);
    let _ = Grid.documented(1);
    let _ = Grid::unused_rest(1);
    cold();
}
