//! Nobody waits for ever: threads of the pool that wait run what they wait for.

use std::sync::Barrier;
use std::time::Duration;

use joblib::backend::{Rayon, Threads};
use joblib::{memoize, par, parallel};
use rayon::prelude::*;

use super::in_time::in_time;
use super::{both, pool};

#[test]
fn calls_in_calls_end_in_a_pool_of_any_size() {
    fn tree(level: u32) -> u64 {
        match level {
            0 => 1,
            _ => {
                let call = par(0..4)
                    .map(|_| tree(level - 1))
                    .backend(Rayon)
                    .pre_dispatch(2);
                call.reduce(|a, b| a + b).unwrap()
            }
        }
    }
    in_time(|| {
        for threads in [1, 2, 3, 8] {
            assert_eq!(pool(threads).install(|| tree(4)), 256);
        }
    });
}

#[test]
fn every_thread_of_the_pool_may_wait_for_a_call() {
    in_time(|| {
        let pool = pool(2);
        let sums: Vec<u64> = pool.install(|| {
            let call = |n: u64| {
                let inputs = (0..50).map(move |x| x + n);
                let call = par(inputs).map(|x| (0..x).into_par_iter().sum::<u64>());
                let call = call.timeout(Duration::from_secs(60)).backend(Rayon);
                call.reduce(|a, b| a + b).unwrap()
            };
            (0..40_u32)
                .into_par_iter()
                .with_max_len(1)
                .map(|n| call(n.into()))
                .collect()
        });
        assert_eq!(sums.len(), 40);
        assert_eq!(sums[0], (0..50).map(|x: u64| (0..x).sum::<u64>()).sum());
    });
}

#[test]
fn a_task_may_need_every_thread_of_the_pool() {
    in_time(|| {
        let pool = pool(3);
        for found in both(&pool, || {
            let call = par(0..10).map(|_| rayon::broadcast(|_| 1).len());
            call.backend(Rayon::pool(&pool)).collect::<Vec<_>>()
        }) {
            assert_eq!(found, [3; 10]);
        }
    });
}

#[test]
fn a_call_in_another_pool_may_come_back() {
    in_time(|| {
        let (one, other) = (pool(1), pool(1));
        let back = |x: u64| one.install(|| x + 1);
        let found: Vec<u64> =
            one.install(|| par(0..10).map(back).backend(Rayon::pool(&other)).collect());
        assert!(found.into_iter().eq(1..11));
    });
}

#[test]
fn threads_and_rayon_can_be_nested_either_way() {
    in_time(|| {
        let pool = pool(2);
        for sum in both(&pool, || {
            let inner = |x: u64| {
                let call = par(0..x).map(|y| y).backend(Threads).n_jobs(2);
                call.reduce(|a, b| a + b).unwrap_or(0)
            };
            let middle = |x: u64| {
                let call = par(0..x).map(inner).backend(Rayon::pool(&pool));
                call.reduce(|a, b| a + b).unwrap_or(0)
            };
            let call = par(0..8).map(middle).backend(Threads).n_jobs(2);
            call.reduce(|a, b| a + b).unwrap()
        }) {
            let plain = |x: u64| (0..x).map(|x| (0..x).sum::<u64>()).sum::<u64>();
            assert_eq!(sum, (0..8).map(plain).sum());
        }
    });
}

mod memoized {
    use super::*;

    #[parallel]
    #[memoize(dir = "target/test-cache/rayon")]
    pub(super) fn shared(round: u64, key: u64) -> u64 {
        let inputs = [key / 2, key / 3, key.saturating_sub(1)];
        match key {
            0 => round,
            // Half of the levels wait inside of rayon and half in a call.
            _ if key % 2 == 0 => {
                let all = inputs.into_par_iter().with_max_len(1);
                all.map(|key| shared(round, key)).sum::<u64>() % 1_000
            }
            _ => {
                let call = shared::par(inputs.map(|key| (round, key))).backend(Rayon);
                call.reduce(|a, b| a + b).unwrap() % 1_000
            }
        }
    }
}

/// The sequential result of [`memoized::shared`].
fn expected(round: u64, key: u64) -> u64 {
    let mut known = vec![round];
    for key in 1..=key as usize {
        let next = [key / 2, key / 3, key - 1]
            .iter()
            .map(|key| known[*key])
            .sum::<u64>();
        known.push(next % 1_000);
    }
    known[key as usize]
}

#[test]
fn memoized_tasks_that_need_each_other_never_wait_for_ever() {
    memoized::shared::clear();
    in_time(|| {
        for (threads, round) in [1, 2, 4, 8].into_iter().zip(0..) {
            let expected: Vec<u64> = (0..24).map(|key| expected(round, key)).collect();
            let pool = pool(threads);
            let call = || memoized::shared::par((0..24).rev().map(|key| (round, key)));
            let mut found: Vec<u64> = pool.install(|| call().backend(Rayon).collect());
            found.reverse();
            assert_eq!(found, expected, "{threads} threads");
        }
    });
}

#[test]
fn callers_of_one_key_share_its_computation() {
    in_time(|| {
        let pool = pool(4);
        super::double::clear();
        let together = Barrier::new(4);
        let call = par(0..4).map(|_| {
            together.wait();
            super::double(21)
        });
        let found: Vec<u64> = call.batch(1).backend(Rayon::pool(&pool)).collect();
        assert_eq!(found, [42; 4]);
    });
}
