//! Limits of resources (getrlimit(2)), also where the system does not tell them: a filter
//! of system calls may refuse the question.

use std::mem::MaybeUninit;

/// How much of a resource this process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// So much.
    Most(u64),
    Unlimited,
    Unknown,
}

/// The soft and the hard limit of a resource, which `RLIMIT_*` names.
pub(crate) fn limits(resource: libc::__rlimit_resource_t) -> [Limit; 2] {
    let mut limits = MaybeUninit::<libc::rlimit64>::uninit();
    // SAFETY: the place is valid, and is filled where the call succeeds.
    match unsafe { libc::getrlimit64(resource, limits.as_mut_ptr()) } {
        0 => {
            // SAFETY: so it is filled.
            let limits = unsafe { limits.assume_init() };
            [limits.rlim_cur, limits.rlim_max].map(|limit| match limit {
                libc::RLIM64_INFINITY => Limit::Unlimited,
                most => Limit::Most(most),
            })
        }
        _ => [Limit::Unknown; 2],
    }
}

/// The limit that holds.
pub(crate) fn limit(resource: libc::__rlimit_resource_t) -> Limit {
    limits(resource)[0]
}

/// Whether files may have any size.
pub(crate) fn has_free_file_sizes() -> bool {
    limit(libc::RLIMIT_FSIZE) == Limit::Unlimited
}
