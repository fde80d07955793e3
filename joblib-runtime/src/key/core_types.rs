//! Keys of `Option`, `Result` and other small types of the core library.

use std::cmp::{Ordering, Reverse};
use std::convert::Infallible;
use std::marker::PhantomData;

use super::{Key, KeyHasher, tag};

impl<T: Key> Key for Option<T> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::OPTION);
        T::feed_type(hasher);
    }

    #[inline]
    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_u8(self.is_some().into());
        if let Some(value) = self {
            value.feed(hasher);
        }
    }
}

impl<T: Key, E: Key> Key for Result<T, E> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::RESULT);
        T::feed_type(hasher);
        E::feed_type(hasher);
    }

    #[inline]
    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_u8(self.is_err().into());
        match self {
            Ok(value) => value.feed(hasher),
            Err(error) => error.feed(hasher),
        }
    }
}

impl Key for Ordering {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::ORDERING);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write(&(*self as i8).to_le_bytes());
    }
}

impl<T: Key> Key for Reverse<T> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::REVERSE);
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        self.0.feed(hasher);
    }
}

impl<T: Key + ?Sized> Key for PhantomData<T> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::PHANTOM);
        T::feed_type(hasher);
    }

    fn feed(&self, _: &mut KeyHasher) {}
}

impl Key for Infallible {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::NEVER);
    }

    fn feed(&self, _: &mut KeyHasher) {
        match *self {}
    }
}
