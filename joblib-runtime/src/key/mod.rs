//! What stands for an argument in a cache: the [`Key`] trait, its encoding of
//! the standard types, and the choice generated code makes for each argument.
//!
//! A key is the XXH3-128 hash of a typed, self-delimiting, little-endian
//! encoding, so equal values have equal keys on every platform, in every
//! process and in every build, and `1u32` and `1u64` have different ones. The
//! hash guards against accident, not against crafted input.

mod code;
mod core_types;
mod error;
mod file;
mod hasher;
mod identity;
mod map;
mod net;
mod number;
mod origin;
mod pointer;
mod range;
pub mod select;
mod sequence;
mod serde;
pub mod tag;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod tuple;
mod type_declaration;

#[cfg(feature = "num-complex")]
mod complex;
#[cfg(feature = "nalgebra")]
mod nalgebra;
#[cfg(feature = "ndarray")]
mod ndarray;

pub use error::KeyError;
pub use file::FileContents;
pub use hasher::KeyHasher;
pub(crate) use identity::number;
pub use origin::CoveredCrates;
pub use serde::feed_serde;
pub use type_declaration::TypeDeclaration;

/// A value that can be part of the key of a memoized function.
///
/// `#[derive(Key)]` implements it for structs and enums.
/// What the implementations promise:
///
/// * Equal values have equal keys, in every process, build and platform.
///   Floating point numbers count by their bits: `-0.0` is not `0.0`, and a NaN
///   equals only a NaN of the same bits.
/// * The type counts, also where there is no value to look at: `1u32` is not
///   `1u64`, and an empty `[f32]` is not an empty `[f64]`.
/// * Owners and references are transparent: `&T`, `Box<T>`, `Rc<T>`, `Arc<T>`,
///   `Cow<T>` and `Pin<Box<T>>` are `T`, `String` is `str`, `Vec<T>` is `[T]`,
///   `PathBuf` is `Path`. An array `[T; N]` is a type of its own.
/// * `HashMap` and `HashSet` count without their order and without their hasher.
///   A `BinaryHeap` counts with the order that it iterates in, which decides
///   which of equal elements it gives first.
/// * A path is its text; see [`FileContents`] for what is in the file.
///
/// A type with `serde::Serialize` alone counts as that describes it. serde shows
/// every map and set as a sequence, so the type decides whether the order counts:
///
/// * It does not for `HashMap` and `HashSet` of the standard library and of
///   `hashbrown`, at any depth, also within types that hand the `Serialize` of
///   such a map on.
/// * It counts for every other: `IndexMap`, `IndexSet`, `serde_json::Map`,
///   `toml::Table`, and maps of types that nobody here knows. Two `IndexMap`s that
///   are equal but for their order have different keys.
/// * A `HashMap` in a field with `#[serde(flatten)]`, or one that a `Serialize`
///   written by hand takes apart, cannot be told from an ordered one. Its order
///   counts, which is another in every process: such arguments find no results.
///   Derive `Key` for the type, or say what stands for it: `key(arg = ..)`.
///
/// Types whose value can change behind a shared reference (`Cell`, `Mutex`,
/// atomics), functions, closures and raw pointers have no key.
///
/// # Example
///
/// ```
/// # use joblib_runtime::key as joblib;
/// use joblib::{Key, KeyHasher};
///
/// struct Celsius(f64);
///
/// impl Key for Celsius {
///     fn feed_type(hasher: &mut KeyHasher) {
///         hasher.nominal(module_path!(), "Celsius", 0);
///     }
///     fn feed(&self, hasher: &mut KeyHasher) {
///         self.0.feed(hasher);
///     }
/// }
///
/// fn of<T: Key>(value: &T) -> u128 {
///     let mut hasher = KeyHasher::new();
///     T::feed_type(&mut hasher);
///     value.feed(&mut hasher);
///     hasher.finish()
/// }
///
/// assert_eq!(of(&Celsius(21.5)), of(&Box::new(Celsius(21.5))));
/// assert_ne!(of(&Celsius(21.5)), of(&21.5));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of the key of a memoized function",
    label = "`{Self}` has neither `Key` nor `Serialize`, or its value can change unseen",
    note = "derive `joblib::Key` or `serde::Serialize` for it",
    note = "or leave it out: `ignore(..)` for an argument, `#[key(skip)]` for a field",
    note = "or say what stands for it: `key(arg = ..)`"
)]
pub trait Key {
    /// Feeds what tells this type from every other, whatever the value.
    ///
    /// It must not depend on a value, and must not descend into the fields of a
    /// type with a name: [`KeyHasher::nominal`] and the type parameters are
    /// enough, and end where a recursive type would not.
    fn feed_type(hasher: &mut KeyHasher);

    /// Feeds the value, in a form whose end is known from what was fed.
    fn feed(&self, hasher: &mut KeyHasher);

    /// Feeds exactly what feeding each element in turn would.
    ///
    /// Numbers override it to hash a whole slice at once.
    fn feed_slice(slice: &[Self], hasher: &mut KeyHasher)
    where
        Self: Sized,
    {
        for element in slice {
            element.feed(hasher);
        }
    }
}

/// The key of one value with its type.
///
/// # Panics
///
/// A part of the value has no key: its `Serialize` failed, or a file could not
/// be read.
pub fn of<T: Key + ?Sized>(value: &T) -> u128 {
    let mut hasher = KeyHasher::new();
    feed_typed(value, &mut hasher);
    if let Some(failure) = hasher.failure() {
        panic!("{failure}");
    }
    hasher.finish()
}

/// Feeds the type of a value, then the value.
#[inline]
pub fn feed_typed<T: Key + ?Sized>(value: &T, hasher: &mut KeyHasher) {
    T::feed_type(hasher);
    value.feed(hasher);
}
