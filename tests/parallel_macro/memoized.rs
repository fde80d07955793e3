//! `#[parallel]` together with `#[memoize]`, in either order.

use std::sync::atomic::{AtomicUsize, Ordering};

use joblib::backend::{Processes, Sequential, Threads};
use joblib::{Key, KeyHasher, Persist, memoize, parallel};
use serde::Serialize;

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[memoize(dir = "target/test-parallel-macro")]
#[parallel]
fn inside(x: u64) -> u64 {
    CALLS.fetch_add(1, Ordering::Relaxed);
    x + 1
}

#[parallel(shared(data))]
#[memoize(dir = "target/test-parallel-macro")]
fn outside((a, b): (u64, u64), data: &[u64]) -> u64 {
    a + b + data[0]
}

#[parallel]
#[memoize(dir = "target/test-parallel-macro")]
async fn later(x: u64) -> u64 {
    x + 2
}

#[memoize(dir = "target/test-parallel-macro")]
#[parallel(instantiate(u32))]
fn generic<T: joblib::Key + Into<u64>>(x: T) -> u64 {
    x.into()
}

#[derive(Serialize)]
struct Grid(u64);

impl Grid {
    #[memoize(dir = "target/test-parallel-macro")]
    #[parallel]
    fn area(&self, x: u64) -> u64 {
        self.0 * x
    }

    #[parallel]
    #[memoize(dir = "target/test-parallel-macro")]
    fn new(x: u64) -> u64 {
        x
    }
}

static FED: AtomicUsize = AtomicUsize::new(0);

/// Counts how often it is hashed.
#[derive(Persist)]
struct Weights(Vec<f64>);

impl Key for Weights {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal(module_path!(), "Weights", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        FED.fetch_add(1, Ordering::Relaxed);
        self.0.feed(hasher);
    }
}

/// Returns how often the weights were hashed in the process that computes.
#[memoize(dir = "target/test-parallel-macro")]
#[parallel(shared(weights))]
fn hashed(x: u64, weights: &Weights) -> usize {
    assert!((x as usize) < weights.0.len());
    FED.load(Ordering::Relaxed)
}

#[test]
fn a_shared_argument_is_hashed_once_for_each_worker() {
    hashed::clear();
    let weights = Weights(vec![0.5; 1000]);
    let fed = || FED.swap(0, Ordering::Relaxed);
    hashed::par(0..50, &weights)
        .backend(Sequential)
        .for_each(drop);
    assert_eq!(fed(), 1);
    let again = hashed::par(0..50, &weights).backend(Threads).n_jobs(2);
    again.for_each(drop);
    assert!(matches!(fed(), 1..=2));
    assert_eq!(hashed::stats().misses, 50);
    assert!(
        (0..50).all(|x| hashed::check(x, &weights)),
        "one key for all calls"
    );

    let others = Weights(vec![0.25; 1000]);
    let elsewhere = hashed::par(0..50, &others).backend(Processes).n_jobs(1);
    assert_eq!(elsewhere.collect::<Vec<_>>(), [1; 50]);
}

#[test]
fn a_task_is_answered_from_the_cache() {
    inside::clear();
    assert_eq!(inside::par([1, 1, 1]).collect::<Vec<_>>(), [2, 2, 2]);
    assert_eq!(CALLS.load(Ordering::Relaxed), 1);
    assert!(inside::check(1));
    let elsewhere: Vec<u64> = inside::par([1]).backend(Processes).collect();
    assert_eq!(elsewhere, [2]);
}

#[test]
fn the_order_of_the_annotations_does_not_matter() {
    outside::clear();
    let sums: Vec<u64> = outside::par([((1, 2),)].map(|(x,)| x), &[3]).collect();
    assert_eq!(sums, [6]);
    assert!(outside::check((1, 2), &[3]));
    assert_eq!(outside((1, 2), &[3]), 6);
}

#[test]
fn asynchronous_and_generic_functions_have_both() {
    assert_eq!(later::par([1]).collect::<Vec<_>>(), [3]);
    assert!(later::check(1));
    assert_eq!(
        generic::par([1_u32]).backend(Processes).collect::<Vec<_>>(),
        [1]
    );
    assert!(generic::check(1_u32));
}

#[test]
fn methods_have_both() {
    let grid = Grid(2);
    assert_eq!(grid.area_par([3]).collect::<Vec<_>>(), [6]);
    assert!(Grid::area_memo().check(&grid, 3));
    assert_eq!(Grid::new_par([3]).collect::<Vec<_>>(), [3]);
    assert!(Grid::new_memo().check(3));
}

#[memoize(dir = "target/test-parallel-macro", memory_tier = false)]
#[parallel]
fn slow(x: u64) -> u64 {
    if x == 0 {
        BEGUN.store(1, Ordering::SeqCst);
    }
    // Blocks until all inputs but this one are done.
    while x == 0 && DONE.load(Ordering::Relaxed) < 20 {
        std::thread::yield_now();
    }
    DONE.fetch_add(1, Ordering::Relaxed);
    x
}

static BEGUN: AtomicUsize = AtomicUsize::new(0);
static DONE: AtomicUsize = AtomicUsize::new(0);

#[test]
fn a_task_that_another_thread_computes_is_deferred() {
    use joblib::backend::Threads;

    slow::clear();
    // One of the two workers computes 0 and the other gets 0 again before all other
    // inputs. If the second worker waited, the call would deadlock.
    let again = std::iter::once_with(|| {
        while BEGUN.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        0
    });
    let inputs = std::iter::once(0).chain(again).chain(1..=20);
    let results: Vec<u64> = slow::par(inputs)
        .backend(Threads)
        .n_jobs(2)
        .batch(1)
        .collect();
    assert!(results.into_iter().eq([0, 0].into_iter().chain(1..=20)));
}

#[derive(Clone, joblib::Key, serde::Serialize, serde::Deserialize)]
struct Of<T>(T);

impl<T: joblib::Key + Copy + Into<u64>> Of<T> {
    #[memoize(dir = "target/test-parallel-macro")]
    #[parallel(instantiate((u8, u16)))]
    fn times<U: joblib::Key + Into<u64>>(&self, x: U) -> u64 {
        self.0.into() * x.into()
    }
}

#[test]
fn listed_instances_of_memoized_methods_run_in_processes() {
    use joblib::backend::Processes;

    let of = Of(3_u8);
    let found: Vec<u64> = of.times_par([4_u16]).backend(Processes).collect();
    assert_eq!(found, [12]);
    let named = of.times_par([4_u16]).backend_named("processes");
    assert_eq!(named.collect::<Vec<_>>(), [12]);
    let refused = of.times_par([4_u8]).backend_named("processes");
    assert!(refused.try_collect::<Vec<_>>().is_err());
    assert_eq!(of.times_par([4_u8]).collect::<Vec<_>>(), [12]);
}
