//! Selects whether `Persist` or serde sends a type. The selection is made where the type
//! is known and is a parameter of the condition, so that one condition covers both.

use std::marker::PhantomData;

use super::persist_transport::PersistTransport;
use crate::persist::derive_support::Lossless;
use crate::wire::SerdeTransport;

/// Determines whether `Persist` sends a `T`. A constant does it by
///
/// ```text
/// use …::Fallback as _;
/// persisted(
///     TransportProbe::<T>::WHOLE,
///     TransportProbe::<T>::CARRIED,
///     TransportProbe::<T>::PERSISTED,
/// )
/// ```
///
/// because constants of the type itself shadow those of [`Fallback`] if their condition
/// holds, and a function that infers `T` by
///
/// ```text
/// use …::{ByPersist as _, BySerde as _, ByWhole as _, Neither as _};
/// (&&&&probe).by()                           // probe: TransportProbe<T>
/// ```
pub struct TransportProbe<T: ?Sized>(PhantomData<fn(*const T)>);

impl<T: ?Sized> TransportProbe<T> {
    /// The only value.
    pub const NEW: Self = TransportProbe(PhantomData);
}

impl<T: Lossless + ?Sized> TransportProbe<T> {
    /// `Persist` restores the complete value.
    pub const WHOLE: bool = true;
}

impl<T: SerdeTransport + ?Sized> TransportProbe<T> {
    /// Serde can send it.
    pub const CARRIED: bool = true;
}

impl<T: PersistTransport + ?Sized> TransportProbe<T> {
    /// `Persist` can send it.
    pub const PERSISTED: bool = true;
}

/// The values of the constants for a type for which no condition holds.
#[allow(missing_docs, reason = "the same as those of `TransportProbe`")]
pub trait Fallback {
    const WHOLE: bool = false;
    const CARRIED: bool = false;
    const PERSISTED: bool = false;
}

impl<T: ?Sized> Fallback for TransportProbe<T> {}

/// Returns whether `Persist` sends a type: if it restores the complete value, or if serde
/// cannot send it.
pub const fn persisted(whole: bool, carried: bool, persisted: bool) -> bool {
    whole || persisted && !carried
}

/// The selection as a type.
#[derive(Clone, Copy, Debug)]
pub struct UsesPersist<const PERSISTED: bool>;

macro_rules! choices {
    ($($(#[$doc:meta])* $choice:ident: $by:literal, for [$($generics:tt)*] $ask:ty;)*) => {$(
        $(#[$doc])*
        pub trait $choice {
            /// Returns the selection.
            fn by(&self) -> UsesPersist<$by> {
                UsesPersist
            }
        }

        impl<$($generics)*> $choice for $ask {}
    )*};
}

choices! {
    /// First choice: `Persist`, if it restores the complete value (see [`persisted`]).
    ByWhole: true, for [T: Lossless] &&&TransportProbe<T>;
    /// Second choice: serde.
    BySerde: false, for [T: SerdeTransport] &&TransportProbe<T>;
    /// Third choice: `Persist`, even if it omits something.
    ByPersist: true, for [T: PersistTransport] &TransportProbe<T>;
    /// Last choice: the type cannot be sent, which the condition reports.
    Neither: false, for [T] TransportProbe<T>;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::needless_borrow, reason = "generated code contains it")]

    use super::*;

    macro_rules! assert_by {
        ($ty:ty, $by:literal) => {
            const BY_CONSTANT: bool = persisted(
                TransportProbe::<$ty>::WHOLE,
                TransportProbe::<$ty>::CARRIED,
                TransportProbe::<$ty>::PERSISTED,
            );
            assert_eq!(BY_CONSTANT, $by);
            let UsesPersist::<$by> = (&&&&TransportProbe::<$ty>::NEW).by();
        };
    }

    #[test]
    fn serde_is_for_what_no_persist_gives_back_better() {
        {
            assert_by!(u64, false);
        }
        {
            assert_by!(Vec<String>, false);
        }
    }

    #[test]
    fn persist_is_for_what_serde_does_not_know() {
        {
            assert_by!(crate::wire::Shared<f64>, true);
        }
        {
            assert_by!((u64, Vec<crate::wire::Shared<f64>>), true);
        }
    }

    #[test]
    fn what_has_neither_is_left_to_the_condition() {
        struct Local;
        assert_by!(Vec<Local>, false);
    }
}
