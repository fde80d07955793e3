//! A strict audit panics where results differ.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use joblib::{Memory, memoize};

use super::{Twice, block_on};

static STRICT: Memory =
    Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/audit-strict")).audit_strict(1.0);
static MOOD: AtomicU64 = AtomicU64::new(0);

#[memoize(memory = STRICT)]
fn moody(x: u64) -> u64 {
    x + MOOD.load(SeqCst)
}

#[memoize(memory = STRICT)]
fn calls_moody(x: u64) -> bool {
    moody(x) < 100
}

#[memoize(memory = STRICT)]
async fn moody_later(x: u64) -> u64 {
    Twice(false).await;
    x + MOOD.load(SeqCst)
}

fn panic_of<T>(call: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(call))
        .err()
        .expect("it panics");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn a_strict_audit_panics_on_a_difference() {
    STRICT.clear().unwrap();
    MOOD.store(0, SeqCst);
    assert_eq!((moody(1), moody(1)), (1, 1));
    assert_eq!(block_on(moody_later(1)), 1);
    assert_eq!(block_on(moody_later(1)), 1);
    assert!(calls_moody(1) && calls_moody(1));
    MOOD.store(1, SeqCst);
    assert!(panic_of(|| moody(1)).contains("audit: audit::strict::moody (tests/audit/strict.rs:"));
    assert!(panic_of(|| block_on(moody_later(1))).contains("audit: audit::strict::moody_later ("));
    // The result of the outer function is equal; that of the inner one differs.
    assert!(panic_of(|| calls_moody(1)).contains("audit: audit::strict::moody ("));
    assert_eq!(calls_moody::stats().differing, 0);
    // The stored result can be replaced.
    assert_eq!(moody::recompute(1), 2);
    assert_eq!(moody(1), 2);
}
