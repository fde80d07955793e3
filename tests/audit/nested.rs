//! Audits of memoized functions that call memoized functions, on one thread and on
//! several.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use joblib::backend::Processes;
use joblib::{Memory, finish_audits, memoize, parallel};

use super::{Twice, again, audit_warnings, block_on, is_again};

memory!(DEEP, "deep");

#[memoize(memory = DEEP)]
fn outer(x: u64) -> u64 {
    middle(x) + middle(x) + 1
}

#[memoize(memory = DEEP)]
fn middle(x: u64) -> u64 {
    inner(&x) + 1
}

#[memoize(memory = DEEP)]
fn inner(x: &u64) -> u64 {
    COMPUTED.fetch_add(1, SeqCst);
    *x + HIDDEN.load(SeqCst)
}

static COMPUTED: AtomicU64 = AtomicU64::new(0);
static HIDDEN: AtomicU64 = AtomicU64::new(0);

#[test]
fn a_stale_result_behind_stale_results_is_detected() {
    DEEP.clear().unwrap();
    HIDDEN.store(0, SeqCst);
    let first = outer(5);
    finish_audits();
    let stats = || [outer::stats(), middle::stats(), inner::stats()];
    let before = stats();
    let computed = COMPUTED.load(SeqCst);
    HIDDEN.store(3, SeqCst);
    assert_eq!(outer(5), first);
    finish_audits();
    for (before, after) in before.iter().zip(stats()) {
        let differing = after.differing - before.differing;
        assert_eq!(
            (after.audited - before.audited, differing),
            (1, 1),
            "{after}"
        );
        assert_eq!(after.misses, before.misses, "{after}");
    }
    assert_eq!(COMPUTED.load(SeqCst) - computed, 1, "once for each key");
    // Only the calls are counted, and the audit stored nothing.
    assert_eq!(outer::stats().hits() - before[0].hits(), 1);
    assert_eq!(middle::stats().hits(), before[1].hits());
    assert_eq!(inner::uncached(&5), 8);
    assert!(inner::check(&5));
}

memory!(DEEP_LATER, "deep-later");

#[memoize(memory = DEEP_LATER)]
async fn outer_later(x: u64) -> u64 {
    Twice(false).await;
    inner_later(x).await + inner_later(x).await
}

#[memoize(memory = DEEP_STRICT)]
async fn inner_later(x: u64) -> u64 {
    Twice(false).await;
    COMPUTED_LATER.fetch_add(1, SeqCst);
    x + HIDDEN_LATER.load(SeqCst)
}

/// Strict for its own hits; the test makes none.
static DEEP_STRICT: Memory =
    Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/audit-deep-strict")).audit_strict(0.0);
static COMPUTED_LATER: AtomicU64 = AtomicU64::new(0);
static HIDDEN_LATER: AtomicU64 = AtomicU64::new(0);

#[test]
fn a_stale_result_behind_that_of_an_async_function_is_reported() {
    if is_again() {
        DEEP_LATER.clear().unwrap();
        DEEP_STRICT.clear().unwrap();
        HIDDEN_LATER.store(0, SeqCst);
        let first = block_on(outer_later(5));
        HIDDEN_LATER.store(3, SeqCst);
        assert_eq!(block_on(outer_later(5)), first);
        for stats in [outer_later::stats(), inner_later::stats()] {
            assert_eq!(
                (stats.audited, stats.differing, stats.misses),
                (1, 1, 1),
                "{stats}"
            );
        }
        assert_eq!(COMPUTED_LATER.load(SeqCst), 2, "once for each key");
        return;
    }
    let name = "nested::a_stale_result_behind_that_of_an_async_function_is_reported";
    let output = again(name, &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(audit_warnings(&output).len(), 2, "{output:?}");
}

memory!(RECURSIVE, "recursive");

#[memoize(memory = RECURSIVE)]
fn fibonacci(n: u64) -> u64 {
    match n {
        0 | 1 => n,
        _ => fibonacci(n - 1).wrapping_add(fibonacci(n - 2)),
    }
}

#[test]
fn auditing_a_recursion_takes_bounded_time_and_stack() {
    for n in 0..5_000 {
        fibonacci(n);
        if n % 256 == 0 {
            finish_audits();
        }
    }
    let before = fibonacci::stats();
    fibonacci(4_999);
    finish_audits();
    let after = fibonacci::stats();
    assert!(after.audited > before.audited, "{after}");
    assert_eq!(after.differing, 0, "{after}");
}

memory!(BUSY, "busy");

#[memoize(memory = BUSY)]
fn busy(x: &u64, depth: u64) -> u64 {
    match depth {
        0 => *x,
        _ => {
            let below = joblib::par(0..4).map(|y| busy(&((x + y) % 7), depth - 1));
            below.n_jobs(2).collect::<Vec<u64>>().iter().sum()
        }
    }
}

#[test]
fn audits_do_not_deadlock_with_computations_that_wait_for_them() {
    let expected: Vec<u64> = (0..7).map(|x| busy::uncached(&x, 2)).collect();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for round in 0..20 {
                    let x = round % 7;
                    assert_eq!(busy(&x, 2), expected[x as usize]);
                }
            });
        }
    });
    let stats = busy::stats();
    assert!(stats.audited > 0 && stats.differing == 0, "{stats}");
}

memory!(SPREAD, "spread");

#[parallel]
#[memoize(memory = SPREAD)]
fn spread(x: u64) -> u64 {
    x + 1
}

#[test]
fn audits_in_worker_processes_are_counted() {
    SPREAD.clear().unwrap();
    for _ in 0..2 {
        let all: Vec<u64> = spread::par(0..20).backend(Processes).n_jobs(2).collect();
        assert!(all.into_iter().eq(1..21));
    }
    let stats = spread::stats();
    assert_eq!(
        (stats.misses, stats.hits(), stats.audited, stats.differing),
        (20, 20, 20, 0)
    );
}
