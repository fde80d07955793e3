//! How generated code feeds an argument or a field: by its [`Key`], else by its
//! `serde::Serialize`, else not at all, which is a compile error in words.
//!
//! Generated code writes, for an argument behind the reference `r`,
//!
//! ```text
//! use dispatch::*;
//! (&&&&Argument(r)).feed_argument(&mut arguments);
//! ```
//!
//! and `#[derive(Key)]`, for a field, `__joblib_feed_field(hasher)`: without its type,
//! which the type that it is a field of implies.
//!
//! Method lookup tries the impl for the most references first and takes one
//! away at a time (autoref specialization, David Tolnay's case study in
//! "proc-macro-workshop"), so the first of these traits that applies is used.

use std::cell::{Cell, LazyCell, OnceCell, RefCell, UnsafeCell};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::atomic;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, RwLock};

use serde::Serialize;

use super::{CoveredCrates, Key, KeyError, KeyHasher, feed_serde, feed_typed, identity};

/// The arguments of a call, fed one after the other.
#[derive(Debug, Default)]
pub struct KeyArguments {
    hasher: KeyHasher,
}

impl KeyArguments {
    /// No argument yet.
    #[inline]
    pub fn new() -> Self {
        Self {
            hasher: KeyHasher::new(),
        }
    }

    /// Feeds a type that stands for code, such as that of a closure, and the
    /// executable, which alone says what it does.
    pub fn feed_code<T: ?Sized>(&mut self) {
        identity::feed_code::<T>(&mut self.hasher);
    }

    /// As [`KeyArguments::feed_code`], for the type of an argument.
    pub fn feed_code_of<T: ?Sized>(&mut self, _: &T) {
        self.feed_code::<T>();
    }

    /// Feeds all types that the function around a closure is generic over.
    pub fn feed_surroundings<F>(&mut self, _closure: F) {
        identity::feed_surroundings::<F>(&mut self.hasher);
    }

    /// Feeds what the fingerprint of the function does not cover of the code of
    /// a type that its caller chose.
    #[inline]
    pub fn feed_origin<T: ?Sized>(&mut self, origins: &CoveredCrates) {
        origins.feed::<T>(&mut self.hasher);
    }

    /// As [`KeyArguments::feed_origin`], for the type of an argument.
    #[inline]
    pub fn feed_origin_of<T: ?Sized>(&mut self, _: &T, origins: &CoveredCrates) {
        self.feed_origin::<T>(origins);
    }

    /// Feeds a type that has one name in all of the program.
    pub fn feed_printed<T: ?Sized>(&mut self) {
        self.hasher
            .write_bytes(std::any::type_name::<T>().as_bytes());
    }

    /// The key of all arguments, unless one of them has none.
    #[inline]
    pub fn finish(&self) -> Result<u128, KeyError> {
        match self.hasher.failure() {
            None => Ok(self.hasher.finish()),
            Some(failure) => Err(failure.clone()),
        }
    }
}

/// A type that the caller of a generic function chose, to be fed without a
/// value of it.
#[derive(Debug)]
pub struct TypeProbe<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized> TypeProbe<T> {
    /// The only value.
    pub const NEW: Self = TypeProbe(PhantomData);

    /// That of the type of an argument, which may have no name.
    #[inline]
    pub fn of(_: &T) -> Self {
        Self::NEW
    }
}

/// First choice: the type tells itself from every other.
pub trait SelectTypeByKey {
    /// Feeds the type.
    fn feed_type_of(&self, arguments: &mut KeyArguments);
}

impl<T: Key + ?Sized> SelectTypeByKey for &&TypeProbe<T> {
    fn feed_type_of(&self, arguments: &mut KeyArguments) {
        T::feed_type(&mut arguments.hasher);
    }
}

/// Then: its name, the compiler's number for it, which may be others in another build,
/// and its layout. That costs hits and nothing else.
pub trait SelectTypeByLayout {
    /// Feeds the name, the number and the layout of the type.
    fn feed_type_of(&self, arguments: &mut KeyArguments);
}

impl<T> SelectTypeByLayout for &TypeProbe<T> {
    fn feed_type_of(&self, arguments: &mut KeyArguments) {
        arguments.hasher.type_name::<T>();
        identity::feed_layout::<T>(&mut arguments.hasher);
    }
}

/// At last, where the type may have no size: its name and its number, and the
/// executable unless it is one of the standard library, since no layout can be asked
/// for.
pub trait SelectTypeByName {
    /// Feeds the name and the number of the type.
    fn feed_type_of(&self, arguments: &mut KeyArguments);
}

impl<T: ?Sized> SelectTypeByName for TypeProbe<T> {
    fn feed_type_of(&self, arguments: &mut KeyArguments) {
        static STANDARD: CoveredCrates = CoveredCrates::new("", "", 0).last();
        arguments.hasher.type_name::<T>();
        STANDARD.feed::<T>(&mut arguments.hasher);
    }
}

/// An argument of a function, or a field of a type, to be fed.
#[derive(Debug)]
pub struct KeyProbe<'a, T: ?Sized>(pub &'a T);

/// First choice: the type has a key.
pub trait SelectKey {
    /// Feeds the argument, its type first.
    fn feed_argument(&self, arguments: &mut KeyArguments);

    /// Feeds the field.
    fn __joblib_feed_field(&self, hasher: &mut KeyHasher);
}

impl<T: Key + ?Sized> SelectKey for &&&KeyProbe<'_, T> {
    #[inline]
    fn feed_argument(&self, arguments: &mut KeyArguments) {
        feed_typed(self.0, &mut arguments.hasher);
    }

    #[inline]
    fn __joblib_feed_field(&self, hasher: &mut KeyHasher) {
        self.0.feed(hasher);
    }
}

/// Second: what the type holds can change behind a shared reference, so it is
/// refused even where it can be serialized.
pub trait SelectRefused {
    /// What changes.
    type Part: ?Sized;

    /// Never called: its condition does not hold.
    fn feed_argument(&self, _: &mut KeyArguments)
    where
        Self::Part: NoInteriorMutability,
    {
    }

    /// Never called: its condition does not hold.
    fn __joblib_feed_field(&self, _: &mut KeyHasher)
    where
        Self::Part: NoInteriorMutability,
    {
    }
}

impl<T: InteriorMutable + ?Sized> SelectRefused for &&KeyProbe<'_, T> {
    type Part = T::Part;
}

/// No type has it: asked of what is refused, it says why.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of the key of a memoized function",
    label = "`{Self}` can change behind `&`",
    note = "take the value inside",
    note = "or leave the argument out of the key: `ignore(..)`",
    note = "or say what stands for it: `key(arg = ..)`"
)]
pub trait NoInteriorMutability {}

/// Third: the type can be serialized.
pub trait SelectSerialize {
    /// Feeds the argument, its type first.
    fn feed_argument(&self, arguments: &mut KeyArguments);

    /// Feeds the field.
    fn __joblib_feed_field(&self, hasher: &mut KeyHasher);
}

impl<T: Serialize + ?Sized> SelectSerialize for &KeyProbe<'_, T> {
    fn feed_argument(&self, arguments: &mut KeyArguments) {
        self.__joblib_feed_field(&mut arguments.hasher);
    }

    fn __joblib_feed_field(&self, hasher: &mut KeyHasher) {
        if let Err(failure) = feed_serde(self.0, hasher) {
            hasher.fail(failure);
        }
    }
}

/// Last: nothing is known of the type; the error says what to do.
pub trait SelectUnknown {
    /// The type of the argument.
    type Type: ?Sized;

    /// Never called: its condition does not hold.
    fn feed_argument(&self, _: &mut KeyArguments)
    where
        Self::Type: Key,
    {
    }

    /// Never called: its condition does not hold.
    fn __joblib_feed_field(&self, _: &mut KeyHasher)
    where
        Self::Type: Key,
    {
    }
}

impl<T: ?Sized> SelectUnknown for KeyProbe<'_, T> {
    type Type = T;
}

/// The way an argument of type `T` becomes part of a key.
pub trait KeyPolicy<T> {
    /// Feeds the argument, its type first.
    fn feed(self, argument: &T, arguments: &mut KeyArguments);
}

/// By its [`Key`], where the annotation can tell that it has one.
#[derive(Clone, Copy, Debug)]
pub struct UseKey;

impl<T: Key> KeyPolicy<T> for UseKey {
    #[inline]
    fn feed(self, argument: &T, arguments: &mut KeyArguments) {
        feed_typed(argument, &mut arguments.hasher);
    }
}

/// By a function that generated code gives, which finds the way itself.
#[derive(Clone, Copy, Debug)]
pub struct UseFn<F>(pub F);

impl<T, F: Fn(&T, &mut KeyArguments)> KeyPolicy<T> for UseFn<F> {
    #[inline]
    fn feed(self, argument: &T, arguments: &mut KeyArguments) {
        (self.0)(argument, arguments);
    }
}

/// Not at all.
#[derive(Clone, Copy, Debug)]
pub struct Ignored;

impl<T> KeyPolicy<T> for Ignored {
    #[inline]
    fn feed(self, _: &T, _: &mut KeyArguments) {}
}

/// A type whose value can change behind a shared reference.
pub trait InteriorMutable {
    /// The part of it that does.
    type Part: ?Sized;
}

macro_rules! changeable {
    ($([$($generics:tt)*] $ty:ty),* $(,)?) => {
        $(impl<$($generics)*> InteriorMutable for $ty {
            type Part = Self;
        })*
    };
}

changeable!(
    [] atomic::AtomicBool,
    [] atomic::AtomicU8,
    [] atomic::AtomicU16,
    [] atomic::AtomicU32,
    [] atomic::AtomicU64,
    [] atomic::AtomicUsize,
    [] atomic::AtomicI8,
    [] atomic::AtomicI16,
    [] atomic::AtomicI32,
    [] atomic::AtomicI64,
    [] atomic::AtomicIsize,
    [T: ?Sized] Cell<T>,
    [T: ?Sized] RefCell<T>,
    [T: ?Sized] UnsafeCell<T>,
    [T: ?Sized] Mutex<T>,
    [T: ?Sized] RwLock<T>,
    [T] OnceCell<T>,
    [T] OnceLock<T>,
    [T] atomic::AtomicPtr<T>,
    [T, F] LazyCell<T, F>,
    [T, F] LazyLock<T, F>,
    [T: ?Sized] &mut T,
);

macro_rules! around {
    ($([$($generics:tt)*] $ty:ty),* $(,)?) => {
        $(impl<$($generics)*> InteriorMutable for $ty {
            type Part = T::Part;
        })*
    };
}

around!(
    [T: InteriorMutable + ?Sized] &T,
    [T: InteriorMutable + ?Sized] Box<T>,
    [T: InteriorMutable + ?Sized] Rc<T>,
    [T: InteriorMutable + ?Sized] Arc<T>,
    [T: InteriorMutable] Option<T>,
    [T: InteriorMutable] Vec<T>,
    [T: InteriorMutable] [T],
    [T: InteriorMutable, const N: usize] [T; N],
);
