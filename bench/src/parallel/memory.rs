//! Measures the memory of this process and its descendants, from `/proc` of Linux.

use std::fs;
use std::process;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use crate::Result;
use crate::status::field;

/// The memory in bytes of this process and its workers. A page that several processes
/// have mapped counts once.
#[derive(Clone, Copy, Default)]
pub(crate) struct Used {
    pub(crate) all: f64,
    pub(crate) workers: f64,
}

impl Used {
    /// Returns the current use.
    fn read() -> Result<Self> {
        let proportion = |process| field(process, "smaps_rollup", "Pss");
        let workers: Result<f64> = workers().into_iter().map(proportion).sum();
        let workers = workers?;
        Ok(Self {
            all: proportion(process::id())? + workers,
            workers,
        })
    }

    /// Returns the peak use during `action`, and its result.
    pub(crate) fn during<T>(action: impl FnOnce() -> T) -> (Self, T) {
        let ended = AtomicBool::new(false);
        thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let mut most = Self::default();
                while !ended.load(Relaxed) {
                    // A worker that is exiting cannot be read.
                    let used = Self::read().unwrap_or_default();
                    most.all = most.all.max(used.all);
                    most.workers = most.workers.max(used.workers);
                }
                most
            });
            let result = action();
            ended.store(true, Relaxed);
            (watcher.join().unwrap_or_default(), result)
        })
    }
}

/// Returns the sum of the peak resident sizes of this process and its workers, in
/// bytes.
pub(crate) fn peak() -> Result<f64> {
    let workers = workers().into_iter().map(|worker| {
        // A worker that has just ended has no such field.
        field(worker, "status", "VmHWM").unwrap_or(0.0)
    });
    Ok(field(process::id(), "status", "VmHWM")? + workers.sum::<f64>())
}

/// Returns the pids of all descendants of this process.
pub(crate) fn workers() -> Vec<u32> {
    let mut found = vec![process::id()];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(children(parent));
        next += 1;
    }
    found.split_off(1)
}

fn children(parent: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task"));
    let threads = tasks.into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            let children = list.split_whitespace().filter_map(|word| word.parse().ok());
            children.collect::<Vec<_>>()
        })
        .collect()
}
