//! What the `Debug` of a derived view shows of a field: the field itself, or
//! its type if that has no `Debug`, so that no field keeps a view from being
//! shown.

use std::any::type_name;
use std::fmt;

/// A field to be shown. `Shown(&field).__joblib_shown()` is the field where its type is
/// known to have `Debug`, and else, by [`DebugFallback`], the name of the type.
#[derive(Debug)]
pub struct DebugOr<'f, T>(pub &'f T);

impl<'f, T: fmt::Debug> DebugOr<'f, T> {
    /// The field.
    pub fn __joblib_shown(self) -> &'f T {
        self.0
    }
}

/// Second choice for a field.
pub trait DebugFallback: Sized {
    /// The name of its type.
    fn __joblib_shown(self) -> TypeNameDebug;
}

impl<T> DebugFallback for DebugOr<'_, T> {
    fn __joblib_shown(self) -> TypeNameDebug {
        TypeNameDebug(type_name::<T>())
    }
}

/// Shows itself as `<name>`.
pub struct TypeNameDebug(&'static str);

impl fmt::Debug for TypeNameDebug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

/// What `Debug` is derived to do for a struct with these fields.
///
/// # Errors
///
/// Those of writing.
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

/// The same for a tuple.
///
/// # Errors
///
/// Those of writing.
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
