//! By what a type travels, `Persist` or serde, asked where the type is known:
//! a condition names its answer, so that one condition has room for both.

use std::marker::PhantomData;

use super::persist_transport::PersistTransport;
use crate::persist::derive_support::Lossless;
use crate::wire::SerdeTransport;

/// Asks whether a `T` travels by `Persist`. A constant does it by
///
/// ```text
/// use …::Unlike as _;
/// persisted(Ask::<T>::WHOLE, Ask::<T>::CARRIED, Ask::<T>::PERSISTED)
/// ```
///
/// as constants of the type itself hide those of [`Fallback`] where their
/// condition holds, and a function that infers `T` by
///
/// ```text
/// use …::{ByPersist as _, BySerde as _, ByWhole as _, Neither as _};
/// (&&&&ask).by()                             // ask: Ask<T>
/// ```
pub struct TransportProbe<T: ?Sized>(PhantomData<fn(*const T)>);

impl<T: ?Sized> TransportProbe<T> {
    /// The only value.
    pub const NEW: Self = TransportProbe(PhantomData);
}

impl<T: Lossless + ?Sized> TransportProbe<T> {
    /// `Persist` gives back all of it.
    pub const WHOLE: bool = true;
}

impl<T: SerdeTransport + ?Sized> TransportProbe<T> {
    /// Serde can take it.
    pub const CARRIED: bool = true;
}

impl<T: PersistTransport + ?Sized> TransportProbe<T> {
    /// `Persist` can take it.
    pub const PERSISTED: bool = true;
}

/// What is so of no type in particular.
#[allow(missing_docs, reason = "as those of `Ask`")]
pub trait Fallback {
    const WHOLE: bool = false;
    const CARRIED: bool = false;
    const PERSISTED: bool = false;
}

impl<T: ?Sized> Fallback for TransportProbe<T> {}

/// Whether a type travels by `Persist`: if that gives back all of it, or if
/// serde cannot take it.
pub const fn persisted(whole: bool, carried: bool, persisted: bool) -> bool {
    whole || persisted && !carried
}

/// The answer as a value.
#[derive(Clone, Copy, Debug)]
pub struct UsesPersist<const PERSISTED: bool>;

macro_rules! choices {
    ($($(#[$doc:meta])* $choice:ident: $by:literal, for [$($generics:tt)*] $ask:ty;)*) => {$(
        $(#[$doc])*
        pub trait $choice {
            /// By what the type travels.
            fn by(&self) -> UsesPersist<$by> {
                UsesPersist
            }
        }

        impl<$($generics)*> $choice for $ask {}
    )*};
}

choices! {
    /// First choice, as in [`persisted`].
    ByWhole: true, for [T: Lossless] &&&TransportProbe<T>;
    /// Then: by serde.
    BySerde: false, for [T: SerdeTransport] &&TransportProbe<T>;
    /// Then: by `Persist`, whatever it leaves out.
    ByPersist: true, for [T: PersistTransport] &TransportProbe<T>;
    /// Then: not at all, which the condition tells.
    Neither: false, for [T] TransportProbe<T>;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::needless_borrow, reason = "as generated code writes it")]

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
