//! Does a task in this process with a peer written in Rust.

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use super::peer::{Peer, compute, computed};
use super::task::{Task, Work};
use crate::Result;

/// The number of calls of one measurement in memory, and of their different arguments.
const MEMORY_CALLS: u64 = 2_000_000;
const MEMORY_ARGUMENTS: u64 = 1_000;

/// The time limit of reading from disk.
const READING: Duration = Duration::from_millis(500);

/// Coprime to every number of entries used, so that its multiples reach each entry
/// once.
const STRIDE: u64 = 387_911;

/// 100 MB of numbers.
const NUMBERS: usize = 12_500_000;

/// Returns the seconds per operation.
pub(crate) fn measure(peer: &impl Peer, task: &Task) -> Result<f64> {
    match task.work {
        Work::Miss => miss(peer, task.entries),
        Work::MemoryHit => memory_hit(peer),
        Work::DiskHit => disk_hit(peer, task),
        Work::Open => computing(0, || seconds(|| peer.call(0))),
        Work::Halve => {
            let start = Instant::now();
            peer.shrink(task.entries / 2)?;
            Ok(start.elapsed().as_secs_f64())
        }
        Work::Hash => hash(peer),
    }
}

fn miss(peer: &impl Peer, entries: u64) -> Result<f64> {
    let time = computing(entries, || {
        seconds(|| {
            for argument in 0..entries {
                black_box(peer.call(argument));
            }
        })
    })?;
    let bare = seconds(|| {
        for argument in 0..entries {
            black_box(compute(argument));
        }
    });
    peer.finish()?;
    Ok((time - bare) / entries as f64)
}

fn memory_hit(peer: &impl Peer) -> Result<f64> {
    for argument in 0..MEMORY_ARGUMENTS {
        peer.call(argument);
    }
    let time = computing(0, || {
        seconds(|| {
            for call in 0..MEMORY_CALLS {
                black_box(peer.call(black_box(call % MEMORY_ARGUMENTS)));
            }
        })
    })?;
    Ok(time / MEMORY_CALLS as f64)
}

fn disk_hit(peer: &impl Peer, task: &Task) -> Result<f64> {
    let argument = |call: u64| (task.first + call * STRIDE) % task.entries;
    let mut calls = 0;
    let time = computing(0, || {
        peer.call(argument(0));
        if let Ok(wait) = task.start.duration_since(SystemTime::now()) {
            std::thread::sleep(wait);
        }
        let start = Instant::now();
        for call in 1..task.entries {
            black_box(peer.call(argument(call)));
            calls = call;
            // The clock is read rarely, so that its cost does not affect the
            // measurement.
            if call % 64 == 0 && start.elapsed() > READING {
                break;
            }
        }
        start.elapsed().as_secs_f64()
    })?;
    Ok(time / calls as f64)
}

fn hash(peer: &impl Peer) -> Result<f64> {
    let numbers: Vec<f64> = (0..NUMBERS).map(|n| n as f64 * 0.1).collect();
    peer.hash(&numbers)?;
    let start = Instant::now();
    black_box(peer.hash(black_box(&numbers))?);
    Ok(start.elapsed().as_secs_f64())
}

fn seconds<T>(action: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(action());
    start.elapsed().as_secs_f64()
}

/// Fails if the number of computations differs from `expected`, so that a miss is never
/// reported as a hit.
fn computing(expected: u64, measure: impl FnOnce() -> f64) -> Result<f64> {
    let before = computed();
    let time = measure();
    match computed() - before {
        actual if actual == expected => Ok(time),
        actual => Err(format!("expected {expected} computations, found {actual}").into()),
    }
}
