//! Which task the current thread runs, so that what is asked for inside the
//! task can depend on it and on nothing else.

use std::cell::Cell;
use std::marker::PhantomData;

use twox_hash::XxHash3_64;

thread_local! {
    static CURRENT: Cell<Option<CurrentTask>> = const { Cell::new(None) };
}

/// The task that the current thread runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CurrentTask {
    /// Its position in the input.
    pub(crate) index: usize,
    pub(crate) seed: Option<u64>,
    /// Random streams it was given so far.
    streams: u64,
}

/// What tells one random stream from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RandomStream {
    /// The seed of the call.
    pub(crate) seed: u64,
    /// The position of the task in the input of the call.
    pub(crate) index: u64,
    /// Streams that the task was given before.
    pub(crate) nth: u64,
}

/// As long as it lives, the thread runs the task it was made for.
#[must_use = "the thread runs the task only as long as this lives"]
pub(crate) struct TaskGuard {
    before: Option<CurrentTask>,
    /// It belongs to its thread.
    marker: PhantomData<*const ()>,
}

/// Says that this thread runs task `index` of a call with `seed`.
#[inline]
pub(crate) fn enter(seed: Option<u64>, index: usize) -> TaskGuard {
    TaskGuard {
        before: CURRENT.replace(Some(CurrentTask::new(seed, index))),
        marker: PhantomData,
    }
}

/// The task that this thread runs.
pub(crate) fn get() -> Option<CurrentTask> {
    CURRENT.get()
}

/// The next random stream of the task that this thread runs; nothing outside
/// a task, or if the call has no seed.
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

/// The seed of a call that has none of its own and is made inside a task of
/// a call with one: another for each task and for each such call in it.
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
        XxHash3_64::oneshot(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_runs_no_task_until_it_is_told() {
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

    /// XXH3 of 64 bits over the three numbers.
    const GOLDEN: u64 = 0x7c68_b490_6e7e_a780;
}
