//! The heap size of values, for types for which it is cheap to determine: vectors of
//! numbers, text, and some types that contain them.
//!
//! Shared memory, such as that of an `Arc`, is not counted, because no single value owns
//! it.

use std::any::TypeId;
use std::collections::HashMap;
use std::path::PathBuf;

use crate::fork::OnceComputed;
use crate::type_identity::type_id;

/// Returns the heap size of a value in bytes.
pub type Weigh<T> = fn(&T) -> usize;

/// The functions that measure the heap size of the arguments and the result of a task.
/// `None` if the type is unknown.
pub struct SizeFns<A, R> {
    /// For the arguments of one task.
    pub arguments: Option<Weigh<A>>,
    /// For the result of one task.
    pub result: Option<Weigh<R>>,
}

impl<A, R> SizeFns<A, R> {
    /// Returns the functions for types that are known.
    pub fn known() -> Self {
        SizeFns {
            arguments: weigh(),
            result: weigh(),
        }
    }
}

/// Returns the heap size of `value` in bytes, or 0 if its type is unknown.
pub fn heap_size<T>(value: &T) -> usize {
    weigh().map_or(0, |weigh| weigh(value))
}

/// Returns the function that measures a `T`, if the type is known.
fn weigh<T>() -> Option<Weigh<T>> {
    static KNOWN: OnceComputed<HashMap<TypeId, fn()>> = OnceComputed::new();
    let weigh = KNOWN.get_or_init(known).get(&type_id::<T>())?;
    // SAFETY: `known` inserts a `Weigh<T>` under the identity of `T`. The types in it
    // have no lifetimes, so `T` is exactly the type with this identity.
    Some(unsafe { std::mem::transmute::<fn(), Weigh<T>>(*weigh) })
}

/// A type whose heap size is cheap to determine.
trait HeapSize: 'static {
    /// Whether no value of the type owns heap memory.
    const NOTHING: bool = false;

    fn held(&self) -> usize;
}

macro_rules! hold_nothing {
    ($($ty:ty)*) => {$(
        impl HeapSize for $ty {
            const NOTHING: bool = true;

            fn held(&self) -> usize {
                0
            }
        }
    )*};
}

hold_nothing!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char);

fn held_by_all<T: HeapSize>(values: &[T]) -> usize {
    match T::NOTHING {
        true => 0,
        false => values.iter().map(T::held).sum(),
    }
}

impl<T: HeapSize> HeapSize for Vec<T> {
    fn held(&self) -> usize {
        self.capacity() * size_of::<T>() + held_by_all(self)
    }
}

impl<T: HeapSize> HeapSize for Box<[T]> {
    fn held(&self) -> usize {
        size_of_val::<[T]>(self) + held_by_all(self)
    }
}

impl<T: HeapSize> HeapSize for Option<T> {
    fn held(&self) -> usize {
        self.as_ref().map_or(0, T::held)
    }
}

impl<T: HeapSize> HeapSize for (usize, T) {
    fn held(&self) -> usize {
        self.1.held()
    }
}

impl HeapSize for String {
    fn held(&self) -> usize {
        self.capacity()
    }
}

impl HeapSize for Box<str> {
    fn held(&self) -> usize {
        self.len()
    }
}

impl HeapSize for PathBuf {
    fn held(&self) -> usize {
        self.capacity()
    }
}

fn known() -> HashMap<TypeId, fn()> {
    let mut known = HashMap::new();
    macro_rules! rows {
        ($($number:ty)*) => {$(
            with_others::<Vec<$number>>(&mut known);
            with_others::<Box<[$number]>>(&mut known);
        )*};
    }
    rows!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char);
    with_others::<String>(&mut known);
    with_others::<Box<str>>(&mut known);
    with_others::<PathBuf>(&mut known);
    known
}

/// Adds the type itself and common types that contain it.
fn with_others<T: HeapSize>(known: &mut HashMap<TypeId, fn()>) {
    add::<T>(known);
    add::<Vec<T>>(known);
    add::<Option<T>>(known);
    add::<(usize, T)>(known);
}

fn add<T: HeapSize>(known: &mut HashMap<TypeId, fn()>) {
    let weigh: Weigh<T> = T::held;
    // SAFETY: all function pointers have the same layout, and this one is cast back to
    // its own type before it is called.
    let weigh = unsafe { std::mem::transmute::<Weigh<T>, fn()>(weigh) };
    known.insert(TypeId::of::<T>(), weigh);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_is_known_is_weighed_by_what_it_holds() {
        assert_eq!(heap_size(&vec![0_f64; 100]), 800);
        assert_eq!(heap_size(&vec![0_u8; 100].into_boxed_slice()), 100);
        assert_eq!(heap_size(&"text".to_owned()), 4);
        assert_eq!(heap_size(&(3_usize, vec![0_u16; 5])), 10);
        assert_eq!(heap_size(&Some("text".to_owned())), 4);
        let rows = vec![vec![0_u32; 2], vec![0; 3]];
        assert_eq!(heap_size(&rows), 2 * size_of::<Vec<u32>>() + 20);
    }

    #[test]
    fn what_is_borrowed_shared_or_unknown_weighs_nothing() {
        let numbers = vec![0_f64; 100];
        assert_eq!(heap_size(&&numbers), 0);
        assert_eq!(heap_size(&numbers.as_slice()), 0);
        assert_eq!(heap_size(&Arc::new(numbers)), 0);
        assert_eq!(heap_size(&1_u64), 0);
    }
}
