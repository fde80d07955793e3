//! Random numbers that depend on the task and not on the worker that runs it.

use std::convert::Infallible;
use std::fmt;

use chacha20::ChaCha12Rng;
use rand_core::{Rng, SeedableRng, TryCryptoRng, TryRng};

use crate::task::current::{self, RandomStream};

/// The random number generator of a task, returned by [`rng`].
///
/// It is a stream of ChaCha with 12 rounds, the algorithm of `rand`'s `StdRng`. It
/// implements the traits of the `rand` crate, version 0.10: import `rand::Rng` or
/// `rand::RngExt` for its methods.
#[derive(PartialEq, Eq)]
pub struct TaskRng(ChaCha12Rng);

/// Returns a random number generator for the running task.
///
/// The numbers depend only on the seed of the call ([`seed`](super::Par::seed)) and the
/// position of the task in the input. They do not depend on the backend, the number or
/// order of the workers, earlier tasks or failed attempts. Each call of `rng` within a
/// task returns another stream, in an order that is the same in each run. A function that
/// needs random numbers can therefore call `rng` itself.
///
/// A parallel call inside the task that sets no seed derives one from the task, so its
/// tasks can call `rng` too. A call that sets a seed depends on that seed only. Threads
/// that the task starts by other means do not count as running the task.
///
/// # Panics
///
/// Panics if no task runs in this thread, or if its call has no seed: random numbers from
/// another source would silently make the results differ between runs. Use [`try_rng`] in
/// functions that run both inside and outside such tasks.
///
/// # Example
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// use joblib::{par, rng};
/// use rand::RngExt;
///
/// let throws = || par(0..4).map(|_| rng().random_range(1..=6)).seed(7);
/// let one: Vec<u8> = throws().n_jobs(1).collect();
/// let four: Vec<u8> = throws().n_jobs(4).collect();
/// assert_eq!(one, four);
/// ```
#[track_caller]
pub fn rng() -> TaskRng {
    match try_rng() {
        Some(rng) => rng,
        None => panic!(
            "joblib::rng() needs a running task of a parallel call that has a seed; \
             add `.seed(1)` to the call, or use `joblib::try_rng()`"
        ),
    }
}

/// Returns a random number generator for the running task, like [`rng`], or `None` if no
/// task runs in this thread or its call has no seed.
///
/// # Example
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// use joblib::try_rng;
///
/// assert!(try_rng().is_none()); // no task runs here
/// ```
pub fn try_rng() -> Option<TaskRng> {
    current::next_stream().map(TaskRng::new)
}

impl TaskRng {
    /// Creates the generator of a stream. The key holds the seed of the call and the
    /// number of the stream within its task; the nonce is the task. No two streams share
    /// both.
    fn new(stream: RandomStream) -> TaskRng {
        let mut key = *b"________________joblib::rng() v1";
        key[..8].copy_from_slice(&stream.seed.to_le_bytes());
        key[8..16].copy_from_slice(&stream.nth.to_le_bytes());
        let mut rng = ChaCha12Rng::from_seed(key);
        rng.set_stream(stream.index);
        TaskRng(rng)
    }
}

impl TryRng for TaskRng {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    #[inline]
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl TryCryptoRng for TaskRng {}

impl fmt::Debug for TaskRng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskRng").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;
    use crate::outcome::panic_message;
    use crate::parallel::par;
    use crate::task::current::enter;

    fn drawn(seed: u64, index: usize) -> u64 {
        let _task = enter(Some(seed), index);
        rng().next_u64()
    }

    /// Users' results depend on these values, so they must never change. `rand_chacha`,
    /// an independent implementation, produces the same.
    #[test]
    fn streams_are_what_they_were() {
        assert_eq!(drawn(0, 0), 0x6605_02af_f6fd_59d9);
        assert_eq!(drawn(42, 0), 0xe14e_dc95_6b67_cba0);
        assert_eq!(drawn(42, 1), 0x9776_8312_1ccb_9aff);
        assert_eq!(drawn(42, 3_000_000_000), 0xc150_2dcf_95fb_5cbe);
        let _task = enter(Some(42), 1);
        let _first = rng();
        assert_eq!(rng().next_u64(), 0xe43b_449c_ef94_1e1c);
    }

    #[test]
    fn each_question_in_a_task_opens_another_stream() {
        let _task = enter(Some(1), 0);
        assert_ne!(rng(), rng());
    }

    #[test]
    fn a_task_tried_again_draws_the_same() {
        assert_eq!(drawn(5, 3), drawn(5, 3));
        assert_ne!(drawn(5, 3), drawn(5, 4));
        assert_ne!(drawn(5, 3), drawn(6, 3));
    }

    #[test]
    fn numbers_do_not_depend_on_the_workers() {
        let draw = |n_jobs: usize| -> Vec<u64> {
            let call = par(0..100).map(|_| rng().next_u64());
            call.seed(9).n_jobs(n_jobs).collect()
        };
        let one = draw(1);
        assert_eq!(one[3], drawn(9, 3));
        assert_eq!(draw(3), one);
    }

    #[test]
    fn calls_inside_tasks_have_numbers_of_their_own() {
        let inner = || -> Vec<u64> { par(0..2).map(|_| rng().next_u64()).collect() };
        let draw = || -> Vec<u64> {
            let call = par(0..2).map(|_| [inner(), inner()].concat());
            call.seed(9).collect::<Vec<_>>().concat()
        };
        let mut all = draw();
        assert_eq!(draw(), all);
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 8, "all streams must differ");
    }

    #[test]
    fn without_a_seed_the_panic_says_what_to_write() {
        for inside in [false, true] {
            let _task = inside.then(|| enter(None, 0));
            assert!(try_rng().is_none());
            let payload = catch_unwind(rng).expect_err("there is no seed");
            let text = panic_message(payload.as_ref());
            assert!(text.contains("add `.seed(1)` to the call"), "{text}");
        }
    }
}
