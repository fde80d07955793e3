//! Selects how generated code feeds an argument or a field: by its [`Key`], else by its
//! `serde::Serialize`. If it implements neither, that is a readable compile error.
//!
//! Generated code writes, for an argument behind the reference `r`, or that is a reference `r`,
//!
//! ```text
//! use select::*;
//! (&&&&KeyProbe(r)).__joblib_feed_argument(&mut arguments);
//! ```
//!
//! and `#[derive(Key)]`, for a field, `__joblib_feed_field(hasher)`, which does not feed
//! the type of the field, because the type that contains the field implies it.
//!
//! Method lookup tries the impl for the most references first and removes one reference
//! at a time (autoref specialization, David Tolnay's case study in
//! "proc-macro-workshop"), so the first of these traits that applies is used.

use std::cell::{Cell, LazyCell, OnceCell, RefCell, UnsafeCell};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::atomic;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, RwLock};

use serde::Serialize;

use super::shared_digest::{self, SharedArgument};
use super::time_taken;
use super::{CoveredCrates, Key, KeyError, KeyHasher, feed_serde, feed_typed, identity};

/// Computes the key of the arguments of a call, which are fed one after another.
#[derive(Debug, Default)]
pub struct KeyArguments {
    hasher: KeyHasher,
}

impl KeyArguments {
    /// Creates the state before the first argument.
    #[inline]
    pub fn new() -> Self {
        time_taken::begin();
        Self {
            hasher: KeyHasher::new(),
        }
    }

    /// Feeds a type that stands for code, such as that of a closure, and the digest of
    /// the executable, which determines what the code does.
    pub fn feed_code<T: ?Sized>(&mut self) {
        identity::feed_code::<T>(&mut self.hasher);
    }

    /// Feeds like [`KeyArguments::feed_code`], for the type of an argument.
    pub fn feed_code_of<T: ?Sized>(&mut self, _: &T) {
        self.feed_code::<T>();
    }

    /// Feeds all types that the function around a closure is generic over.
    pub fn feed_enclosing_generics<F>(&mut self, _closure: F) {
        identity::feed_surroundings::<F>(&mut self.hasher);
    }

    /// Feeds what the fingerprint of the function does not cover of the code of a type
    /// that the caller chose.
    #[inline]
    pub fn feed_origin<T: ?Sized>(&mut self, origins: &CoveredCrates) {
        origins.feed::<T>(&mut self.hasher);
    }

    /// Feeds like [`KeyArguments::feed_origin`], for the type of an argument.
    #[inline]
    pub fn feed_origin_of<T: ?Sized>(&mut self, _: &T, origins: &CoveredCrates) {
        self.feed_origin::<T>(origins);
    }

    /// Feeds a type whose printed name is unique in the program.
    pub fn feed_printed<T: ?Sized>(&mut self) {
        self.hasher
            .write_bytes(std::any::type_name::<T>().as_bytes());
    }

    /// Feeds an argument by its [`Key`], its type first.
    #[inline]
    fn feed_by_key<T: Key + ?Sized>(&mut self, argument: &T) {
        let feed = || shared_digest::addresses(T::feed_type, T::feed);
        let shared = SharedArgument::find(argument, feed);
        self.hasher
            .argument(shared, |hasher| feed_typed(argument, hasher));
    }

    /// Feeds an argument by its `Serialize`, which may show what can change.
    fn feed_by_serde<T: Serialize + ?Sized>(&mut self, argument: &T) {
        self.hasher
            .argument(None, |hasher| feed_serde_or_fail(argument, hasher));
    }

    /// Returns the key of all arguments, or an error if one of them has none.
    #[inline]
    pub fn finish(&self) -> Result<u128, KeyError> {
        match self.hasher.failure() {
            None => Ok(self.hasher.finish()),
            Some(failure) => Err(failure.clone()),
        }
    }
}

/// A stand-in for a type that the caller of a generic function chose. It is fed without a
/// value.
#[derive(Debug)]
pub struct TypeProbe<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized> TypeProbe<T> {
    /// The only value.
    pub const NEW: Self = TypeProbe(PhantomData);

    /// Returns the stand-in for the type of an argument, which may have no name.
    #[inline]
    pub fn of(_: &T) -> Self {
        Self::NEW
    }
}

/// First choice: the type's own [`Key::feed_type`].
pub trait SelectTypeByKey {
    /// Feeds the type.
    fn __joblib_feed_type(&self, arguments: &mut KeyArguments);
}

impl<T: Key + ?Sized> SelectTypeByKey for &&TypeProbe<T> {
    fn __joblib_feed_type(&self, arguments: &mut KeyArguments) {
        T::feed_type(&mut arguments.hasher);
    }
}

/// Second choice: its printed name, its `TypeId` and its layout. They may differ in
/// another build, which only costs cache hits.
pub trait SelectTypeByLayout {
    /// Feeds the name, the `TypeId` and the layout of the type.
    fn __joblib_feed_type(&self, arguments: &mut KeyArguments);
}

impl<T> SelectTypeByLayout for &TypeProbe<T> {
    fn __joblib_feed_type(&self, arguments: &mut KeyArguments) {
        arguments.hasher.type_name::<T>();
        identity::feed_layout::<T>(&mut arguments.hasher);
    }
}

/// Last choice, for a type that may be unsized: its printed name and its `TypeId`. The
/// digest of the executable is added unless the type is from the standard library,
/// because an unsized type has no layout to feed.
pub trait SelectTypeByName {
    /// Feeds the name and the `TypeId` of the type.
    fn __joblib_feed_type(&self, arguments: &mut KeyArguments);
}

impl<T: ?Sized> SelectTypeByName for TypeProbe<T> {
    fn __joblib_feed_type(&self, arguments: &mut KeyArguments) {
        static STANDARD: CoveredCrates = CoveredCrates::new("", "", 0).last();
        arguments.hasher.type_name::<T>();
        STANDARD.feed::<T>(&mut arguments.hasher);
    }
}

/// An argument of a function, or a field of a type, that is fed.
#[derive(Debug)]
pub struct KeyProbe<'a, T: ?Sized>(pub &'a T);

/// First choice: the type implements [`Key`].
pub trait SelectKey {
    /// Feeds the argument, its type first.
    fn __joblib_feed_argument(&self, arguments: &mut KeyArguments);

    /// Feeds the field.
    fn __joblib_feed_field(&self, hasher: &mut KeyHasher);
}

impl<T: Key + ?Sized> SelectKey for &&&KeyProbe<'_, T> {
    #[inline]
    fn __joblib_feed_argument(&self, arguments: &mut KeyArguments) {
        arguments.feed_by_key(self.0);
    }

    #[inline]
    fn __joblib_feed_field(&self, hasher: &mut KeyHasher) {
        self.0.feed(hasher);
    }
}

/// Second choice: the type has interior mutability, so it is rejected even if it
/// implements `Serialize`.
pub trait SelectRefused {
    /// The type with interior mutability.
    type Part: ?Sized;

    /// Never called, because its condition does not hold.
    fn __joblib_feed_argument(&self, _: &mut KeyArguments)
    where
        Self::Part: NoInteriorMutability,
    {
    }

    /// Never called, because its condition does not hold.
    fn __joblib_feed_field(&self, _: &mut KeyHasher)
    where
        Self::Part: NoInteriorMutability,
    {
    }
}

impl<T: InteriorMutable + ?Sized> SelectRefused for &&KeyProbe<'_, T> {
    type Part = T::Part;
}

/// The condition on a rejected type. No type implements it, so the compiler reports the
/// reason.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of the key of a memoized function",
    label = "`{Self}` can be modified through a shared reference",
    note = "pass the value inside it",
    note = "or exclude it: `ignore(..)` for an argument, `#[key(skip)]` for a field",
    note = "or set its key: `key(arg = ..)`"
)]
pub trait NoInteriorMutability {}

/// Third choice: the type implements `Serialize`.
pub trait SelectSerialize {
    /// Feeds the argument, its type first.
    fn __joblib_feed_argument(&self, arguments: &mut KeyArguments);

    /// Feeds the field.
    fn __joblib_feed_field(&self, hasher: &mut KeyHasher);
}

impl<T: Serialize + ?Sized> SelectSerialize for &KeyProbe<'_, T> {
    fn __joblib_feed_argument(&self, arguments: &mut KeyArguments) {
        arguments.feed_by_serde(self.0);
    }

    fn __joblib_feed_field(&self, hasher: &mut KeyHasher) {
        feed_serde_or_fail(self.0, hasher);
    }
}

/// Last choice: the type implements none of these. The compile error names the way out.
pub trait SelectUnknown {
    /// The type of the argument.
    type Type: ?Sized;

    /// Never called, because its condition does not hold.
    fn __joblib_feed_argument(&self, _: &mut KeyArguments)
    where
        Self::Type: Key,
    {
    }

    /// Never called, because its condition does not hold.
    fn __joblib_feed_field(&self, _: &mut KeyHasher)
    where
        Self::Type: Key,
    {
    }
}

impl<T: ?Sized> SelectUnknown for KeyProbe<'_, T> {
    type Type = T;
}

/// How an argument of type `T` becomes part of a key.
pub trait KeyPolicy<T> {
    /// Feeds the argument, its type first.
    fn feed(self, argument: &T, arguments: &mut KeyArguments);
}

/// Uses [`Key`], if the annotation shows that the type implements it.
#[derive(Clone, Copy, Debug)]
pub struct UseKey;

impl<T: Key> KeyPolicy<T> for UseKey {
    #[inline]
    fn feed(self, argument: &T, arguments: &mut KeyArguments) {
        arguments.feed_by_key(argument);
    }
}

/// Like [`UseKey`], for an argument that is a reference.
#[derive(Clone, Copy, Debug)]
pub struct UseReferent;

impl<T: Key + ?Sized> KeyPolicy<&T> for UseReferent {
    #[inline]
    fn feed(self, argument: &&T, arguments: &mut KeyArguments) {
        arguments.feed_by_key(*argument);
    }
}

/// Uses a generated function, which selects how to feed the argument.
#[derive(Clone, Copy, Debug)]
pub struct UseFn<F>(pub F);

impl<T, F: Fn(&T, &mut KeyArguments)> KeyPolicy<T> for UseFn<F> {
    #[inline]
    fn feed(self, argument: &T, arguments: &mut KeyArguments) {
        (self.0)(argument, arguments);
    }
}

/// Excludes the argument.
#[derive(Clone, Copy, Debug)]
pub struct Ignored;

impl<T> KeyPolicy<T> for Ignored {
    #[inline]
    fn feed(self, _: &T, _: &mut KeyArguments) {}
}

fn feed_serde_or_fail<T: Serialize + ?Sized>(value: &T, hasher: &mut KeyHasher) {
    if let Err(failure) = feed_serde(value, hasher) {
        hasher.fail(failure);
    }
}

/// A type whose value can change behind a shared reference.
pub trait InteriorMutable {
    /// The component that can change.
    type Part: ?Sized;
}

macro_rules! interior_mutable {
    ($([$($generics:tt)*] $ty:ty),* $(,)?) => {
        $(impl<$($generics)*> InteriorMutable for $ty {
            type Part = Self;
        })*
    };
}

interior_mutable!(
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

macro_rules! wrappers {
    ($([$($generics:tt)*] $ty:ty),* $(,)?) => {
        $(impl<$($generics)*> InteriorMutable for $ty {
            type Part = T::Part;
        })*
    };
}

wrappers!(
    [T: InteriorMutable + ?Sized] &T,
    [T: InteriorMutable + ?Sized] Box<T>,
    [T: InteriorMutable + ?Sized] Rc<T>,
    [T: InteriorMutable + ?Sized] Arc<T>,
    [T: InteriorMutable] Option<T>,
    [T: InteriorMutable] Vec<T>,
    [T: InteriorMutable] [T],
    [T: InteriorMutable, const N: usize] [T; N],
);
