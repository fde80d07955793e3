//! Secure execution, as getauxval(3) and ld.so(8) have it: whether this program has
//! rights that whoever started it lacks. Then nothing that they can set decides over
//! what it does.

use std::ffi::OsString;

/// Whether the program has more rights than whoever started it: by set-user-ID,
/// set-group-ID or file capabilities.
pub(crate) fn is_required() -> bool {
    // SAFETY: the auxiliary vector is the kernel's, and is only read.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// What the environment variable says, as secure_getenv(3) has it: nothing in a program
/// with raised rights.
pub(crate) fn var_os(name: &str) -> Option<OsString> {
    match is_required() {
        true => None,
        false => std::env::var_os(name),
    }
}
