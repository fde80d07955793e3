//! What stands beside a memoized function under its name: `check`, `shelve`
//! and the rest, written once here rather than by every annotation, which
//! would cost the compiler more than the function itself.
//!
//! Generated code calls [`companion!`](crate::__private::companion), which
//! describes a function by a type that is [`Memoized`] and makes its name an
//! alias of [`Companion`]. The arguments' types come from the function pointer
//! `F`, where lifetimes may be left out as in the user's signature; how each
//! becomes part of the key, from the tuple `K`.

use std::marker::PhantomData;

use super::call::{call, call_keeping, check, recompute, shelve};
use super::digest::ArgsDigest;
use super::entry::EntryKey;
use super::fingerprint::Fingerprint;
use super::function::MemoFunction;
use super::shelved::Shelved;
use super::source_item::SourceItem;
use super::stats::Stats;
use crate::codec::result_codec::ResultCodec;
use crate::key::select::{KeyArguments, KeyPolicy};

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
    fn site() -> &'static MemoFunction;

    /// How a result is stored.
    fn stored() -> impl ResultCodec<Self::Output>;
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
    pub fn reaches() -> Vec<SourceItem> {
        M::site().reaches()
    }
}

/// What stands beside a memoized function. A macro by example, since the
/// compiler fills it in faster than a procedural macro writes the same.
#[doc(hidden)]
#[macro_export]
macro_rules! __joblib_companion {
    (
        {$($condition:tt)*} $doc:literal $vis:vis $name:ident $marker:ident
        {$($function:tt)*} -> {$($output:tt)*}
        [$($way:ident $({$($ty:tt)*} {$($value:tt)*})?)*]
        {$($version:tt)*}
        {$($identity:tt)*} {$($fingerprint:tt)*} $items:literal {$($place:tt)*} {$($options:tt)*}
        {$($tracked:tt)*}
        {$($stored_type:tt)*} {$($stored:tt)*}
    ) => {
        $($condition)*
        #[doc = $doc]
        #[allow(non_camel_case_types, dead_code)]
        $vis type $name = $crate::__private::Companion<
            $marker,
            $($function)*,
            ($($crate::__private::$way $(<$($ty)*>)?,)*)
        >;

        $($condition)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code)]
        $vis struct $marker {}

        $($condition)*
        impl $crate::__private::Memoized<
            $($function)*,
            ($($crate::__private::$way $(<$($ty)*>)?,)*)
        > for $marker {
            type Output = $($output)*;
            const FINGERPRINT: $crate::__private::Fingerprint = $($fingerprint)*;
            $($version)*
            const BODY: $($function)* = $marker;
            const KEYS: ($($crate::__private::$way $(<$($ty)*>)?,)*) =
                ($($crate::__private::$way $(($($value)*))?,)*);

            fn site() -> &'static $crate::__private::MemoFunction {
                $($tracked)*
                static SITE: $crate::__private::MemoFunction = $crate::__private::MemoFunction::new(
                    $($identity)*,
                    $($fingerprint)*,
                    $items,
                    $($place)*,
                    &$crate::__private::MemoOptions::NONE $($options)*,
                );
                &SITE
            }

            fn stored() -> $($stored_type)* {
                $($stored)*
            }
        }
    };
}

/// A function that takes a tuple of arguments apart.
trait Compute<A> {
    type Output;

    fn run(self, arguments: A) -> Self::Output;
}

/// The ways of the arguments in a tuple.
trait KeyPolicies<A> {
    fn feed_each(self, arguments: &A, fed: &mut KeyArguments);
}

// What follows is generic over the types of arguments and results alone, so
// that all functions with the same share it.

#[inline]
fn digest<A, K: KeyPolicies<A>>(keys: K, arguments: &A) -> ArgsDigest {
    let mut fed = KeyArguments::new();
    keys.feed_each(arguments, &mut fed);
    ArgsDigest::new(&fed)
}

#[inline]
fn call_with<A, K, F, S>(
    site: &'static MemoFunction,
    stored: S,
    keys: K,
    body: F,
    arguments: A,
) -> F::Output
where
    K: KeyPolicies<A>,
    F: Compute<A>,
    S: ResultCodec<F::Output>,
{
    let digest = digest(keys, &arguments);
    call(site, stored, digest, move || body.run(arguments))
}

/// As [`call_with`], with arguments that can be kept for an audit.
#[inline]
fn call_keeping_with<A, K, F, S>(
    site: &'static MemoFunction,
    make: fn() -> S,
    keys: K,
    body: F,
    arguments: A,
) -> F::Output
where
    A: Send + 'static,
    K: KeyPolicies<A>,
    F: Compute<A> + Send + 'static,
    F::Output: 'static,
    S: ResultCodec<F::Output> + 'static,
{
    let digest = digest(keys, &arguments);
    call_keeping(site, digest, move || body.run(arguments), make)
}

/// What takes the arguments, for one number of them.
macro_rules! with_arguments {
    ($($name:ident: $ty:ident by $key:ident),*) => {
        #[allow(clippy::too_many_arguments, reason = "as many as the function has")]
        impl<$($ty,)* Output, F: Fn($($ty),*) -> Output> Compute<($($ty,)*)> for F {
            type Output = Output;

            #[inline]
            fn run(self, ($($name,)*): ($($ty,)*)) -> Output {
                self($($name),*)
            }
        }

        impl<$($ty,)* $($key: KeyPolicy<$ty>),*> KeyPolicies<($($ty,)*)> for ($($key,)*) {
            #[inline]
            #[allow(non_snake_case, reason = "a variable for each type")]
            fn feed_each(self, ($($name,)*): &($($ty,)*), _fed: &mut KeyArguments) {
                let ($($key,)*) = self;
                $($key.feed($name, _fed);)*
            }
        }

        #[allow(clippy::too_many_arguments, reason = "as many as the function has")]
        impl<M: Memoized<F, ($($key,)*)>, F, $($key),*> Companion<M, F, ($($key,)*)> {
            /// Answers a call.
            #[doc(hidden)]
            #[inline]
            pub fn __joblib_call<$($ty),*>($($name: $ty),*) -> M::Output
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: KeyPolicy<$ty>),*
            {
                call_with(M::site(), M::stored(), M::KEYS, M::BODY, ($($name,)*))
            }

            /// As `__joblib_call`, with arguments that can be kept.
            #[doc(hidden)]
            #[inline]
            pub fn __joblib_call_keeping<$($ty),*>($($name: $ty),*) -> M::Output
            where
                F: Fn($($ty),*) -> M::Output + Send + 'static,
                M: 'static,
                M::Output: 'static,
                $($ty: Send + 'static,)*
                $($key: KeyPolicy<$ty> + 'static),*
            {
                call_keeping_with(M::site(), M::stored, M::KEYS, M::BODY, ($($name,)*))
            }

            /// The key of the entry for these arguments.
            pub fn key<$($ty),*>($($name: $ty),*) -> EntryKey
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: KeyPolicy<$ty>),*
            {
                M::site().key(digest(M::KEYS, &($($name,)*)))
            }

            /// Whether a call with these arguments would find its answer.
            pub fn check<$($ty),*>($($name: $ty),*) -> bool
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: KeyPolicy<$ty>),*
            {
                let digest = digest(M::KEYS, &($($name,)*));
                check::<M::Output, _>(M::site(), M::stored(), digest)
            }

            /// Drops the entry for these arguments; whether there was one.
            pub fn forget<$($ty),*>($($name: $ty),*) -> bool
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: KeyPolicy<$ty>),*
            {
                M::site().forget(digest(M::KEYS, &($($name,)*)))
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
                $($key: KeyPolicy<$ty>),*
            {
                let arguments = ($($name,)*);
                let digest = digest(M::KEYS, &arguments);
                recompute(M::site(), M::stored(), digest, move || M::BODY.run(arguments))
            }

            /// Makes sure that the result is stored, without loading it.
            pub fn shelve<$($ty),*>($($name: $ty),*) -> Shelved<M::Output>
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: KeyPolicy<$ty>),*
            {
                let arguments = ($($name,)*);
                let digest = digest(M::KEYS, &arguments);
                shelve(M::site(), M::stored(), digest, move || M::BODY.run(arguments))
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
