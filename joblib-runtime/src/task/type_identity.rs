//! Whether two types are the same but for their lifetimes, which no program
//! that runs knows any more.

use std::any::TypeId;
use std::marker::PhantomData;

/// The identity of a type with every lifetime in it taken as `'static`.
pub(super) fn erased<T: ?Sized>() -> TypeId {
    let asked = PhantomData::<T>;
    let asked: &dyn SameType = &asked;
    // SAFETY: the two types differ in a lifetime only, and the reference does
    // not leave this function. The method's bound keeps nothing of the value
    // but its type, and there is no value of `T`.
    let asked: &(dyn SameType + 'static) = unsafe { std::mem::transmute(asked) };
    asked.identity()
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
