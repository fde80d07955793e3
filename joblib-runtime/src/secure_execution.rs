//! Secure execution, as defined by getauxval(3) and ld.so(8): the program has rights that
//! the user who started it lacks. Settings that this user controls are then ignored.

use std::ffi::OsString;

/// Returns whether the program has more rights than the user who started it, because of
/// set-user-ID, set-group-ID or file capabilities.
pub(crate) fn is_required() -> bool {
    // SAFETY: the call only reads the auxiliary vector, which the kernel provides.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// Returns the value of an environment variable, or `None` in a program with raised
/// rights (like secure_getenv(3)).
pub(crate) fn var_os(name: &str) -> Option<OsString> {
    match is_required() {
        true => None,
        false => std::env::var_os(name),
    }
}
