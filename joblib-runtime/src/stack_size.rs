//! How large the stacks of the threads are that run tasks.

use crate::fork::OnceComputed;
use crate::resource_limit::{Limit, limit};

/// Says how many bytes there are to be.
pub(crate) const VARIABLE: &str = "JOBLIB_RS_STACK_SIZE";

/// Of a main thread where the system sets no limit.
const USUAL: usize = 8 << 20;

/// No thread gets less: what runs a task needs some of it.
pub(crate) const LEAST: usize = 256 << 10;

/// No machine has more for a thread.
pub(crate) const MOST: usize = 1 << 40;

/// As large as the system lets that of the main thread become, so that a task
/// runs wherever a plain call of it does; larger where `RUST_MIN_STACK` asks
/// for that.
pub(crate) fn size() -> usize {
    static SIZE: OnceComputed<usize> = OnceComputed::new();
    *SIZE.get_or_init(|| {
        let least = std::env::var("RUST_MIN_STACK").ok();
        let least = least.and_then(|text| text.parse().ok()).unwrap_or(0);
        of_main().max(usize::min(least, MOST))
    })
}

/// As large as a worker process was told, if it was.
pub(crate) fn of_worker(said: Option<usize>) -> usize {
    said.map_or_else(size, |bytes| bytes.clamp(LEAST, MOST))
}

fn of_main() -> usize {
    let Limit::Most(bytes) = limit(libc::RLIMIT_STACK) else {
        return USUAL;
    };
    usize::try_from(bytes)
        .unwrap_or(USUAL)
        .clamp(1 << 20, 1 << 30)
}
