//! The form in which the value of a result is stored: the value itself, or what the
//! functions of `store(to = …, from = …)` make of it.

use std::fmt::Display;
use std::ptr::NonNull;

use crate::codec::DecodeError;

/// The form in which a `T` is stored. It has no data, so that a function that decodes
/// can be passed on without it.
pub trait Form<T>: Copy {
    /// The type that is encoded.
    type Stored;

    /// Whether the user's code converts the value, so that nothing but reading a result
    /// back shows whether it is preserved.
    const IS_CONVERTED: bool;

    /// Passes the stored form of `value` to `take`.
    fn with<O>(&self, value: &T, take: impl FnOnce(&Self::Stored) -> O) -> O;

    /// Returns the value of which `stored` is the stored form.
    ///
    /// # Errors
    ///
    /// Fails if there is no such value.
    fn restore(&self, stored: Self::Stored) -> Result<T, DecodeError>;
}

/// Stores the value itself.
#[derive(Clone, Copy, Debug)]
pub struct AsIs;

impl<T> Form<T> for AsIs {
    type Stored = T;
    const IS_CONVERTED: bool = false;

    #[inline]
    fn with<O>(&self, value: &T, take: impl FnOnce(&T) -> O) -> O {
        take(value)
    }

    #[inline]
    fn restore(&self, stored: T) -> Result<T, DecodeError> {
        Ok(stored)
    }
}

/// Stores what the function `F` makes of the value, and restores it with `G`.
#[derive(Clone, Copy, Debug)]
pub struct Converted<F, G> {
    to: F,
    from: G,
}

impl<F, G> Converted<F, G> {
    #[inline]
    pub(super) fn new(to: F, from: G) -> Self {
        Converted { to, from }
    }
}

impl<T, F: ToStored<T>, G: FromStored<F::Stored, T>> Form<T> for Converted<F, G> {
    type Stored = F::Stored;
    const IS_CONVERTED: bool = true;

    fn with<O>(&self, value: &T, take: impl FnOnce(&F::Stored) -> O) -> O {
        take(&self.to.convert(value))
    }

    fn restore(&self, stored: F::Stored) -> Result<T, DecodeError> {
        self.from.restore(stored).map_err(|error| {
            DecodeError::Other(format!("`from` of its `store` returned an error: {error}"))
        })
    }
}

/// A function that returns what is stored for a `T`.
#[diagnostic::on_unimplemented(
    message = "expected a function `fn(&{T}) -> S`, where `S` is the type to store",
    label = "this is not a `fn(&{T}) -> S`"
)]
pub trait ToStored<T>: Copy {
    /// The type that is stored.
    type Stored;

    /// Returns what is stored.
    fn convert(&self, value: &T) -> Self::Stored;
}

#[diagnostic::do_not_recommend]
impl<T, S, F: Fn(&T) -> S + Copy> ToStored<T> for F {
    type Stored = S;

    #[inline]
    fn convert(&self, value: &T) -> S {
        self(value)
    }
}

/// A function that returns the `T` for which an `S` is stored.
#[diagnostic::on_unimplemented(
    message = "expected a function `fn({S}) -> {T}` or `fn({S}) -> Result<{T}, E>` with `E: Display`",
    label = "this is not a `fn({S}) -> {T}`"
)]
pub trait FromStored<S, T>: Copy {
    /// Returns the value.
    ///
    /// # Errors
    ///
    /// Fails with the function's error as text.
    fn restore(&self, stored: S) -> Result<T, String>;
}

#[diagnostic::do_not_recommend]
impl<S, T, O: Restored<T>, G: Fn(S) -> O + Copy> FromStored<S, T> for G {
    #[inline]
    fn restore(&self, stored: S) -> Result<T, String> {
        self(stored).restored()
    }
}

/// What a function may return that restores a `T`.
pub trait Restored<T> {
    /// Returns the value.
    ///
    /// # Errors
    ///
    /// Fails with the text of an error.
    fn restored(self) -> Result<T, String>;
}

impl<T> Restored<T> for T {
    #[inline]
    fn restored(self) -> Result<T, String> {
        Ok(self)
    }
}

impl<T, E: Display> Restored<T> for Result<T, E> {
    #[inline]
    fn restored(self) -> Result<T, String> {
        self.map_err(|error| error.to_string())
    }
}

/// Returns a copy of a value without data.
///
/// # Safety
///
/// There has been a value of type `V`.
#[inline]
pub(super) unsafe fn another<V: Copy>() -> V {
    const {
        assert!(
            size_of::<V>() == 0,
            "`store` takes functions by their paths, not variables"
        );
    }
    // SAFETY: the pointer is not null and aligned, so reading zero bytes from it is
    // valid. They are a copy of those of the value of which the caller knows, and `V` is
    // `Copy`.
    unsafe { NonNull::<V>::dangling().read() }
}
