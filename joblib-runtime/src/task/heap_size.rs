//! How many bytes values hold elsewhere in memory, for the types of which that
//! is told at once: numbers in a row, text, and a few that are made of them.
//!
//! What is shared, as by `Arc`, is nobody's in particular and is not counted.

use std::any::TypeId;
use std::collections::HashMap;
use std::path::PathBuf;

use super::type_identity::erased;
use crate::fork::OnceComputed;

/// How many bytes a value holds elsewhere.
pub type Weigh<T> = fn(&T) -> usize;

/// How the arguments and the result of a task are weighed, where their types
/// are known to hold anything elsewhere.
pub struct SizeFns<A, R> {
    /// Of the arguments of one task.
    pub arguments: Option<Weigh<A>>,
    /// Of its result.
    pub result: Option<Weigh<R>>,
}

impl<A, R> SizeFns<A, R> {
    /// As far as the types are known.
    pub fn known() -> Self {
        SizeFns {
            arguments: weigh(),
            result: weigh(),
        }
    }
}

/// The bytes that `value` holds elsewhere, as far as its type is known.
pub fn held<T>(value: &T) -> usize {
    weigh().map_or(0, |weigh| weigh(value))
}

/// How a `T` is weighed, if its type is known.
fn weigh<T>() -> Option<Weigh<T>> {
    static KNOWN: OnceComputed<HashMap<TypeId, fn()>> = OnceComputed::new();
    let weigh = KNOWN.get_or_init(known).get(&erased::<T>())?;
    // SAFETY: `known` has put a `Weigh<T>` there: the types have no lifetimes,
    // so that `T` is exactly the one whose identity this is.
    Some(unsafe { std::mem::transmute::<fn(), Weigh<T>>(*weigh) })
}

/// A value of which that is told.
trait HeapSize: 'static {
    /// Whether no value holds anything.
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

/// The type itself, and what is often made of it.
fn with_others<T: HeapSize>(known: &mut HashMap<TypeId, fn()>) {
    add::<T>(known);
    add::<Vec<T>>(known);
    add::<Option<T>>(known);
    add::<(usize, T)>(known);
}

fn add<T: HeapSize>(known: &mut HashMap<TypeId, fn()>) {
    let weigh: Weigh<T> = T::held;
    // SAFETY: pointers to functions are alike, and this one is not called
    // before it has its own type again.
    let weigh = unsafe { std::mem::transmute::<Weigh<T>, fn()>(weigh) };
    known.insert(TypeId::of::<T>(), weigh);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_is_known_is_weighed_by_what_it_holds() {
        assert_eq!(held(&vec![0_f64; 100]), 800);
        assert_eq!(held(&vec![0_u8; 100].into_boxed_slice()), 100);
        assert_eq!(held(&"text".to_owned()), 4);
        assert_eq!(held(&(3_usize, vec![0_u16; 5])), 10);
        assert_eq!(held(&Some("text".to_owned())), 4);
        let rows = vec![vec![0_u32; 2], vec![0; 3]];
        assert_eq!(held(&rows), 2 * size_of::<Vec<u32>>() + 20);
    }

    #[test]
    fn what_is_borrowed_shared_or_unknown_weighs_nothing() {
        let numbers = vec![0_f64; 100];
        assert_eq!(held(&&numbers), 0);
        assert_eq!(held(&numbers.as_slice()), 0);
        assert_eq!(held(&Arc::new(numbers)), 0);
        assert_eq!(held(&1_u64), 0);
    }
}
