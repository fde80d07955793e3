//! The handle of a memoized method: what a struct beside it offers for a free
//! function, as methods that take the receiver and the arguments in order.

use super::digest::Digest;
use super::entry::EntryKey;
use super::fingerprint::Fingerprint;
use super::reached::Reached;
use super::shelved::Shelved;
use super::site::Site;
use super::stats::Stats;

/// The handle of a memoized method with arguments `A` (the receiver first)
/// and result `R`.
///
/// A method `slow` has it as `Self::slow_memo()`.
pub struct Method<A, R> {
    keyed: AsyncMethod<A>,
    uncached: fn(A) -> R,
    recompute: fn(Digest, A) -> R,
    shelve: fn(Digest, A) -> Shelved<R>,
}

/// The handle of a memoized `async` method with arguments `A`.
pub struct AsyncMethod<A> {
    site: &'static Site,
    digest: fn(&A) -> Digest,
}

impl<A> AsyncMethod<A> {
    /// A handle over generated functions.
    pub fn new(site: &'static Site, digest: fn(&A) -> Digest) -> Self {
        AsyncMethod { site, digest }
    }
}

impl<A, R> Method<A, R> {
    /// A handle over generated functions.
    pub fn new(
        site: &'static Site,
        digest: fn(&A) -> Digest,
        uncached: fn(A) -> R,
        recompute: fn(Digest, A) -> R,
        shelve: fn(Digest, A) -> Shelved<R>,
    ) -> Self {
        Method {
            keyed: AsyncMethod::new(site, digest),
            uncached,
            recompute,
            shelve,
        }
    }
}

/// What does not depend on the arguments.
macro_rules! whole_function {
    ([$($param:ident),*] $handle:ty, $($site:ident).+) => {
        impl<$($param),*> $handle {
            /// Drops all entries of the method, whatever source computed them.
            pub fn clear(&self) {
                self.$($site).+.clear();
            }

            /// What happened to the calls in this process.
            pub fn stats(&self) -> Stats {
                self.$($site).+.stats()
            }

            /// The fingerprint of all the method depends on.
            pub fn fingerprint(&self) -> Fingerprint {
                self.$($site).+.fingerprint()
            }

            /// The items behind the fingerprint.
            pub fn reaches(&self) -> Vec<Reached> {
                self.$($site).+.reaches()
            }
        }
    };
}

whole_function!([A] AsyncMethod<A>, site);
whole_function!([A, R] Method<A, R>, keyed.site);

/// What takes the arguments, for one number of them.
macro_rules! with_arguments {
    ($($name:ident: $ty:ident),*) => {
        #[allow(clippy::too_many_arguments, reason = "as many as the method has")]
        impl<$($ty),*> AsyncMethod<($($ty,)*)> {
            /// The key of the entry for these arguments.
            pub fn key(&self, $($name: $ty),*) -> EntryKey {
                self.site.key((self.digest)(&($($name,)*)))
            }

            /// Whether a call with these arguments would find its answer.
            pub fn check(&self, $($name: $ty),*) -> bool {
                self.site.check((self.digest)(&($($name,)*)))
            }

            /// Drops the entry for these arguments; whether there was one.
            pub fn forget(&self, $($name: $ty),*) -> bool {
                self.site.forget((self.digest)(&($($name,)*)))
            }
        }

        #[allow(clippy::too_many_arguments, reason = "as many as the method has")]
        impl<$($ty,)* Output> Method<($($ty,)*), Output> {
            /// The key of the entry for these arguments.
            pub fn key(&self, $($name: $ty),*) -> EntryKey {
                self.keyed.key($($name),*)
            }

            /// Whether a call with these arguments would find its answer.
            pub fn check(&self, $($name: $ty),*) -> bool {
                self.keyed.check($($name),*)
            }

            /// Drops the entry for these arguments; whether there was one.
            pub fn forget(&self, $($name: $ty),*) -> bool {
                self.keyed.forget($($name),*)
            }

            /// The method's body, without looking at what is stored.
            pub fn uncached(&self, $($name: $ty),*) -> Output {
                (self.uncached)(($($name,)*))
            }

            /// Computes whatever is stored, and stores the result in its
            /// place.
            pub fn recompute(&self, $($name: $ty),*) -> Output {
                let arguments = ($($name,)*);
                (self.recompute)((self.keyed.digest)(&arguments), arguments)
            }

            /// Makes sure that the result is stored, without loading it.
            pub fn shelve(&self, $($name: $ty),*) -> Shelved<Output> {
                let arguments = ($($name,)*);
                (self.shelve)((self.keyed.digest)(&arguments), arguments)
            }
        }
    };
}

with_arguments!();
with_arguments!(a: A);
with_arguments!(a: A, b: B);
with_arguments!(a: A, b: B, c: C);
with_arguments!(a: A, b: B, c: C, d: D);
with_arguments!(a: A, b: B, c: C, d: D, e: E);
with_arguments!(a: A, b: B, c: C, d: D, e: E, f: F);
with_arguments!(a: A, b: B, c: C, d: D, e: E, f: F, g: G);
with_arguments!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H);
with_arguments!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I);
with_arguments!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J);
with_arguments!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J, k: K);
with_arguments!(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J, k: K, l: L);
