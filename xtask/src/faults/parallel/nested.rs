//! Memoized functions that call each other through rayon and through parallel calls,
//! from more threads than there are cores.

use std::sync::atomic::{AtomicU32, Ordering};

use joblib::backend::{Rayon, Threads};
use joblib::memoize;
use rayon::prelude::*;

use super::Load;
use crate::shell::Result;

const THREADS: [usize; 6] = [2, 3, 4, 8, 16, 64];

/// Number of keys of a function in a round. Each is reached from several others, so
/// that a rayon thread that waits for one key steals a job that needs it.
const KEYS: u64 = 8;

pub(super) fn run(load: Load) -> Result<String> {
    let directory = tempfile::tempdir()?;
    std::env::set_current_dir(directory.path())?;
    let (mut all, mut most) = (0, 0);
    for (nth, threads) in (0..).zip(THREADS) {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()?;
        for round in (nth..load.nested).step_by(THREADS.len()) {
            pool.install(|| one_round(round, threads as u64))?;
            let counts = COMPUTED
                .each_ref()
                .map(|count| count.swap(0, Ordering::Relaxed));
            most = most.max(counts.into_iter().max().unwrap_or(0));
            all += u64::from(counts.into_iter().sum::<u32>());
        }
        // Each thread may compute once a key for which it cannot wait without a
        // deadlock.
        if most > threads as u32 + 1 {
            return Err(format!("a key was computed {most} times in {threads} threads").into());
        }
    }
    let rounds = load.nested;
    Ok(format!(
        "{rounds} rounds in 2 to 64 threads of rayon: no hang, {all} computations, \
         no key more than {most} times"
    ))
}

/// Makes all threads request the keys of a round, each starting with a different key.
fn one_round(round: u64, threads: u64) -> std::result::Result<(), String> {
    (0..threads).into_par_iter().try_for_each(|thread| {
        let key = round * KEYS + thread % KEYS;
        let sum = match thread % 3 {
            0 => (by_rayon(key), sum_of(key, leaf_of)),
            1 => (by_call(key), sum_of(key, |key| sum_of(key, leaf_of))),
            _ => (leaf(key), leaf_of(key)),
        };
        match sum {
            (found, expected) if found == expected => Ok(()),
            (found, expected) => Err(format!("key {key}: expected {expected}, found {found}")),
        }
    })
}

/// Number of computations of each key of a round, by function.
static COMPUTED: [AtomicU32; 3 * KEYS as usize] = [const { AtomicU32::new(0) }; 3 * KEYS as usize];

fn computed(function: u64, key: u64) {
    let place = function * KEYS + key % KEYS;
    COMPUTED[place as usize].fetch_add(1, Ordering::Relaxed);
}

#[memoize(dir = ".faults-nested")]
fn by_call(key: u64) -> u64 {
    computed(0, key);
    let call = joblib::par(others(key)).map(by_rayon).n_jobs(2);
    let sum = match key % 2 {
        0 => call.backend(Threads).reduce(u64::wrapping_add),
        _ => call.backend(Rayon).reduce(u64::wrapping_add),
    };
    sum.unwrap_or_default()
}

#[memoize(dir = ".faults-nested")]
fn by_rayon(key: u64) -> u64 {
    computed(1, key);
    let leaves = others(key).collect::<Vec<_>>().into_par_iter().map(leaf);
    leaves.reduce(|| 0, u64::wrapping_add)
}

#[memoize(dir = ".faults-nested")]
fn leaf(key: u64) -> u64 {
    computed(2, key);
    leaf_of(key)
}

fn leaf_of(key: u64) -> u64 {
    key.wrapping_mul(0x9E37_79B9)
}

/// Computes a value from other keys in a plain loop.
fn sum_of(key: u64, of: impl Fn(u64) -> u64) -> u64 {
    others(key).map(of).fold(0, u64::wrapping_add)
}

/// Returns other keys of the same round.
fn others(key: u64) -> impl Iterator<Item = u64> + Clone {
    let first = key - key % KEYS;
    (0..3).map(move |step| first + (key * 3 + step) % KEYS)
}
