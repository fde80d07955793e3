//! The self time of a computation: without nested memoized calls whose results were
//! stored, and without the time it waited for other computations.
//!
//! It is the cost of computing the result again, because nested results will be found.
//! Otherwise a recursion of a hundred thousand calls would count each of them a hundred
//! thousand times.

use crate::unpoisoned::lock;
use std::cell::Cell;
use std::future::{self, Future};
use std::mem::ManuallyDrop;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The time that the current computation of this thread has spent in nested ones.
enum NestedTime {
    /// The thread runs no computation.
    Nothing,
    /// Sequential nested calls.
    Calls(Duration),
    /// Nested calls of tasks, which may overlap.
    Tasks(Arc<TaskTimes>),
}

thread_local! {
    // Without a destructor, so that calls made by destructors of other thread-locals
    // can still use it. It owns nothing while no call is running, so nothing leaks.
    static CURRENT: ManuallyDrop<Cell<NestedTime>> = const {
        ManuallyDrop::new(Cell::new(NestedTime::Nothing))
    };
}

fn replace(within: NestedTime) -> NestedTime {
    CURRENT.with(|cell| cell.replace(within))
}

/// The time of nested calls in a task. Time in which several of them run counts once.
#[derive(Default)]
struct TaskTimes(Mutex<TimeSpent>);

#[derive(Default)]
struct TimeSpent {
    running: usize,
    since: Option<Instant>,
    total: Duration,
    /// Time spent on results that are not stored.
    unstored: Duration,
}

impl TaskTimes {
    fn change<T>(&self, change: impl FnOnce(&mut TimeSpent) -> T) -> T {
        change(&mut lock(&self.0))
    }

    fn begin(&self, now: Instant) {
        self.change(|spent| {
            spent.running += 1;
            spent.since.get_or_insert(now);
        });
    }

    fn end(&self, unstored: Duration) {
        self.change(|spent| {
            spent.unstored += unstored;
            spent.running -= 1;
            if spent.running == 0
                && let Some(since) = spent.since.take()
            {
                spent.total += since.elapsed();
            }
        });
    }

    /// Adds the time of a call that blocked the thread of the task.
    fn add(&self, time: Duration) {
        self.change(|spent| {
            if spent.running == 0 {
                spent.total += time;
            }
        });
    }

    fn total(&self, now: Instant) -> Duration {
        self.change(|spent| {
            let running = spent.since.map_or(Duration::ZERO, |since| now - since);
            (spent.total + running).saturating_sub(spent.unstored)
        })
    }
}

/// How long a computation took.
#[derive(Clone, Copy, Debug)]
pub(super) struct ComputeTime {
    /// Without nested computations.
    pub(super) own: Duration,
    /// In total.
    pub(super) whole: Duration,
    /// Whether it is not nested in another computation.
    pub(super) is_outermost: bool,
}

/// Measures a computation on this thread.
pub(super) struct ThreadTimer {
    start: Instant,
    outer: NestedTime,
    /// The time that does not count for the enclosing computation: all of this one once
    /// its result is stored, until then that of nested ones.
    excluded: Duration,
}

impl ThreadTimer {
    pub(super) fn begin() -> ThreadTimer {
        ThreadTimer {
            outer: replace(NestedTime::Calls(Duration::ZERO)),
            start: Instant::now(),
            excluded: Duration::ZERO,
        }
    }

    /// Ends the measurement. What follows only stores the result.
    pub(super) fn took(&mut self) -> ComputeTime {
        let now = Instant::now();
        let whole = now - self.start;
        let inner = match replace(NestedTime::Nothing) {
            NestedTime::Nothing => Duration::ZERO,
            NestedTime::Calls(spent) => spent,
            NestedTime::Tasks(tasks) => tasks.total(now),
        };
        self.excluded = inner;
        ComputeTime {
            own: whole.saturating_sub(inner),
            whole,
            is_outermost: matches!(self.outer, NestedTime::Nothing),
        }
    }

    /// Records that the result is stored, so that its time does not count for the
    /// enclosing computation.
    pub(super) fn is_stored(&mut self) {
        if !matches!(self.outer, NestedTime::Nothing) {
            self.excluded = self.start.elapsed();
        }
    }
}

impl Drop for ThreadTimer {
    fn drop(&mut self) {
        let mut outer = std::mem::replace(&mut self.outer, NestedTime::Nothing);
        match &mut outer {
            NestedTime::Nothing => {}
            NestedTime::Calls(spent) => *spent += self.excluded,
            NestedTime::Tasks(tasks) => tasks.add(self.excluded),
        }
        replace(outer);
    }
}

/// Excludes time from the self time of a computation until it is dropped.
pub(super) struct ExcludedTime {
    tasks: Option<Arc<TaskTimes>>,
    start: Instant,
    is_stored: bool,
}

impl ExcludedTime {
    /// Starts excluding time from the enclosing computation, if there is one.
    pub(super) fn begin() -> ExcludedTime {
        let tasks = match replace(NestedTime::Nothing) {
            NestedTime::Nothing => None,
            NestedTime::Calls(spent) => {
                let tasks = TaskTimes::default();
                tasks.change(|before| before.total = spent);
                Some(Arc::new(tasks))
            }
            NestedTime::Tasks(tasks) => Some(tasks),
        };
        let start = Instant::now();
        if let Some(tasks) = &tasks {
            tasks.begin(start);
            replace(NestedTime::Tasks(Arc::clone(tasks)));
        }
        ExcludedTime {
            tasks,
            start,
            is_stored: true,
        }
    }
}

impl Drop for ExcludedTime {
    fn drop(&mut self) {
        if let Some(tasks) = &self.tasks {
            tasks.end(match self.is_stored {
                true => Duration::ZERO,
                false => self.start.elapsed(),
            });
        }
    }
}

/// Measures a computation in a task.
pub(super) struct TaskTimer {
    outer: ExcludedTime,
    within: Arc<TaskTimes>,
}

impl TaskTimer {
    pub(super) fn begin() -> TaskTimer {
        let mut outer = ExcludedTime::begin();
        outer.is_stored = false;
        TaskTimer {
            outer,
            within: Arc::default(),
        }
    }

    /// Runs a part of the computation.
    pub(super) async fn run<F: Future>(&self, part: F) -> F::Output {
        let mut part = pin!(part);
        let poll = future::poll_fn(|context| {
            let _outer = RestoreOnDrop(replace(NestedTime::Tasks(Arc::clone(&self.within))));
            part.as_mut().poll(context)
        });
        poll.await
    }

    /// See [`ThreadTimer::took`].
    pub(super) fn took(&self) -> ComputeTime {
        let now = Instant::now();
        let whole = now - self.outer.start;
        ComputeTime {
            own: whole.saturating_sub(self.within.total(now)),
            whole,
            is_outermost: self.outer.tasks.is_none(),
        }
    }

    /// See [`ThreadTimer::is_stored`].
    pub(super) fn is_stored(&mut self) {
        self.outer.is_stored = true;
    }
}

struct RestoreOnDrop(NestedTime);

impl Drop for RestoreOnDrop {
    fn drop(&mut self) {
        replace(std::mem::replace(&mut self.0, NestedTime::Nothing));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Poll, Waker};

    const SOME: Duration = Duration::from_millis(20);

    /// Measures a computation that sleeps and then runs `inside`.
    fn compute(is_stored: bool, inside: impl FnOnce()) -> ComputeTime {
        let mut timed = ThreadTimer::begin();
        std::thread::sleep(SOME);
        inside();
        let took = timed.took();
        if is_stored {
            timed.is_stored();
        }
        took
    }

    #[test]
    fn what_is_stored_inside_is_no_part_of_the_own_time() {
        let mut inner = Vec::new();
        let outer = compute(true, || {
            let mut innermost = None;
            inner.push(compute(true, || innermost = Some(compute(true, || {}))));
            inner.extend(innermost);
        });
        let own: Duration = inner.iter().map(|took| took.own).sum();
        assert!(outer.own >= SOME && outer.own + own <= outer.whole);
        assert!(inner[0].own >= SOME && inner[0].own + inner[1].whole <= inner[0].whole);
        assert!(outer.is_outermost && !inner[0].is_outermost && !inner[1].is_outermost);
        assert!(matches!(replace(NestedTime::Nothing), NestedTime::Nothing));
    }

    #[test]
    fn what_is_not_stored_counts_for_the_one_around() {
        let mut inner = None;
        let outer = compute(true, || {
            compute(false, || inner = Some(compute(true, || {})));
        });
        assert!(outer.own >= 2 * SOME && outer.own + inner.unwrap().whole <= outer.whole);
    }

    #[test]
    fn a_panic_inside_leaves_the_time_to_the_one_around() {
        let outer = compute(true, || {
            let unwound = std::panic::catch_unwind(|| {
                let _timed = ThreadTimer::begin();
                std::thread::sleep(SOME);
                panic!("on purpose");
            });
            assert!(unwound.is_err());
        });
        assert!(outer.own >= 2 * SOME && outer.is_outermost);
        assert!(matches!(replace(NestedTime::Nothing), NestedTime::Nothing));
    }

    #[test]
    fn waiting_is_no_part_of_the_own_time() {
        let outer = compute(true, || {
            let _excluded = ExcludedTime::begin();
            std::thread::sleep(SOME);
        });
        assert!(outer.own + SOME <= outer.whole);
    }

    /// Returns `Pending` until it was polled `count` times.
    async fn turns(mut count: u32) {
        future::poll_fn(|_| {
            count -= 1;
            if count == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    async fn compute_in_task(inside: impl Future<Output = ()>) -> ComputeTime {
        let mut timed = TaskTimer::begin();
        timed.run(inside).await;
        let took = timed.took();
        timed.is_stored();
        took
    }

    #[test]
    fn time_in_which_several_tasks_go_on_inside_counts_once() {
        let inside = async {
            std::thread::sleep(SOME);
            let [mut a, mut b] = [(); 2].map(|()| Box::pin(compute_in_task(turns(3))));
            future::poll_fn(|context| {
                let ready = [a.as_mut().poll(context), b.as_mut().poll(context)];
                std::thread::sleep(SOME);
                if ready.iter().all(Poll::is_ready) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
        };
        let mut outer = pin!(compute_in_task(inside));
        let mut context = Context::from_waker(Waker::noop());
        let took = loop {
            if let Poll::Ready(took) = outer.as_mut().poll(&mut context) {
                break took;
            }
        };
        // The last of the three turns sleeps after both tasks have ended.
        assert!(
            took.own >= 2 * SOME && took.own + 2 * SOME <= took.whole,
            "{took:?}"
        );
        assert!(took.is_outermost);
        assert!(matches!(replace(NestedTime::Nothing), NestedTime::Nothing));
    }

    #[test]
    fn a_task_inside_a_call_is_none_of_its_own_time() {
        let mut inner = None;
        let outer = compute(true, || {
            let task = compute_in_task(async { std::thread::sleep(SOME) });
            let mut context = Context::from_waker(Waker::noop());
            match pin!(task).poll(&mut context) {
                Poll::Ready(took) => inner = Some(took),
                Poll::Pending => unreachable!(),
            }
        });
        let inner = inner.unwrap();
        assert!(inner.own >= SOME && !inner.is_outermost);
        assert!(outer.own >= SOME && outer.own + inner.whole <= outer.whole);
    }
}
