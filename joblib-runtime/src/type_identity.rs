//! Type identity for every type, including types that borrow, and the paths of types.

use std::any::TypeId;
use std::marker::PhantomData;

/// Returns `path` without the `r#` of raw identifiers: `module_path!()` has it, and
/// `type_name` does not.
pub(crate) fn without_raw_prefixes(path: &str) -> String {
    let names = path.split("::");
    let names = names.map(|name| name.strip_prefix("r#").unwrap_or(name));
    names.collect::<Vec<_>>().join("::")
}

/// Returns the `TypeId` of `T`. Types that differ only in lifetimes have the same one.
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
    // SAFETY: the two types differ only in the lifetime bound of the trait object, so
    // they have the same layout. The method that becomes callable has a receiver without
    // data and returns a number, so neither gives access to a reference with a shorter
    // lifetime (this is the technique of David Tolnay's `typeid`).
    let typed: &(dyn HasTypeId + 'static) =
        unsafe { std::mem::transmute::<&dyn HasTypeId, &(dyn HasTypeId + 'static)>(typed) };
    typed.id()
}

#[cfg(test)]
mod tests {
    use super::*;

    mod r#try {
        pub(super) struct Here;
        pub(super) const MODULE: &str = module_path!();
    }

    #[test]
    fn the_module_and_the_name_of_a_type_agree_where_a_module_has_a_raw_name() {
        let name = without_raw_prefixes(std::any::type_name::<r#try::Here>());
        assert_eq!(
            name,
            format!("{}::Here", without_raw_prefixes(r#try::MODULE))
        );
        assert_eq!(without_raw_prefixes("r#a::r#b::r::er"), "a::b::r::er");
    }

    #[test]
    fn types_differ_and_lifetimes_do_not() {
        let local = 1;
        fn of<T>(_: &T) -> TypeId {
            type_id::<T>()
        }
        assert_eq!(of(&&local), type_id::<&'static i32>());
        assert_eq!(type_id::<str>(), TypeId::of::<str>());
        assert_ne!(type_id::<&u8>(), type_id::<&i8>());
        assert_ne!(
            type_id::<fn(&'static u8)>(),
            type_id::<for<'a> fn(&'a u8)>()
        );
    }
}
