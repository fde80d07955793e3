//! `Debug` for derived views: shows a field, or the name of its type if the type does
//! not implement `Debug`, so that every view can be shown.

use std::any::type_name;
use std::fmt;

/// A field for `Debug` output. `DebugOr(&field).__joblib_shown()` returns the field if
/// its type is known to implement `Debug`; otherwise [`DebugFallback`] applies and
/// returns the name of the type.
#[derive(Debug)]
pub struct DebugOr<'f, T>(pub &'f T);

impl<'f, T: fmt::Debug> DebugOr<'f, T> {
    /// Returns the field.
    pub fn __joblib_shown(self) -> &'f T {
        self.0
    }
}

/// The fallback for fields without `Debug`. Method resolution prefers the inherent
/// method of [`DebugOr`].
pub trait DebugFallback: Sized {
    /// Returns the name of the field's type.
    fn __joblib_shown(self) -> TypeNameDebug;
}

impl<T> DebugFallback for DebugOr<'_, T> {
    fn __joblib_shown(self) -> TypeNameDebug {
        TypeNameDebug(type_name::<T>())
    }
}

/// Formats the name of a type as `<name>`.
pub struct TypeNameDebug(&'static str);

impl fmt::Debug for TypeNameDebug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

/// Formats a struct with these fields as a derived `Debug` does.
///
/// # Errors
///
/// The errors of the formatter.
pub fn show_struct(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    fields: &[(&str, &dyn fmt::Debug)],
) -> fmt::Result {
    let mut shown = f.debug_struct(name);
    for (name, field) in fields {
        shown.field(name, field);
    }
    shown.finish()
}

/// As [`show_struct`], for a tuple struct.
///
/// # Errors
///
/// The errors of the formatter.
pub fn show_tuple(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    fields: &[&dyn fmt::Debug],
) -> fmt::Result {
    let mut shown = f.debug_tuple(name);
    for field in fields {
        shown.field(field);
    }
    shown.finish()
}
