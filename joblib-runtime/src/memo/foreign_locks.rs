//! Checks whether other processes compute results for a store. The kernel knows this by
//! the locks that they hold. It is asked at intervals, so that most checks cost only a
//! read of the clock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How old an answer may be. Tasks shorter than this are not worth deferring.
const AGE: Duration = Duration::from_millis(1);

/// The cached answer.
#[derive(Debug, Default)]
pub(super) struct ForeignLockCheck {
    is_any: AtomicBool,
    /// When to ask again, in nanoseconds since the first check of this process.
    next: AtomicU64,
}

impl ForeignLockCheck {
    /// Returns the cached answer, or that of `ask` if the cached one is too old.
    pub(super) fn is_any(&self, ask: impl FnOnce() -> bool) -> bool {
        self.is_any_at(now(), ask)
    }

    fn is_any_at(&self, now: u64, ask: impl FnOnce() -> bool) -> bool {
        let next = self.next.load(Relaxed);
        let is_old = now >= next;
        let then = now + AGE.as_nanos() as u64;
        // Only one of several threads asks.
        if is_old
            && self
                .next
                .compare_exchange(next, then, Relaxed, Relaxed)
                .is_ok()
        {
            self.is_any.store(ask(), Relaxed);
        }
        self.is_any.load(Relaxed)
    }
}

fn now() -> u64 {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    BEGUN.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_asked_at_first_and_then_once_in_a_while() {
        let elsewhere = ForeignLockCheck::default();
        let age = AGE.as_nanos() as u64;
        assert!(elsewhere.is_any_at(0, || true));
        assert!(elsewhere.is_any_at(1, || unreachable!()));
        assert!(elsewhere.is_any_at(age - 1, || unreachable!()));
        assert!(!elsewhere.is_any_at(age, || false));
        assert!(!elsewhere.is_any_at(age + 1, || unreachable!()));
    }
}
