//! The memory of this process and of those that it started, as Linux tells it
//! in `/proc`.

use std::fs;
use std::process;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use crate::Result;
use crate::status::field;

/// Bytes of this process and its workers. A page that several have mapped
/// counts once.
#[derive(Clone, Copy, Default)]
pub(crate) struct Used {
    pub(crate) all: f64,
    pub(crate) workers: f64,
}

impl Used {
    /// What is used at this moment.
    fn read() -> Result<Self> {
        let proportion = |process| field(process, "smaps_rollup", "Pss");
        let workers: Result<f64> = workers().into_iter().map(proportion).sum();
        let workers = workers?;
        Ok(Self {
            all: proportion(process::id())? + workers,
            workers,
        })
    }

    /// The most that is used at any moment of `action`.
    pub(crate) fn during<T>(action: impl FnOnce() -> T) -> (Self, T) {
        let ended = AtomicBool::new(false);
        thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let mut most = Self::default();
                while !ended.load(Relaxed) {
                    // A worker that is about to end cannot be read.
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

/// The most that this process and its workers ever had in memory, in bytes.
pub(crate) fn peak() -> Result<f64> {
    let workers = workers().into_iter().map(|worker| {
        // One that has just ended has nothing.
        field(worker, "status", "VmHWM").unwrap_or(0.0)
    });
    Ok(field(process::id(), "status", "VmHWM")? + workers.sum::<f64>())
}

/// The processes started by this one, and by those.
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
