//! What `depends(…)` finds where a function has no fingerprint: a type whose
//! fingerprint is a compile error in words.
//!
//! Generated code writes, for a path of the user's,
//!
//! ```text
//! use dependency::*;
//! use path as __joblib_dependency;
//! __joblib_dependency::__joblib_fingerprint()
//! ```
//!
//! An annotated function brings a struct of its name, and what is named beats
//! what a glob brings; a plain function brings no type.

use std::marker::PhantomData;

use super::fingerprint::Fingerprint;

/// The type of a function without a fingerprint.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "no name of a user's may clash")]
pub struct __joblib_dependency;

/// No type has it.
#[diagnostic::on_unimplemented(
    message = "`depends` names a function that has no fingerprint",
    label = "neither memoized nor tracked",
    note = "annotate it with `#[joblib::track]`, or remove it from `depends` if it is in this crate, \
            whose functions count as far as they are reached"
)]
pub trait TrackedFunction {}

/// Depends on a lifetime, so that a bound on it is judged where it is used.
#[derive(Debug)]
pub struct Untracked<'a>(PhantomData<&'a ()>);

impl __joblib_dependency {
    /// Never called: its condition does not hold.
    pub const fn __joblib_fingerprint() -> Fingerprint
    where
        for<'a> Untracked<'a>: TrackedFunction,
    {
        Fingerprint::new(0)
    }
}
