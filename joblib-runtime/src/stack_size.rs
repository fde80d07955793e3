//! The stack size of the threads that run tasks.

use crate::fork::OnceComputed;
use crate::resource_limit::{Limit, limit};

/// The environment variable that sets the stack size in bytes.
pub(crate) const VARIABLE: &str = "JOBLIB_RS_STACK_SIZE";

/// The size of a main thread's stack if the system sets no limit.
const DEFAULT: usize = 8 << 20;

/// The minimum: the code that runs a task needs part of it.
pub(crate) const MIN: usize = 256 << 10;

/// The maximum: more than any machine can map for a thread.
pub(crate) const MAX: usize = 1 << 40;

/// Returns the maximum size of the main thread's stack, so that a task runs wherever a
/// plain call of it does, or `RUST_MIN_STACK` if that is larger.
pub(crate) fn size() -> usize {
    static SIZE: OnceComputed<usize> = OnceComputed::new();
    *SIZE.get_or_init(|| {
        let least = std::env::var("RUST_MIN_STACK").ok();
        let least = least.and_then(|text| text.parse().ok()).unwrap_or(0);
        of_main().max(usize::min(least, MAX))
    })
}

/// Returns the stack size of a worker process: the configured one, limited to a valid
/// range, or else the default.
pub(crate) fn of_worker(configured: Option<usize>) -> usize {
    configured.map_or_else(size, |bytes| bytes.clamp(MIN, MAX))
}

fn of_main() -> usize {
    let Limit::AtMost(bytes) = limit(libc::RLIMIT_STACK) else {
        return DEFAULT;
    };
    usize::try_from(bytes)
        .unwrap_or(DEFAULT)
        .clamp(1 << 20, 1 << 30)
}
