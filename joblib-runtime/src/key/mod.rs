//! Keys of arguments: the [`Key`] trait, its implementations for standard types, and the
//! selection that generated code makes for each argument.
//!
//! A key is the XXH3-128 hash of a typed, self-delimiting, little-endian encoding. Equal
//! values have equal keys on every platform, in every process and in every build; `1u32`
//! and `1u64` have different ones. The hash protects against accidental collisions, not
//! against crafted input.

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
pub mod shared_digest;
pub mod tag;
#[cfg(test)]
mod tests;
mod text;
mod time;
pub(crate) mod time_taken;
mod tuple;
mod type_declaration;

#[cfg(feature = "arrow")]
pub(crate) mod arrow;
#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "candle-core")]
mod candle;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "num-complex")]
mod complex;
#[cfg(feature = "rust_decimal")]
mod decimal;
#[cfg(feature = "faer")]
mod faer;
#[cfg(feature = "image")]
mod image;
#[cfg(feature = "indexmap")]
mod indexmap;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(any(feature = "nalgebra", feature = "nalgebra034"))]
mod nalgebra;
#[cfg(any(feature = "ndarray", feature = "ndarray016"))]
mod ndarray;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "rust_decimal"))]
mod nominal;
#[cfg(feature = "petgraph")]
mod petgraph;
#[cfg(feature = "polars")]
mod polars;
#[cfg(feature = "smallvec")]
mod smallvec;
#[cfg(feature = "uuid")]
mod uuid;

pub use error::KeyError;
pub use file::FileContents;
pub use hasher::KeyHasher;
pub(crate) use identity::number;
#[cfg(feature = "image")]
pub(crate) use image::NamedPixel;
pub use origin::CoveredCrates;
#[cfg(feature = "polars")]
pub(crate) use polars::has_known_type;
pub use serde::feed_serde;
pub use type_declaration::TypeDeclaration;

/// A value that can be part of the key of a memoized function.
///
/// `#[derive(Key)]` implements it for structs and enums. The implementations guarantee:
///
/// * Equal values have equal keys in every process and build and on every platform.
///   Floating point numbers are compared by their bits: `-0.0` is not `0.0`, and a NaN
///   equals only a NaN with the same bits.
/// * The type is part of the key, also if there are no values: `1u32` is not `1u64`, and
///   an empty `[f32]` is not an empty `[f64]`.
/// * Owners and references are transparent: `&T`, `Box<T>`, `Rc<T>`, `Arc<T>`,
///   `Cow<T>` and `Pin<Box<T>>` are `T`, `String` is `str`, `Vec<T>` is `[T]`,
///   `PathBuf` is `Path`. An array `[T; N]` is a type of its own.
/// * The order and the hasher of a `HashMap` or `HashSet` are ignored. The iteration
///   order of a `BinaryHeap` is significant, because it determines which of several equal
///   elements comes first.
/// * The key of a path is its text; see [`FileContents`] for the contents of the file.
///
/// The key of a type that only implements `serde::Serialize` is computed from that. serde
/// presents every map and set as a sequence, so the type decides whether the order is
/// significant:
///
/// * It is ignored for the `HashMap` and `HashSet` of the standard library and of
///   `hashbrown`, at any depth, also within types that forward to the `Serialize` of
///   such a map.
/// * It is significant for every other type: `IndexMap`, `IndexSet`, `serde_json::Map`,
///   `toml::Table`, and all unknown map types. Two `IndexMap`s that are equal except for
///   their order have different keys.
/// * A `HashMap` in a field with `#[serde(flatten)]`, or one that a handwritten
///   `Serialize` iterates over, cannot be distinguished from an ordered map. Its order is
///   significant and differs in every process, so such arguments never hit the cache.
///   Derive `Key` for the type, or set the key with `key(arg = ..)`.
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
    label = "`{Self}` implements neither `Key` nor `Serialize`, or has interior mutability",
    note = "derive `joblib::Key` or `serde::Serialize` for it",
    note = "for a type of another crate, enable the feature of joblib with the name of that crate, if there is one",
    note = "or exclude it: `ignore(..)` for an argument, `#[key(skip)]` for a field",
    note = "or set its key: `key(arg = ..)`"
)]
pub trait Key {
    /// Feeds the identity of this type, which distinguishes it from every other type.
    ///
    /// It must not depend on a value, and must not descend into the fields of a named
    /// type: [`KeyHasher::nominal`] and the type parameters are sufficient, and also
    /// terminate for a recursive type.
    fn feed_type(hasher: &mut KeyHasher);

    /// Feeds the value in a self-delimiting form.
    ///
    /// What it feeds must not change while the value is borrowed, as for a key of a
    /// `HashMap`: tasks of a call that share an argument use one hash of it. If it depends on
    /// anything else, such as a file, call [`KeyHasher::mark_volatile`].
    fn feed(&self, hasher: &mut KeyHasher);

    /// Feeds exactly what feeding each element in turn would.
    ///
    /// Number types override it to hash a whole slice at once.
    fn feed_slice(slice: &[Self], hasher: &mut KeyHasher)
    where
        Self: Sized,
    {
        for element in slice {
            element.feed(hasher);
        }
    }
}

/// Returns the key of a value, which includes its type.
///
/// # Panics
///
/// Panics if a component of the value has no key, because its `Serialize` failed or a
/// file could not be read.
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
