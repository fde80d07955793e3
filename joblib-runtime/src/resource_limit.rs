//! Reads resource limits (getrlimit(2)). A system call filter may deny the query, so a
//! limit can be unknown.

use std::mem::MaybeUninit;

/// How much of a resource this process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// At most this many.
    AtMost(u64),
    Unlimited,
    Unknown,
}

/// Returns the soft and the hard limit of a resource (one of `RLIMIT_*`).
pub(crate) fn limits(resource: libc::__rlimit_resource_t) -> [Limit; 2] {
    let mut limits = MaybeUninit::<libc::rlimit64>::uninit();
    // SAFETY: the pointer is valid, and the structure is initialized if the call
    // succeeds.
    match unsafe { libc::getrlimit64(resource, limits.as_mut_ptr()) } {
        0 => {
            // SAFETY: the call succeeded.
            let limits = unsafe { limits.assume_init() };
            [limits.rlim_cur, limits.rlim_max].map(|limit| match limit {
                libc::RLIM64_INFINITY => Limit::Unlimited,
                most => Limit::AtMost(most),
            })
        }
        _ => [Limit::Unknown; 2],
    }
}

/// Returns the soft limit, which is the one that is enforced.
pub(crate) fn limit(resource: libc::__rlimit_resource_t) -> Limit {
    limits(resource)[0]
}

/// Returns whether the size of files is unlimited.
pub(crate) fn is_file_size_unlimited() -> bool {
    limit(libc::RLIMIT_FSIZE) == Limit::Unlimited
}
