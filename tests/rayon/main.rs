//! Calls in a thread pool of rayon, from its threads and from others.

mod blocking_inputs;
#[path = "../in_time/mod.rs"]
mod in_time;
mod isolation;
mod iterators;
mod limits;
mod results;
mod waiting;

use joblib::memoize;
use rayon::{ThreadPool, ThreadPoolBuilder};

fn pool(threads: usize) -> ThreadPool {
    let builder = ThreadPoolBuilder::new().num_threads(threads);
    builder.build().unwrap()
}

/// Makes a call in a thread of the pool and in one that does not belong to it.
fn both<R: Send>(pool: &ThreadPool, call: impl Fn() -> R + Sync) -> [R; 2] {
    [pool.install(&call), call()]
}

#[memoize(dir = "target/test-cache/rayon")]
fn double(x: u64) -> u64 {
    2 * x
}
