//! Compares types without regard to lifetimes, which do not exist at run time.

use std::any::TypeId;
use std::marker::PhantomData;

/// Returns the identity of a type, with every lifetime in it replaced by `'static`.
pub(super) fn erased<T: ?Sized>() -> TypeId {
    let probe = PhantomData::<T>;
    let probe: &dyn SameType = &probe;
    // SAFETY: the two types differ only in a lifetime, and the reference does not leave
    // this function. The method returns only the identity of the type, and there is no
    // value of `T`.
    let probe: &(dyn SameType + 'static) = unsafe { std::mem::transmute(probe) };
    probe.identity()
}

trait SameType {
    fn identity(&self) -> TypeId
    where
        Self: 'static;
}

impl<T: ?Sized> SameType for PhantomData<T> {
    fn identity(&self) -> TypeId
    where
        Self: 'static,
    {
        TypeId::of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_value<T>(_: &T) -> TypeId {
        erased::<T>()
    }

    #[test]
    fn types_that_differ_in_lifetimes_are_the_same_and_others_are_not() {
        let text = String::from("text");
        assert_eq!(of_value(&text.as_str()), erased::<&'static str>());
        assert_ne!(of_value(&text.as_str()), erased::<&'static [u8]>());
        assert_ne!(erased::<dyn Fn(u8)>(), erased::<dyn Fn(u16)>());
        assert_ne!(erased::<fn(&'static u8)>(), erased::<for<'a> fn(&'a u8)>());
    }
}
