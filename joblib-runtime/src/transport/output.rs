//! Selects the codec of a function's result. A type that cannot be stored is a readable
//! compile error.
//!
//! Generated code writes, for a function that returns `R`,
//!
//! ```text
//! let part = (&&OutputProbe::<R>::NEW).__joblib_part(); // the `Ok` of a `Result`, or the whole
//! let equality = (&&&part).__joblib_equality();
//! let form = AsIs;
//! let encoding = (&&&&part.__joblib_probe(form)).__joblib_encoding(); // see `Probe`
//! encoding.stored(part, form, equality, Always)
//! ```
//!
//! which is an expression of a type `impl ResultCodec<R>`. With `store`, the form is
//! `part.__joblib_form(to, from)`. With `cache_if`, which may
//! accept an `Err`, the part is `WholePart::<R>::NEW`. Where something else already
//! requires `impl ResultCodec<R>`, `codec` takes the place of `stored`, so that a type that
//! cannot be stored causes one error and not two.

use std::marker::PhantomData;

use super::conversion::{AsIs, Converted, Form, FromStored, ToStored};
use super::encoding::{Encoding, InCache, PERSIST, Probe, SERDE};
use super::result_codec::{Equality, OkOnly, StoredAs, Whole};
use super::storable::Storable;

/// The return type of a function, of which the part to store is selected by method lookup.
#[derive(Debug)]
pub struct OutputProbe<R>(PhantomData<fn() -> R>);

impl<R> OutputProbe<R> {
    /// The only value.
    pub const NEW: Self = OutputProbe(PhantomData);
}

/// First choice: the `Ok` of a `Result`.
pub trait SelectOk<T> {
    /// Returns the part.
    #[inline]
    fn __joblib_part(&self) -> SelectedPart<OkOnly, T> {
        SelectedPart::NEW
    }
}

impl<T, E> SelectOk<T> for &OutputProbe<Result<T, E>> {}

/// Last choice: the whole result.
pub trait SelectWhole<R> {
    /// Returns the part.
    #[inline]
    fn __joblib_part(&self) -> SelectedPart<Whole, R> {
        SelectedPart::NEW
    }
}

impl<R> SelectWhole<R> for OutputProbe<R> {}

/// The part `S` of a result, a `T`, whose encoding and comparison are selected.
#[derive(Debug)]
pub struct SelectedPart<S, T>(PhantomData<fn() -> (S, T)>);

/// The whole result.
pub type WholePart<R> = SelectedPart<Whole, R>;

impl<S, T> SelectedPart<S, T> {
    /// The only value.
    pub const NEW: Self = SelectedPart(PhantomData);

    /// Returns the form that the functions of `store` give the part.
    #[inline]
    pub fn __joblib_form<F, G>(&self, to: F, from: G) -> Converted<F, G>
    where
        F: ToStored<T>,
        G: FromStored<F::Stored, T>,
    {
        Converted::new(to, from)
    }

    /// Returns the probe that selects the encoding of the stored form.
    #[inline]
    pub fn __joblib_probe<V: Form<T>>(&self, _: V) -> Probe<InCache, V::Stored> {
        Probe::NEW
    }
}

impl<const E: u8> Encoding<E> {
    /// Returns the codec of the part.
    #[inline]
    pub fn codec<S, T, V: Form<T>, C>(
        self,
        _: SelectedPart<S, T>,
        form: V,
        equality: Equality<T>,
        condition: C,
    ) -> StoredAs<S, T, C, V, E> {
        StoredAs::new(condition, form, equality)
    }

    /// Returns the codec of the part, whose stored form must be [`Storable`].
    #[inline]
    pub fn stored<S, T, V, C>(
        self,
        part: SelectedPart<S, T>,
        form: V,
        equality: Equality<T>,
        condition: C,
    ) -> StoredAs<S, T, C, V, E>
    where
        V: Form<T>,
        V::Stored: Storable<E>,
    {
        self.codec(part, form, equality, condition)
    }
}

impl<S, T> SelectedPart<S, T> {
    /// As [`Encoding::stored`], for a type with a type parameter. A method of the part,
    /// because the compiler knows the type of a receiver when it reports the condition.
    #[inline]
    pub fn stored_parameter<C, const E: u8>(
        self,
        encoding: Encoding<E>,
        form: AsIs,
        equality: Equality<T>,
        condition: C,
    ) -> StoredAs<S, T, C, AsIs, E>
    where
        Encoding<E>: Stores<T>,
    {
        encoding.codec(self, form, equality, condition)
    }
}

/// The condition for the result of a function whose type has a type parameter: its bounds
/// must give it an encoding.
///
/// The compiler suggests the missing trait as a bound of the parameter if `T` implements
/// it, so the encoding does.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be stored as the result of a memoized function",
    label = "`{T}`, or a type in it, borrows or lacks `Persist` (or `Serialize` and `Deserialize`)",
    note = "for a type parameter, write the bound `joblib::Persist`, or `serde::Serialize + serde::de::DeserializeOwned`",
    note = "for another type, derive `joblib::Persist` (or `serde::Serialize` and `serde::Deserialize`), and return an owned value",
    note = "for a type of another crate, enable the feature of joblib with the name of that crate, if there is one, or name functions that convert it with `store(to = …, from = …)`",
    note = "for a `Result<T, E>` only `T` is stored; with `cache_if` both are"
)]
pub trait Stores<T> {}

#[diagnostic::do_not_recommend]
impl<T> Stores<T> for Encoding<SERDE> {}

#[diagnostic::do_not_recommend]
impl<T> Stores<T> for Encoding<PERSIST> {}

/// First choice: the values are compared.
pub trait CompareEqual<T> {
    /// Returns the comparison.
    fn __joblib_equality(&self) -> Equality<T>;
}

impl<S, T: PartialEq> CompareEqual<T> for &&SelectedPart<S, T> {
    #[inline]
    fn __joblib_equality(&self) -> Equality<T> {
        Some(T::eq)
    }
}

/// Second choice: the values in two `Ok`s are compared.
pub trait CompareOk<R> {
    /// Returns the comparison.
    fn __joblib_equality(&self) -> Equality<R>;
}

impl<S, T: PartialEq, E> CompareOk<Result<T, E>> for &SelectedPart<S, Result<T, E>> {
    #[inline]
    fn __joblib_equality(&self) -> Equality<Result<T, E>> {
        Some(|one, other| match (one, other) {
            (Ok(one), Ok(other)) => one == other,
            _ => true,
        })
    }
}

/// Last choice: no comparison.
pub trait CompareNever<T> {
    /// Returns the comparison.
    #[inline]
    fn __joblib_equality(&self) -> Equality<T> {
        None
    }
}

impl<S, T> CompareNever<T> for SelectedPart<S, T> {}
