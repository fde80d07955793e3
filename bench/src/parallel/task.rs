//! The tasks, and their known results and durations.

use std::hint::black_box;
use std::time::{Duration, Instant};
use std::{process, thread};

use rustix::time::{ClockId, clock_gettime};

use super::JOBS;
use super::task_timeline::Turn;
use crate::Result;

/// The number of steps that take about a microsecond.
const STEPS: u64 = 1_150;

/// The duration of most tasks, and of one task in a hundred.
const SHORT: Duration = Duration::from_micros(20);
const LONG: Duration = Duration::from_millis(20);

/// The duration of a [`turn`].
const TURN: Duration = Duration::from_millis(1);

/// Does almost nothing, but cannot be evaluated at compile time.
#[inline]
pub(crate) fn no_op(argument: u64) -> u64 {
    black_box(argument).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Does arithmetic for about a microsecond. Each step depends on the previous one.
pub(crate) fn micro(argument: u64) -> u64 {
    let step = |state: u64, _| state.rotate_left(5).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..STEPS).fold(argument, |state, n| black_box(step(state, n)))
}

/// Keeps a core busy for the duration of the task.
pub(crate) fn uneven(task: u64) -> u64 {
    let end = processor_time() + duration(task);
    while processor_time() < end {}
    task
}

/// Returns the shortest time in which `tasks` tasks of [`uneven`] can be done.
pub(crate) fn shortest(tasks: u64) -> f64 {
    let sum: Duration = (0..tasks).map(duration).sum();
    (sum / JOBS as u32).max(LONG).as_secs_f64()
}

/// Returns the duration of a task. One of each hundred is long, at a varying position.
fn duration(task: u64) -> Duration {
    if task % 100 == (task / 100 * 37 + 11) % 100 {
        LONG
    } else {
        SHORT
    }
}

/// Returns the CPU time of this thread. Waiting does not count as work.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Sums every `stride`-th number.
pub(crate) fn sample(stride: usize, numbers: &[f64]) -> f64 {
    numbers.iter().step_by(stride).sum()
}

/// Reads a number and sleeps.
pub(crate) fn turn(numbers: &[f64]) -> Turn {
    let begin = monotonic();
    black_box(numbers[0]);
    thread::sleep(TURN);
    (process::id(), begin, monotonic())
}

fn monotonic() -> f64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Waits actively until the time has passed.
pub(crate) fn wait(time: Duration) {
    if time > Duration::ZERO {
        let start = Instant::now();
        while start.elapsed() < time {}
    }
}

/// Returns the seconds that `action` takes, and its result.
pub(crate) fn timed<T>(action: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let result = black_box(action());
    (start.elapsed().as_secs_f64(), result)
}

/// Fails unless the results equal those of a plain loop.
pub(crate) fn check<T: PartialEq>(
    results: impl IntoIterator<Item = T>,
    expected: impl Iterator<Item = T>,
) -> Result {
    if results.into_iter().eq(expected) {
        Ok(())
    } else {
        Err("the results differ from those of a plain loop".into())
    }
}
