//! What the compiler tells types apart by, for every type: also one that
//! borrows.

use std::any::TypeId;
use std::marker::PhantomData;

/// The compiler's number for a type: types that differ in lifetimes alone have
/// the same.
pub fn type_id<T: ?Sized>() -> TypeId {
    trait HasTypeId {
        fn id(&self) -> TypeId
        where
            Self: 'static;
    }

    impl<T: ?Sized> HasTypeId for PhantomData<T> {
        fn id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }

    let typed: &dyn HasTypeId = &PhantomData::<T>;
    // SAFETY: the two differ in the lifetime bound of the trait object alone, so
    // they have one layout. The method that becomes callable takes its receiver,
    // which has no data, and gives a number: no reference to anything of a
    // shorter life is reachable through either (David Tolnay's `typeid`).
    let typed: &(dyn HasTypeId + 'static) =
        unsafe { std::mem::transmute::<&dyn HasTypeId, &(dyn HasTypeId + 'static)>(typed) };
    typed.id()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_apart_and_lifetimes_are_not() {
        let local = 1;
        fn of<T>(_: &T) -> TypeId {
            type_id::<T>()
        }
        assert_eq!(of(&&local), type_id::<&'static i32>());
        assert_eq!(type_id::<str>(), TypeId::of::<str>());
        assert_ne!(type_id::<&u8>(), type_id::<&i8>());
    }
}
