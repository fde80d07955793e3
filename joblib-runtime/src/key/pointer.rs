//! Keys of references and owners, which are those of what they point to.

use std::borrow::Cow;
use std::ops::Deref;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use super::{Key, KeyHasher};

macro_rules! transparent {
    ($([$($generics:tt)*] $type:ty => $target:ty),* $(,)?) => {$(
        impl<$($generics)*> Key for $type {
            #[inline]
            fn feed_type(hasher: &mut KeyHasher) {
                <$target>::feed_type(hasher);
            }

            #[inline]
            fn feed(&self, hasher: &mut KeyHasher) {
                <$target>::feed(self, hasher);
            }
        }
    )*};
}

transparent! {
    [T: Key + ?Sized] &T => T,
    [T: Key + ?Sized] Box<T> => T,
    [T: Key + ?Sized] Rc<T> => T,
    [T: Key + ?Sized] Arc<T> => T,
    [T: Key + ToOwned + ?Sized] Cow<'_, T> => T,
    [P: Deref<Target: Key>] Pin<P> => P::Target,
}
