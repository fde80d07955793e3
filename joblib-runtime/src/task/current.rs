//! The task that the current thread runs. Random streams inside a task depend only on it.

use std::cell::Cell;
use std::marker::PhantomData;

use crate::xxh3;

thread_local! {
    static CURRENT: Cell<Option<CurrentTask>> = const { Cell::new(None) };
}

/// The task that the current thread runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CurrentTask {
    /// The position of the task in the input.
    pub(crate) index: usize,
    pub(crate) seed: Option<u64>,
    /// The number of random streams that the task has requested.
    streams: u64,
}

/// Identifies a random stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RandomStream {
    /// The seed of the call.
    pub(crate) seed: u64,
    /// The position of the task in the input of the call.
    pub(crate) index: u64,
    /// The number of streams that the task requested before.
    pub(crate) nth: u64,
}

/// Marks the current thread as running a task, until it is dropped.
#[must_use = "the thread runs the task only until this is dropped"]
pub(crate) struct TaskGuard {
    before: Option<CurrentTask>,
    /// Makes the guard `!Send`, because it restores a thread local.
    marker: PhantomData<*const ()>,
}

/// Marks this thread as running task `index` of a call with `seed`.
#[inline]
pub(crate) fn enter(seed: Option<u64>, index: usize) -> TaskGuard {
    TaskGuard {
        before: CURRENT.replace(Some(CurrentTask::new(seed, index))),
        marker: PhantomData,
    }
}

/// Marks this thread, which may be in the middle of a task, as running none.
pub(crate) fn suspend() -> TaskGuard {
    TaskGuard {
        before: CURRENT.take(),
        marker: PhantomData,
    }
}

/// Returns the task that this thread runs.
pub(crate) fn get() -> Option<CurrentTask> {
    CURRENT.get()
}

/// Returns the next random stream of the task that this thread runs, or `None` outside a
/// task or if the call has no seed.
pub(crate) fn next_stream() -> Option<RandomStream> {
    let current = CURRENT.get()?;
    let stream = RandomStream {
        seed: current.seed?,
        index: current.index as u64,
        nth: current.streams,
    };
    CURRENT.set(Some(CurrentTask {
        streams: current.streams + 1,
        ..current
    }));
    Some(stream)
}

/// Returns the seed of a call that has no seed of its own and is made inside a task of a
/// call with one. It differs for each task and for each such call in a task.
pub(crate) fn nested_seed() -> Option<u64> {
    next_stream().map(RandomStream::nested_seed)
}

impl CurrentTask {
    fn new(seed: Option<u64>, index: usize) -> CurrentTask {
        CurrentTask {
            index,
            seed,
            streams: 0,
        }
    }
}

impl Drop for TaskGuard {
    #[inline]
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

impl RandomStream {
    fn nested_seed(self) -> u64 {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.index.to_le_bytes());
        bytes[16..].copy_from_slice(&self.nth.to_le_bytes());
        xxh3::hash64(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_runs_no_task_before_it_enters_one() {
        assert_eq!(get(), None);
        assert_eq!(next_stream(), None);
    }

    #[test]
    fn leaving_an_inner_task_returns_to_the_outer() {
        let outer = enter(Some(1), 5);
        let before = get();
        {
            let _inner = enter(None, 9);
            assert_eq!(get().map(|current| current.index), Some(9));
            assert_eq!(next_stream(), None, "the inner call has no seed");
        }
        assert_eq!(get(), before);
        drop(outer);
        assert_eq!(get(), None);
    }

    #[test]
    fn a_panic_leaves_the_task() {
        let unwound = std::panic::catch_unwind(|| {
            let _task = enter(Some(1), 0);
            panic!("on purpose");
        });
        assert!(unwound.is_err());
        assert_eq!(get(), None);
    }

    #[test]
    fn a_task_run_again_is_given_the_same_streams() {
        let first = {
            let _task = enter(Some(3), 8);
            [next_stream(), next_stream()]
        };
        assert_ne!(first[0], first[1]);
        let _other = enter(Some(3), 9);
        assert_ne!(next_stream(), first[0]);
        let _again = enter(Some(3), 8);
        assert_eq!([next_stream(), next_stream()], first);
    }

    #[test]
    fn nested_seeds_differ_by_seed_task_and_call_and_are_for_ever() {
        let seed = |seed, index, nth| RandomStream { seed, index, nth }.nested_seed();
        assert_eq!(seed(1, 2, 3), GOLDEN);
        assert_ne!(seed(2, 2, 3), GOLDEN);
        assert_ne!(seed(1, 3, 3), GOLDEN);
        assert_ne!(seed(1, 2, 4), GOLDEN);
    }

    /// The 64-bit XXH3 of the three numbers.
    const GOLDEN: u64 = 0x7c68_b490_6e7e_a780;
}
