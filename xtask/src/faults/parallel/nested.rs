//! Memoized functions below rayon and below each other, in more threads than
//! there are cores.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use joblib::backend::Threads;
use joblib::memoize;
use rayon::prelude::*;

use super::Load;
use crate::shell::Result;

const THREADS: [usize; 4] = [2, 8, 16, 64];

/// Different arguments in one round; a round has its own.
const KEYS: u64 = 8;

static COMPUTED: AtomicU64 = AtomicU64::new(0);

/// A function whose body spreads over rayon and over threads of joblib, and
/// meets the same keys there.
#[memoize(dir = ".faults-nested")]
fn outer(round: u64, key: u64) -> u64 {
    COMPUTED.fetch_add(1, Relaxed);
    let inner_of = |other: u64| inner(round, other % KEYS);
    let first: u64 = (key..key + 4).into_par_iter().map(inner_of).sum();
    let call = joblib::par(key..key + 4).map(inner_of);
    first
        + call
            .backend(Threads)
            .n_jobs(2)
            .collect::<Vec<u64>>()
            .iter()
            .sum::<u64>()
}

#[memoize(dir = ".faults-nested")]
fn inner(round: u64, key: u64) -> u64 {
    COMPUTED.fetch_add(1, Relaxed);
    (0..4_u64).into_par_iter().map(|n| n + round + key).sum()
}

pub(super) fn run(load: Load) -> Result<String> {
    let directory = tempfile::tempdir()?;
    std::env::set_current_dir(directory.path())?;
    let rounds = load.nested / THREADS.len() as u64;
    let mut round = 0;
    for threads in THREADS {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()?;
        for _ in 0..rounds {
            round += 1;
            let sums: Vec<u64> = pool.install(|| {
                let keys = (0..4 * KEYS).into_par_iter();
                keys.map(|key| outer(round, key % KEYS)).collect()
            });
            for (key, sum) in (0..4 * KEYS).zip(sums) {
                if sum != expected(round, key % KEYS) {
                    return Err(format!("round {round}, key {key}: {sum}").into());
                }
            }
        }
    }
    Ok(format!(
        "{round} rounds of {} calls in 2 to 64 threads of rayon: no hang, {:.2} computations a key",
        4 * KEYS,
        COMPUTED.load(Relaxed) as f64 / (2 * KEYS * round) as f64
    ))
}

fn expected(round: u64, key: u64) -> u64 {
    let inner = |key: u64| (0..4).map(|n| n + round + key % KEYS).sum::<u64>();
    2 * (key..key + 4).map(inner).sum::<u64>()
}
