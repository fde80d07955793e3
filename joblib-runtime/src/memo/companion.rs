//! The functions next to a memoized function under its name: `check`, `shelve` and
//! others. They are generic and written once, because code generated for each
//! annotation would take longer to compile than the function itself.
//!
//! Generated code calls [`companion!`](crate::__private::companion), which describes a
//! function by a type that is [`Memoized`] and makes the function's name an alias of
//! [`Companion`]. The argument types come from the function pointer type `F`, in which
//! lifetimes may be elided as in the user's signature. The tuple `K` determines how
//! each argument becomes part of the key.

use std::marker::PhantomData;

use super::call::{call, call_keeping, check, recompute, shelve};
use super::digest::ArgsDigest;
use super::entry::EntryKey;
use super::fingerprint::Fingerprint;
use super::function::MemoFunction;
use super::opened::OpenedFunction;
use super::shelved::Shelved;
use super::source_item::SourceItem;
use super::stats::Stats;
use crate::key::select::{KeyArguments, KeyPolicy};
use crate::transport::ResultCodec;

/// A function as its annotation describes it.
///
/// `F` and `K` are parameters rather than associated types, because associated types
/// must not be more private than the function.
pub trait Memoized<F, K> {
    /// The return type of the function.
    type Output;

    /// The fingerprint of everything that the function depends on.
    const FINGERPRINT: Fingerprint;

    /// The version number that the user set.
    const VERSION: Option<u64> = None;

    /// Returns what a call needs. One function returns all of it, because the compiler
    /// checks the body of every item.
    fn parts() -> MemoParts<F, K>;

    /// Returns the codec of the results.
    fn stored() -> impl ResultCodec<Self::Output>;
}

/// What a call of a memoized function needs.
pub struct MemoParts<F, K> {
    /// The `static` of the function.
    pub site: &'static MemoFunction,
    /// The function without memoization.
    pub body: F,
    /// How each argument becomes part of the key.
    pub keys: K,
}

/// Checks, refreshes and drops stored results of a memoized function.
///
/// The type has no values. It only has associated functions, which take the arguments
/// of the memoized function.
pub struct Companion<M, F, K>(PhantomData<(M, F, K)>);

impl<M: Memoized<F, K>, F, K> Companion<M, F, K> {
    /// The fingerprint of everything that the function depends on.
    pub const FINGERPRINT: Fingerprint = M::FINGERPRINT;

    /// The fingerprint for functions that list this one in `depends`.
    #[doc(hidden)]
    pub const fn __joblib_fingerprint() -> Fingerprint {
        match M::VERSION {
            Some(version) => M::FINGERPRINT.with_version(version),
            None => M::FINGERPRINT,
        }
    }

    /// Drops all entries of the function, including those of older source.
    pub fn clear() {
        M::parts().site.clear();
    }

    /// Returns the counts of the calls in this process.
    pub fn stats() -> Stats {
        M::parts().site.stats()
    }

    /// Returns the source items that the fingerprint covers.
    pub fn reaches() -> Vec<SourceItem> {
        M::parts().site.reaches()
    }
}

/// Defines the companion of a memoized function. It is a declarative macro because the
/// compiler expands it faster than a procedural macro generates the same code.
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
        #[allow(non_camel_case_types, dead_code, clippy::all, clippy::pedantic)]
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
        #[allow(clippy::all, clippy::pedantic)]
        impl $crate::__private::Memoized<
            $($function)*,
            ($($crate::__private::$way $(<$($ty)*>)?,)*)
        > for $marker {
            type Output = $($output)*;
            const FINGERPRINT: $crate::__private::Fingerprint = $($fingerprint)*;
            $($version)*

            fn parts() -> $crate::__private::MemoParts<
                $($function)*,
                ($($crate::__private::$way $(<$($ty)*>)?,)*)
            > {
                $($tracked)*
                static __JOBLIB_SITE: $crate::__private::MemoFunction = $crate::__private::MemoFunction::new(
                    $($identity)*,
                    $($fingerprint)*,
                    $items,
                    $($place)*,
                    &$crate::__private::MemoOptions::NONE $($options)*,
                );
                $crate::__private::MemoParts {
                    site: &__JOBLIB_SITE,
                    body: $marker,
                    keys: ($($crate::__private::$way $(($($value)*))?,)*),
                }
            }

            #[allow(refining_impl_trait)]
            fn stored() -> $($stored_type)* {
                $($stored)*
            }
        }
    };
}

/// A function that is called with a tuple of arguments.
pub trait Compute<A> {
    /// The return type.
    type Output;

    /// Calls the function.
    fn run(self, arguments: A) -> Self::Output;
}

/// The key policies of the arguments in a tuple.
pub trait KeyPolicies<A> {
    /// Feeds all arguments.
    fn feed_each(self, arguments: &A, hasher: &mut KeyArguments);
}

// The functions of `MemoParts` are generic over the types of arguments and results only, so
// that functions with the same types share their code.

impl<F, K> MemoParts<F, K> {
    /// Answers a call.
    #[inline]
    fn call<A, S>(self, stored: S, arguments: A) -> F::Output
    where
        K: KeyPolicies<A>,
        F: Compute<A>,
        S: ResultCodec<F::Output>,
    {
        let digest = digest(self.keys, &arguments);
        call(self.site, stored, digest, move || self.body.run(arguments))
    }

    /// Like `call`, with arguments that can be kept for an audit. `make` creates the
    /// codec for it.
    #[inline]
    fn call_keeping<A, S>(self, make: fn() -> S, arguments: A) -> F::Output
    where
        A: Send + 'static,
        K: KeyPolicies<A>,
        F: Compute<A> + Send + 'static,
        F::Output: 'static,
        S: ResultCodec<F::Output> + 'static,
    {
        let digest = digest(self.keys, &arguments);
        call_keeping(self.site, digest, move || self.body.run(arguments), make)
    }
}

#[inline]
fn digest<A, K: KeyPolicies<A>>(keys: K, arguments: &A) -> ArgsDigest {
    let mut hasher = KeyArguments::new();
    keys.feed_each(arguments, &mut hasher);
    ArgsDigest::new(&hasher)
}

/// Answers a call of the function that `M` describes. A free function, because the
/// compiler finds it without comparing the numbers of arguments of all companions.
#[inline]
pub fn call_memoized<M, F, K, A>(arguments: A) -> M::Output
where
    M: Memoized<F, K>,
    K: KeyPolicies<A>,
    F: Compute<A, Output = M::Output>,
{
    M::parts().call(M::stored(), arguments)
}

/// Like [`call_memoized`], with arguments that can be kept for an audit.
#[inline]
pub fn call_memoized_keeping<M, F, K, A>(arguments: A) -> M::Output
where
    M: Memoized<F, K> + 'static,
    M::Output: 'static,
    A: Send + 'static,
    K: KeyPolicies<A> + 'static,
    F: Compute<A, Output = M::Output> + Send + 'static,
{
    M::parts().call_keeping(M::stored, arguments)
}

/// Implements the traits and the companion's functions for one number of arguments.
macro_rules! with_arguments {
    ($($name:ident: $ty:ident by $key:ident),*) => {
        #[allow(clippy::too_many_arguments, reason = "one parameter for each argument")]
        impl<$($ty,)* Output, F: Fn($($ty),*) -> Output> Compute<($($ty,)*)> for F {
            type Output = Output;

            #[inline]
            fn run(self, ($($name,)*): ($($ty,)*)) -> Output {
                self($($name),*)
            }
        }

        impl<$($ty,)* $($key: KeyPolicy<$ty>),*> KeyPolicies<($($ty,)*)> for ($($key,)*) {
            #[inline]
            #[allow(non_snake_case, reason = "one variable for each type")]
            fn feed_each(self, ($($name,)*): &($($ty,)*), _fed: &mut KeyArguments) {
                let ($($key,)*) = self;
                $($key.feed($name, _fed);)*
            }
        }

        #[allow(clippy::too_many_arguments, reason = "one parameter for each argument")]
        impl<M: Memoized<F, ($($key,)*)>, F, $($key),*> Companion<M, F, ($($key,)*)> {
            /// Returns the key of the entry for these arguments.
            pub fn key<$($ty),*>($($name: $ty),*) -> EntryKey
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: KeyPolicy<$ty>),*
            {
                let parts = M::parts();
                OpenedFunction::of(parts.site).key(digest(parts.keys, &($($name,)*)))
            }

            /// Returns whether a call with these arguments would be a hit.
            pub fn check<$($ty),*>($($name: $ty),*) -> bool
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: KeyPolicy<$ty>),*
            {
                let parts = M::parts();
                let digest = digest(parts.keys, &($($name,)*));
                check::<M::Output, _>(parts.site, M::stored(), digest)
            }

            /// Drops the entry for these arguments. Returns whether there was one.
            pub fn forget<$($ty),*>($($name: $ty),*) -> bool
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: KeyPolicy<$ty>),*
            {
                let parts = M::parts();
                OpenedFunction::of(parts.site).forget(digest(parts.keys, &($($name,)*)))
            }

            /// Calls the function's body without using the cache.
            #[inline]
            pub fn uncached<$($ty),*>($($name: $ty),*) -> M::Output
            where
                F: Fn($($ty),*) -> M::Output,
            {
                (M::parts().body)($($name),*)
            }

            /// Computes even if a result is stored, and replaces the stored result.
            pub fn recompute<$($ty),*>($($name: $ty),*) -> M::Output
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: KeyPolicy<$ty>),*
            {
                let (parts, arguments) = (M::parts(), ($($name,)*));
                let digest = digest(parts.keys, &arguments);
                recompute(parts.site, M::stored(), digest, move || parts.body.run(arguments))
            }

            /// Makes sure that the result is stored, without loading it.
            pub fn shelve<$($ty),*>($($name: $ty),*) -> Shelved<M::Output>
            where
                F: Fn($($ty),*) -> M::Output,
                $($key: KeyPolicy<$ty>),*
            {
                let (parts, arguments) = (M::parts(), ($($name,)*));
                let digest = digest(parts.keys, &arguments);
                shelve(parts.site, M::stored(), digest, move || parts.body.run(arguments))
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
