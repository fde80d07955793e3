//! Implements [`Key`](super::Key) for types of other crates whose key is the name of the
//! type and the key of another value.

/// Implements `Key` for types of the crate `$package`, each with its path in the crate and
/// with what is fed for a value.
macro_rules! fed_as {
    ($package:literal: $([$($generics:tt)*] $ty:ty = $name:literal, |$value:ident| $fed:expr;)*) => {$(
        impl<$($generics)*> Key for $ty {
            fn feed_type(hasher: &mut KeyHasher) {
                hasher.nominal($package, $name, 0);
            }

            fn feed(&self, hasher: &mut KeyHasher) {
                let $value = self;
                Key::feed(&$fed, hasher);
            }
        }
    )*};
}

pub(super) use fed_as;
