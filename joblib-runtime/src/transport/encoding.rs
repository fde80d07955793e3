//! Selects the encoding of a type: numbers with the same layout as in memory, `Persist` or
//! serde. The selection is made where the type is known. It becomes a parameter of the
//! conditions in [`condition`](super::condition), so that one condition covers all
//! encodings.

use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::persist::Persist;
use crate::persist::derive_support::Lossless;
use crate::wire::Pod;

/// The number of the encoding by serde. Types without any encoding have it too, so that
/// the condition reports what they lack.
pub const SERDE: u8 = 0;

/// The number of the encoding by `Persist`.
pub const PERSIST: u8 = 1;

/// The number of the encoding as numbers.
pub const NUMBERS: u8 = 2;

/// The number that stands for no encoding of a result whose type has a type parameter.
pub(super) const UNBOUNDED: u8 = 3;

/// A selected encoding, by its number.
#[derive(Clone, Copy, Debug)]
pub struct Encoding<const E: u8>;

/// The selection for a message to another process: `Persist` before serde only if it
/// restores the complete value.
#[derive(Debug)]
pub enum InMessage {}

/// The selection for a result in the cache: `Persist` before serde.
#[derive(Debug)]
pub enum InCache {}

/// A type whose encoding is selected, for the purpose `P`: for a message by constants where
/// the type is written in the program ([`encoding_of!`](crate::__joblib_encoding_of)), and
/// otherwise by method lookup:
///
/// ```text
/// use …::{SelectFaithful as _, SelectNumbers as _, SelectPersist as _, SelectSerde as _, SelectUnknown as _};
/// (&&&&&probe).__joblib_encoding()   // probe: Probe<P, T>
/// ```
///
/// Method lookup tries the impl for the most references first and removes one reference
/// at a time (autoref specialization, David Tolnay's case study in
/// "proc-macro-workshop").
#[derive(Debug)]
pub struct Probe<P, T: ?Sized>(PhantomData<fn() -> P>, PhantomData<fn(*const T)>);

impl<P, T: ?Sized> Probe<P, T> {
    /// The only value.
    pub const NEW: Self = Probe(PhantomData, PhantomData);
}

/// What `Persist` must do to come before serde, for the purpose `P`.
pub trait Faithful<P> {}

impl<T: Lossless + ?Sized> Faithful<InMessage> for T {}

impl<T: Persist> Faithful<InCache> for T {}

/// A type that serde encodes: a value without borrows, or a slice or text of such values.
pub trait SerdeValue {}

impl<T: Serialize + DeserializeOwned> SerdeValue for T {}

impl<T: Serialize + DeserializeOwned> SerdeValue for [T] {}

impl SerdeValue for str {}

impl SerdeValue for std::path::Path {}

/// A type that `Persist` encodes: a value or a slice of such values.
pub trait PersistValue {}

impl<T: Persist> PersistValue for T {}

impl<T: Persist> PersistValue for [T] {}

/// A slice of numbers, or an owner of one.
pub trait NumberSlice {}

impl<N: Pod> NumberSlice for [N] {}

impl<N: Pod> NumberSlice for Vec<N> {}

impl<N: Pod> NumberSlice for Box<[N]> {}

impl<N: Pod> NumberSlice for Arc<[N]> {}

impl<T: NumberSlice + ?Sized> Probe<InMessage, T> {
    /// It is a slice of numbers.
    pub const IS_NUMBERS: bool = true;
}

impl<T: Lossless + ?Sized> Probe<InMessage, T> {
    /// `Persist` restores the complete value.
    pub const IS_FAITHFUL: bool = true;
}

impl<T: SerdeValue + ?Sized> Probe<InMessage, T> {
    /// Serde can send it.
    pub const HAS_SERDE: bool = true;
}

impl<T: PersistValue + ?Sized> Probe<InMessage, T> {
    /// `Persist` can send it.
    pub const HAS_PERSIST: bool = true;
}

/// The values of the constants for a type for which no condition holds.
#[allow(missing_docs, reason = "the same as those of `Probe`")]
pub trait Fallback {
    const IS_NUMBERS: bool = false;
    const IS_FAITHFUL: bool = false;
    const HAS_SERDE: bool = false;
    const HAS_PERSIST: bool = false;
}

impl<T: ?Sized> Fallback for Probe<InMessage, T> {}

/// Returns the encoding of a type in a message.
pub const fn encoding(
    is_numbers: bool,
    is_faithful: bool,
    has_serde: bool,
    has_persist: bool,
) -> u8 {
    match (is_numbers, is_faithful || has_persist && !has_serde) {
        (true, _) => NUMBERS,
        (false, true) => PERSIST,
        (false, false) => SERDE,
    }
}

/// A constant of [`Probe`]. The macros below import nothing by name, because an import would
/// shadow what the tokens of `$ty` mean where they were written.
#[doc(hidden)]
#[macro_export]
macro_rules! __joblib_of_probe {
    ($constant:ident, $ty:ty) => {{
        #[allow(unused_imports, reason = "a type may have the constant itself")]
        use $crate::__private::transport::Fallback as _;
        $crate::__private::transport::Probe::<$crate::__private::transport::InMessage, $ty>::$constant
    }};
}

/// Evaluates to the number of the encoding of a type in a message. Constants of the type
/// itself shadow those of [`Fallback`] if their condition holds.
#[doc(hidden)]
#[macro_export]
macro_rules! __joblib_encoding_of {
    ($ty:ty) => {
        $crate::__private::transport::encoding(
            $crate::__joblib_of_probe!(IS_NUMBERS, $ty),
            $crate::__joblib_of_probe!(IS_FAITHFUL, $ty),
            $crate::__joblib_of_probe!(HAS_SERDE, $ty),
            $crate::__joblib_of_probe!(HAS_PERSIST, $ty),
        )
    };
}

/// Evaluates to the [`UnsendablePart`](crate::task::UnsendablePart) of an argument or
/// result, or to `None` if it can be sent.
#[doc(hidden)]
#[macro_export]
macro_rules! __joblib_unsendable {
    ($ty:ty, $name:expr) => {
        $crate::__private::task::unsendable::<$ty>(
            $crate::__joblib_of_probe!(IS_NUMBERS, $ty)
                || $crate::__joblib_of_probe!(HAS_SERDE, $ty)
                || $crate::__joblib_of_probe!(HAS_PERSIST, $ty),
            $name,
        )
    };
}

macro_rules! choices {
    ($($(#[$doc:meta])* $choice:ident: $number:ident, for [$($generics:tt)*] $probe:ty;)*) => {$(
        $(#[$doc])*
        pub trait $choice {
            /// Returns the encoding.
            #[inline]
            fn __joblib_encoding(&self) -> Encoding<$number> {
                Encoding
            }
        }

        impl<$($generics)*> $choice for $probe {}
    )*};
}

choices! {
    /// First choice: numbers.
    SelectNumbers: NUMBERS, for [T: NumberSlice + ?Sized] &&&&Probe<InMessage, T>;
    /// Second choice: `Persist`, if it keeps the complete value, or for the cache.
    SelectFaithful: PERSIST, for [P, T: Faithful<P> + ?Sized] &&&Probe<P, T>;
    /// Third choice: serde.
    SelectSerde: SERDE, for [P, T: SerdeValue + ?Sized] &&Probe<P, T>;
    /// Fourth choice: `Persist`, even if it omits something.
    SelectPersist: PERSIST, for [P, T: PersistValue + ?Sized] &Probe<P, T>;
    /// Last choice: the type has no encoding, which the condition reports.
    SelectUnknown: SERDE, for [P, T: ?Sized] Probe<P, T>;
    /// Last choice, instead of that, where the type has a type parameter: its bounds give it
    /// no encoding.
    SelectUnbounded: UNBOUNDED, for [T: ?Sized] Probe<InCache, T>;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::needless_borrow, reason = "generated code contains it")]

    use super::*;

    macro_rules! assert_encoding {
        ($ty:ty, $number:ident) => {
            const NUMBER: u8 = crate::__joblib_encoding_of!($ty);
            assert_eq!(NUMBER, $number);
            let Encoding::<$number> = (&&&&&Probe::<InMessage, $ty>::NEW).__joblib_encoding();
        };
    }

    #[test]
    fn slices_and_vectors_of_numbers_are_sent_as_numbers() {
        {
            assert_encoding!(Vec<f64>, NUMBERS);
        }
        {
            assert_encoding!([u8], NUMBERS);
        }
    }

    #[test]
    fn serde_sends_values_that_persist_would_restore_no_better() {
        {
            assert_encoding!(u64, SERDE);
        }
        {
            assert_encoding!(Vec<String>, SERDE);
        }
    }

    #[test]
    fn persist_sends_values_that_serde_cannot_send() {
        {
            assert_encoding!(crate::wire::Shared<f64>, PERSIST);
        }
        {
            assert_encoding!((u64, Vec<crate::wire::Shared<f64>>), PERSIST);
        }
    }

    #[test]
    fn what_has_neither_is_left_to_the_condition() {
        struct Local;
        assert_encoding!(Vec<Local>, SERDE);
    }

    #[test]
    fn persist_comes_before_serde_for_results_in_the_cache() {
        let Encoding::<PERSIST> = (&&&&Probe::<InCache, Vec<u64>>::NEW).__joblib_encoding();
        let Encoding::<SERDE> = (&&&&Probe::<InCache, serde_json::Value>::NEW).__joblib_encoding();
    }
}
