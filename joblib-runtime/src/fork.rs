//! Notices that this process was forked off another that had stores open.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

static FORKS: AtomicU64 = AtomicU64::new(0);

/// How many forks without an exec lie between this process and the one that
/// called [`watch`] first.
#[inline]
pub(crate) fn count() -> u64 {
    FORKS.load(Ordering::Relaxed)
}

/// Counts forks from here on.
pub(crate) fn watch() {
    static WATCH: Once = Once::new();
    extern "C" fn in_child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    WATCH.call_once(|| {
        // SAFETY: the handler only adds to an atomic, which is safe wherever a
        // signal handler is. Registering fails only where memory has run out.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}
