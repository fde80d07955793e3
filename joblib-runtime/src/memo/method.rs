//! The handle of a memoized method: what a struct beside it offers for a free
//! function, as methods that take the receiver and the arguments in order.

use std::fmt;

use super::digest::ArgsDigest;
use super::entry::EntryKey;
use super::fingerprint::Fingerprint;
use super::function::MemoFunction;
use super::source_item::SourceItem;
use super::stats::Stats;

/// The handle of a memoized method with arguments `A` (the receiver first).
///
/// A method `slow` has it as `Self::slow_memo()`. Its body gives `B`, computing
/// anew gives `C`, and shelving gives `S`: the result `R`, `R` and
/// `Shelved<R>`, or of an `async` method futures of these.
pub struct MemoMethod<A, B, C, S> {
    site: &'static MemoFunction,
    digest: fn(&A) -> ArgsDigest,
    check: fn(ArgsDigest) -> bool,
    uncached: fn(A) -> B,
    recompute: fn(ArgsDigest, A) -> C,
    shelve: fn(ArgsDigest, A) -> S,
}

impl<A, B, C, S> MemoMethod<A, B, C, S> {
    /// A handle over generated functions.
    pub fn new(
        site: &'static MemoFunction,
        digest: fn(&A) -> ArgsDigest,
        check: fn(ArgsDigest) -> bool,
        uncached: fn(A) -> B,
        recompute: fn(ArgsDigest, A) -> C,
        shelve: fn(ArgsDigest, A) -> S,
    ) -> Self {
        MemoMethod {
            site,
            digest,
            check,
            uncached,
            recompute,
            shelve,
        }
    }

    /// Drops all entries of the method, whatever source computed them.
    pub fn clear(&self) {
        self.site.clear();
    }

    /// What happened to the calls in this process.
    pub fn stats(&self) -> Stats {
        self.site.stats()
    }

    /// The fingerprint of all the method depends on.
    pub fn fingerprint(&self) -> Fingerprint {
        self.site.fingerprint()
    }

    /// The items behind the fingerprint.
    pub fn reaches(&self) -> Vec<SourceItem> {
        self.site.reaches()
    }
}

impl<A, B, C, S> fmt::Debug for MemoMethod<A, B, C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Method({})", self.site.name)
    }
}

/// What takes the arguments, for one number of them.
macro_rules! with_arguments {
    ($($name:ident: $ty:ident),*) => {
        #[allow(clippy::too_many_arguments, reason = "as many as the method has")]
        impl<$($ty,)* Body, Computed, Shelf> MemoMethod<($($ty,)*), Body, Computed, Shelf> {
            /// The key of the entry for these arguments.
            pub fn key(&self, $($name: $ty),*) -> EntryKey {
                self.site.key((self.digest)(&($($name,)*)))
            }

            /// Whether a call with these arguments would find its answer.
            pub fn check(&self, $($name: $ty),*) -> bool {
                (self.check)((self.digest)(&($($name,)*)))
            }

            /// Drops the entry for these arguments; whether there was one.
            pub fn forget(&self, $($name: $ty),*) -> bool {
                self.site.forget((self.digest)(&($($name,)*)))
            }

            /// The method's body, without looking at what is stored.
            pub fn uncached(&self, $($name: $ty),*) -> Body {
                (self.uncached)(($($name,)*))
            }

            /// Computes whatever is stored, and stores the result in its
            /// place.
            pub fn recompute(&self, $($name: $ty),*) -> Computed {
                let arguments = ($($name,)*);
                (self.recompute)((self.digest)(&arguments), arguments)
            }

            /// Makes sure that the result is stored, without loading it.
            pub fn shelve(&self, $($name: $ty),*) -> Shelf {
                let arguments = ($($name,)*);
                (self.shelve)((self.digest)(&arguments), arguments)
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
