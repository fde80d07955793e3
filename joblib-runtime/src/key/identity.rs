//! Identifies a type without a value of it: by its printed name in this build and by the
//! compiler's `TypeId`. The name alone is not unique, because functions, blocks and
//! several versions of a crate can define types with the same printed name.
//!
//! The `TypeId` does not depend on edits around the type. It differs between compilers
//! and profiles, which costs cache hits.

use std::any::{TypeId, type_name};
use std::hash::{Hash, Hasher};
use std::mem::needs_drop;

use super::{KeyError, KeyHasher};
use crate::binary;
use crate::type_identity::type_id;

/// Feeds the identity of `T`. For code, such as a closure, also feeds the digest of the
/// executable, which determines what the code does.
pub(super) fn feed<T: ?Sized>(hasher: &mut KeyHasher) {
    let name = type_name::<T>();
    feed_type::<T>(name, hasher);
    if super::code::is_code(name) {
        feed_binary(name, hasher);
    }
}

/// Feeds like [`feed`], for a type that stands for code whatever its name is.
pub(super) fn feed_code<T: ?Sized>(hasher: &mut KeyHasher) {
    let name = type_name::<T>();
    feed_type::<T>(name, hasher);
    feed_binary(name, hasher);
}

/// Feeds the types that a closure of the type `F` is generic over: those of the functions
/// and impls around it.
pub(super) fn feed_surroundings<F>(hasher: &mut KeyHasher) {
    let name = type_name::<F>();
    feed_type::<F>(name, hasher);
    // The body of an `async` function is a closure too.
    if super::code::is_code(name.trim_end_matches("::{{closure}}")) {
        feed_binary(name, hasher);
    }
}

/// Feeds the properties of a type that a function without bounds on it can query.
pub(super) fn feed_layout<T>(hasher: &mut KeyHasher) {
    let sizes = [size_of::<T>(), size_of::<Option<T>>(), align_of::<T>()];
    for size in sizes {
        hasher.write_u64(size as u64);
    }
    hasher.write_u64(u64::from(needs_drop::<T>()));
}

fn feed_type<T: ?Sized>(name: &str, hasher: &mut KeyHasher) {
    hasher.write_bytes(name.as_bytes());
    hasher.write_u64(number(type_id::<T>()));
}

/// Feeds the digest of the executable.
pub(super) fn feed_binary(type_name: &'static str, hasher: &mut KeyHasher) {
    match binary::id() {
        Ok(id) => hasher.write(&id.to_le_bytes()),
        Err(reason) => hasher.fail(KeyError {
            type_name,
            reason: format!(
                "only the executable determines what it does, and it cannot be read: {reason}; \
                 set its key with `key(arg = ..)`"
            ),
        }),
    }
}

/// Returns a number made of the bits that a `TypeId` passes to a hasher.
pub(crate) fn number(id: TypeId) -> u64 {
    struct Bits(u64);

    impl Hasher for Bits {
        fn finish(&self) -> u64 {
            self.0
        }

        fn write(&mut self, bytes: &[u8]) {
            for &byte in bytes {
                self.write_u64(u64::from(byte));
            }
        }

        fn write_u64(&mut self, bits: u64) {
            self.0 = self.0.rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ bits;
        }
    }

    let mut bits = Bits(0);
    id.hash(&mut bits);
    bits.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(feed: impl FnOnce(&mut KeyHasher)) -> u128 {
        let mut hasher = KeyHasher::new();
        feed(&mut hasher);
        assert!(hasher.failure().is_none());
        hasher.finish()
    }

    fn of<T>(_: &T) -> u128 {
        hash(feed::<T>)
    }

    #[test]
    fn types_with_one_printed_name_have_different_identities() {
        let one = {
            struct Conf;
            (type_name::<Conf>(), of(&Conf), of(&Some(Conf)), of(&Conf))
        };
        let two = {
            struct Conf;
            (type_name::<Conf>(), of(&Conf), of(&Some(Conf)), of(&Conf))
        };
        assert_eq!(one.0, two.0);
        assert_ne!(one.1, two.1);
        assert_ne!(one.2, two.2);
        assert_eq!(one.1, one.3);
    }

    #[test]
    fn closures_of_one_function_have_different_identities() {
        let (one, two) = (|x: i64| x + 1, |x: i64| x + 2);
        assert_ne!(of(&one), of(&two));
        assert_ne!(of(&Some(one)), of(&Some(two)));
        assert_eq!(of(&one), of(&one));
    }

    #[test]
    fn lifetimes_do_not_count() {
        let local = 1;
        fn static_of(value: &'static i32) -> u128 {
            of(&value)
        }
        assert_eq!(of(&&local), static_of(&1));
    }

    #[test]
    fn what_a_function_is_generic_over_is_found() {
        fn around<T>(_: T) -> u128 {
            fn of<F>(_: F) -> u128 {
                hash(feed_surroundings::<F>)
            }
            of(|| ())
        }
        assert_ne!(around(1_u8), around(1_u16));
        assert_eq!(around(1_u8), around(2_u8));
    }
}
