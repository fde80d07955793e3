//! Checks that results are the same, bit for bit, on every backend.

use joblib::parallel;
use rand::RngExt;

use super::Load;
use crate::shell::Result;

const WORKERS: [i64; 5] = [1, 2, 3, 8, 32];
const BACKENDS: [&str; 3] = ["sequential", "threads", "processes"];
const BATCHES: [Option<usize>; 3] = [None, Some(1), Some(64)];

/// Sums random numbers. Another order of the additions would round differently.
#[parallel]
fn walk(steps: u64) -> f64 {
    let mut random = joblib::rng();
    (0..steps % 50).map(|_| random.random::<f64>() - 0.5).sum()
}

pub(super) fn run(load: Load) -> Result<String> {
    let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    let call = || walk::par(0..load.tasks).seed(11);
    let expected = bits(call().backend_named("sequential").try_collect()?);
    let mut compared = 0;
    for backend in BACKENDS {
        for n_jobs in WORKERS {
            for batch in BATCHES {
                let call = || {
                    let call = call().n_jobs(n_jobs).retries(1);
                    let call = if let Some(tasks) = batch {
                        call.batch(tasks)
                    } else {
                        call
                    };
                    call.backend_named(backend)
                };
                let collected = bits(call().try_collect()?);
                let streamed = bits(call().stream().collect());
                if collected != expected || streamed != expected {
                    let how = format!("{n_jobs} workers on {backend}, batches of {batch:?}");
                    return Err(format!("{how}: the results differ").into());
                }
                compared += 2;
            }
        }
    }
    Ok(format!(
        "{compared} calls of {} tasks with the same bits",
        load.tasks
    ))
}
