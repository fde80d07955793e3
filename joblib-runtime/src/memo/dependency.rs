//! The type that `depends(…)` resolves to where a function has no fingerprint. Using
//! its fingerprint is a readable compile error.
//!
//! Generated code contains, for a path written by the user,
//!
//! ```text
//! use dependency::*;
//! use path as __joblib_dependency;
//! __joblib_dependency::__joblib_fingerprint()
//! ```
//!
//! An annotated function has a struct of its name, and the explicit import shadows the
//! glob import. A plain function has no type of its name, so the glob import applies.

use std::marker::PhantomData;

use super::fingerprint::Fingerprint;

/// The type for a function without a fingerprint.
#[derive(Debug)]
#[allow(
    non_camel_case_types,
    reason = "must not clash with a name of the user"
)]
pub struct __joblib_dependency;

/// Implemented by no type.
#[diagnostic::on_unimplemented(
    message = "`depends` names a function that has no fingerprint",
    label = "neither memoized nor tracked",
    note = "annotate it with `#[joblib::track]`; if it is in this crate, remove it from `depends`, \
            because the fingerprint covers reachable functions of this crate"
)]
pub trait TrackedFunction {}

/// Has a lifetime parameter, so that the compiler checks a bound on it only where the
/// function is used.
#[derive(Debug)]
pub struct Untracked<'a>(PhantomData<&'a ()>);

impl __joblib_dependency {
    /// Cannot be called: its bound does not hold.
    pub const fn __joblib_fingerprint() -> Fingerprint
    where
        for<'a> Untracked<'a>: TrackedFunction,
    {
        Fingerprint::new(0)
    }
}
