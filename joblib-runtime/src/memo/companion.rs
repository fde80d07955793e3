//! What stands beside a memoized function under its name: `check`, `shelve`
//! and the rest, written once here rather than by every annotation, which
//! would cost the compiler more than the function itself.
//!
//! Generated code describes a function by a type that is [`Memoized`] and
//! makes its name an alias of [`Companion`]. The arguments' types come from
//! the function pointer `F`, where lifetimes may be left out as in the
//! user's signature; how each becomes part of the key, from the tuple `K`.

use std::marker::PhantomData;

use super::call::{call, recompute, shelve};
use super::digest::Digest;
use super::entry::EntryKey;
use super::fingerprint::Fingerprint;
use super::reached::Reached;
use super::shelved::Shelved;
use super::site::Site;
use super::stats::Stats;
use crate::codec::dispatch::Stored;
use crate::key::dispatch::{Arguments, Keyed};

/// A function as its annotation describes it.
///
/// Both types are parameters rather than associated ones, since those may not
/// be more private than the function.
pub trait Memoized<F, K> {
    /// What the function returns.
    type Output;

    /// The fingerprint of all the function depends on.
    const FINGERPRINT: Fingerprint;

    /// The number that the user gave the function.
    const VERSION: Option<u64> = None;

    /// The function without memoization.
    const BODY: F;

    /// How each argument becomes part of the key.
    const KEYS: K;

    /// The `static` behind the function.
    fn site() -> &'static Site;

    /// How a result is stored.
    fn stored() -> impl Stored<Self::Output>;
}

/// Checks, refreshes and forgets stored results of a memoized function.
///
/// It has no values: all it offers are associated functions, with the
/// arguments of the memoized function.
pub struct Companion<M, F, K>(PhantomData<(M, F, K)>);

impl<M: Memoized<F, K>, F, K> Companion<M, F, K> {
    /// The fingerprint of all the function depends on.
    pub const FINGERPRINT: Fingerprint = M::FINGERPRINT;

    /// What counts for those that name the function in `depends`.
    #[doc(hidden)]
    pub const fn __joblib_fingerprint() -> Fingerprint {
        match M::VERSION {
            Some(version) => M::FINGERPRINT.with_version(version),
            None => M::FINGERPRINT,
        }
    }

    /// Drops all entries of the function, whatever source computed them.
    pub fn clear() {
        M::site().clear();
    }

    /// What happened to the calls in this process.
    pub fn stats() -> Stats {
        M::site().stats()
    }

    /// The items behind the fingerprint.
    pub fn reaches() -> Vec<Reached> {
        M::site().reaches()
    }
}

/// What takes the arguments, for one number of them.
macro_rules! with_arguments {
    ($($name:ident: $ty:ident by $key:ident),*) => {
        #[allow(clippy::too_many_arguments, reason = "as many as the function has")]
        #[allow(non_snake_case, reason = "a variable for each type")]
        impl<M: Memoized<F, ($($key,)*)>, F, $($key),*> Companion<M, F, ($($key,)*)> {
            #[inline]
            fn digest<$($ty),*>($($name: &$ty),*) -> Digest
            where
                $($key: Keyed<$ty>),*
            {
                #[allow(unused_mut, reason = "there may be none to feed")]
                let mut arguments = Arguments::new();
                let ($($key,)*) = M::KEYS;
                $($key.feed($name, &mut arguments);)*
                Digest::new(&arguments)
            }

            /// Answers a call.
            #[doc(hidden)]
            #[inline]
            pub fn __joblib_call<$($ty),*>($($name: $ty),*) -> M::Output
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: Keyed<$ty>),*
            {
                let digest = Self::digest($(&$name),*);
                call(M::site(), M::stored(), digest, move || (M::BODY)($($name),*))
            }

            /// The key of the entry for these arguments.
            pub fn key<$($ty),*>($($name: $ty),*) -> EntryKey
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: Keyed<$ty>),*
            {
                M::site().key(Self::digest($(&$name),*))
            }

            /// Whether a call with these arguments would find its answer.
            pub fn check<$($ty),*>($($name: $ty),*) -> bool
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: Keyed<$ty>),*
            {
                M::site().check(Self::digest($(&$name),*))
            }

            /// Drops the entry for these arguments; whether there was one.
            pub fn forget<$($ty),*>($($name: $ty),*) -> bool
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: Keyed<$ty>),*
            {
                M::site().forget(Self::digest($(&$name),*))
            }

            /// The function's body, without looking at what is stored.
            #[inline]
            pub fn uncached<$($ty),*>($($name: $ty),*) -> M::Output
            where
                F: Fn($($ty),*) -> M::Output,
            {
                (M::BODY)($($name),*)
            }

            /// Computes whatever is stored, and stores the result in its
            /// place.
            pub fn recompute<$($ty),*>($($name: $ty),*) -> M::Output
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: Keyed<$ty>),*
            {
                let digest = Self::digest($(&$name),*);
                recompute(M::site(), M::stored(), digest, move || (M::BODY)($($name),*))
            }

            /// Makes sure that the result is stored, without loading it.
            pub fn shelve<$($ty),*>($($name: $ty),*) -> Shelved<M::Output>
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: Keyed<$ty>),*
            {
                let digest = Self::digest($(&$name),*);
                shelve(M::site(), M::stored(), digest, move || (M::BODY)($($name),*))
            }
        }
    };
}

with_arguments!();
with_arguments!(a: A by Ka);
with_arguments!(a: A by Ka, b: B by Kb);
with_arguments!(a: A by Ka, b: B by Kb, c: C by Kc);
with_arguments!(a: A by Ka, b: B by Kb, c: C by Kc, d: D by Kd);
with_arguments!(a: A by Ka, b: B by Kb, c: C by Kc, d: D by Kd, e: E by Ke);
with_arguments!(a: A by Ka, b: B by Kb, c: C by Kc, d: D by Kd, e: E by Ke, f: G by Kf);
with_arguments!(a: A by Ka, b: B by Kb, c: C by Kc, d: D by Kd, e: E by Ke, f: G by Kf, g: H by Kg);
with_arguments!(a: A by Ka, b: B by Kb, c: C by Kc, d: D by Kd, e: E by Ke, f: G by Kf, g: H by Kg, h: I by Kh);
