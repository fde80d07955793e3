//! The handle of a memoized method. It offers what the companion of a free function
//! offers, as methods that take the receiver and the arguments in order.

use std::fmt;

use super::digest::ArgsDigest;
use super::entry::EntryKey;
use super::fingerprint::Fingerprint;
use super::function::MemoFunction;
use super::opened::OpenedFunction;
use super::source_item::SourceItem;
use super::stats::Stats;

/// The handle of a memoized method with the arguments `A` (the receiver first).
///
/// A method `slow` has its handle as `Self::slow_memo()`. The body returns `B`,
/// recomputing returns `C`, and shelving returns `S`: the result `R`, `R` and
/// `Shelved<R>`, or futures of these for an `async` method.
pub struct MemoMethod<A, B, C, S> {
    site: &'static MemoFunction,
    digest: fn(&A) -> ArgsDigest,
    open: fn(&A) -> OpenedFunction,
    check: fn(OpenedFunction, ArgsDigest) -> bool,
    uncached: fn(A) -> B,
    recompute: fn(OpenedFunction, ArgsDigest, A) -> C,
    shelve: fn(OpenedFunction, ArgsDigest, A) -> S,
}

impl<A, B, C, S> MemoMethod<A, B, C, S> {
    /// Creates a handle from generated functions.
    pub fn new(
        site: &'static MemoFunction,
        digest: fn(&A) -> ArgsDigest,
        open: fn(&A) -> OpenedFunction,
        check: fn(OpenedFunction, ArgsDigest) -> bool,
        uncached: fn(A) -> B,
        recompute: fn(OpenedFunction, ArgsDigest, A) -> C,
        shelve: fn(OpenedFunction, ArgsDigest, A) -> S,
    ) -> Self {
        MemoMethod {
            site,
            digest,
            open,
            check,
            uncached,
            recompute,
            shelve,
        }
    }

    /// Drops all entries of the method, including those of older source.
    pub fn clear(&self) {
        self.site.clear();
    }

    /// Returns the counts of the calls in this process.
    pub fn stats(&self) -> Stats {
        self.site.stats()
    }

    /// Returns the fingerprint of everything that the method depends on.
    pub fn fingerprint(&self) -> Fingerprint {
        self.site.fingerprint()
    }

    /// Returns the source items that the fingerprint covers.
    pub fn reaches(&self) -> Vec<SourceItem> {
        self.site.reaches()
    }
}

impl<A, B, C, S> fmt::Debug for MemoMethod<A, B, C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Method({})", self.site.name)
    }
}

/// Implements the methods for one number of arguments.
macro_rules! with_arguments {
    ($($name:ident: $ty:ident),*) => {
        #[allow(clippy::too_many_arguments, reason = "one parameter for each argument")]
        impl<$($ty,)* Body, Computed, Shelf> MemoMethod<($($ty,)*), Body, Computed, Shelf> {
            /// Returns the key of the entry for these arguments.
            pub fn key(&self, $($name: $ty),*) -> EntryKey {
                let arguments = ($($name,)*);
                (self.open)(&arguments).key((self.digest)(&arguments))
            }

            /// Returns whether a call with these arguments would be a hit.
            pub fn check(&self, $($name: $ty),*) -> bool {
                let arguments = ($($name,)*);
                (self.check)((self.open)(&arguments), (self.digest)(&arguments))
            }

            /// Drops the entry for these arguments. Returns whether there was one.
            pub fn forget(&self, $($name: $ty),*) -> bool {
                let arguments = ($($name,)*);
                (self.open)(&arguments).forget((self.digest)(&arguments))
            }

            /// Calls the method's body without using the cache.
            pub fn uncached(&self, $($name: $ty),*) -> Body {
                (self.uncached)(($($name,)*))
            }

            /// Computes even if a result is stored, and replaces the stored result.
            pub fn recompute(&self, $($name: $ty),*) -> Computed {
                let arguments = ($($name,)*);
                (self.recompute)((self.open)(&arguments), (self.digest)(&arguments), arguments)
            }

            /// Makes sure that the result is stored, without loading it.
            pub fn shelve(&self, $($name: $ty),*) -> Shelf {
                let arguments = ($($name,)*);
                (self.shelve)((self.open)(&arguments), (self.digest)(&arguments), arguments)
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
