//! Memoized functions that recurse a hundred thousand levels deep.

use std::time::{Duration, Instant};

use joblib::{Memory, memoize};

static DEEP: Memory = Memory::new("target/test-cache/recursion");

#[memoize(memory = DEEP)]
fn depth(n: u64) -> u64 {
    if n == 0 { 0 } else { 1 + depth(n - 1) }
}

/// Runs `work` on a thread with a stack for deep recursion.
fn on_a_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let large = std::thread::Builder::new().stack_size(4 << 30);
    std::thread::scope(|scope| large.spawn_scoped(scope, work).unwrap().join().unwrap())
}

#[test]
fn each_level_counts_the_time_of_its_own() {
    DEEP.clear().unwrap();
    let begun = Instant::now();
    let levels = 100_000;
    assert_eq!(on_a_large_stack(|| depth(levels)), levels);
    let took = begun.elapsed();
    let entries = DEEP.entries().unwrap();
    assert_eq!(entries.len() as u64, levels + 1);
    let own: Duration = entries.iter().map(|entry| entry.cost()).sum();
    assert!(own <= took, "the levels took {own:?} of {took:?}");
    DEEP.clear_memory();
    assert_eq!(on_a_large_stack(|| depth(levels)), levels);
}
