//! The engine of the threads backend. Runners take batches of tasks from one input and from
//! each other's local queues, and deliver results to one consumer.
//!
//! *There is no deadlock.* A task is in the input, in a local queue from which any runner may
//! steal it, or running. A runner exits only when the input has ended and all local queues are
//! empty. A runner blocks only for backpressure, while tasks before it are not consumed. The
//! consumer blocks only for tasks that run or are in a local queue, and each result that it
//! takes releases backpressure. So the consumer waits for tasks, runners wait for the consumer,
//! and tasks wait for neither.
//!
//! *A blocking input does not block other work.* Runners pull an input themselves only if it is
//! known not to block. Any other input has a thread of its own. A runner waits for that thread
//! only if it has queued no items, the local queues are empty and no deferred task is ready.
//!
//! *Results are not held back.* A runner delivers its results once per batch. If that takes
//! long, the consumer collects them, and from then on receives each result as soon as it is
//! done.

mod attempt;
mod batch_size;
mod byte_budget;
mod input;
mod local_queue;
mod local_queues;
mod puller;
mod result_queue;
mod results;
mod runner;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use self::byte_budget::ByteBudget;
use self::input::InputQueue;
use self::local_queue::{QueueState, ResultRun, TaskRun};
use self::local_queues::LocalQueues;
use self::result_queue::ResultQueue;
pub(super) use self::results::ThreadResults;
use self::runner::Runner;
use super::config::{self, ConfigGuard, ConfigSnapshot};
use super::core_budget::{self, CoreLimit};
use super::error::Error;
use super::execute::{Again, PreparedCall};
use super::panic_location::{self, PanicRecorder};
use super::plan::{Backpressure, Plan};
use super::settings::Batch;
use crate::task::Task;
use crate::thread_pool::HelperRequests;

/// A call that runs on threads.
pub(super) struct Engine<I: Iterator, T: Task<I::Item>> {
    task: T,
    again: Option<Again<I::Item>>,
    plan: Plan,
    feed: Mutex<InputQueue<I>>,
    /// Signals that results were consumed or tasks taken, to threads that wait because of
    /// backpressure.
    room: Condvar,
    /// Signals new tasks to runners that wait for an input with its own thread.
    came: Condvar,
    /// Outcomes consumed, if the call is bounded.
    consumed: AtomicUsize,
    /// The bytes in flight, if they are limited and their sizes can be determined.
    load: Option<ByteBudget<I::Item, T::Output>>,
    lanes: LocalQueues<I::Item, T::Output>,
    /// Local queues that have no runner.
    vacant: Mutex<Vec<usize>>,
    /// Tasks deferred because they would block on another thread or process. They run when
    /// there is nothing else to do.
    put_off: Mutex<VecDeque<(usize, I::Item)>>,
    retries: Mutex<RetryPolicy<I::Item>>,
    exchange: ResultQueue<T::Output>,
    /// A bit set of the constants in `flags`.
    mood: AtomicUsize,
    begun: Instant,
    /// The scopes in which the call was made.
    scopes: ConfigSnapshot,
    /// The cores of the thread that made the call.
    cores: usize,
    /// Starts further runners.
    caller: OnceLock<HelperRequests>,
}

/// The outcome of one attempt at a task.
type Attempt<I, T> = Result<<T as Task<<I as Iterator>::Item>>::Output, Error>;

/// The state of retries if tasks have a timeout.
struct RetryPolicy<A> {
    /// Tasks that timed out and wait for another attempt.
    waiting: VecDeque<(usize, A)>,
    /// The number of failed attempts at each task, for any reason.
    failures: HashMap<usize, u32>,
}

/// Batches for each runner that may be ahead of the consumer if no other limit is set.
const BATCHES_AHEAD: usize = 4;

/// How long a runner waits for a whole batch from an input with its own thread before it waits
/// for a single task. A batch is about as much work.
const PATIENCE: Duration = Duration::from_micros(40);

/// How often deferred tasks are polled while there is nothing else to do.
const LOOK: Duration = Duration::from_millis(2);

/// Flags that the runners check, as bits of `Engine::flags`.
mod mood {
    /// The consumer waits for every single result.
    pub(super) const STARVING: usize = 1;
    /// No further results are needed.
    pub(super) const OVER: usize = 2;
    /// The deadline of the call has passed.
    pub(super) const LATE: usize = 4;
}

impl<I: Iterator, T: Task<I::Item>> Engine<I, T> {
    /// Creates a call that starts with `runners` runners. `is_apart` tells whether a separate
    /// thread pulls the input.
    pub(super) fn new(work: PreparedCall<I, T>, runners: usize, is_apart: bool) -> Self {
        let PreparedCall {
            inputs,
            task,
            plan,
            again,
        } = work;
        let limit = plan.in_flight_bytes;
        let load = limit.and_then(|limit| ByteBudget::new(limit, runners, task.weights()));
        Engine {
            task,
            again,
            load,
            feed: Mutex::new(InputQueue::new(inputs, is_apart)),
            room: Condvar::new(),
            came: Condvar::new(),
            consumed: AtomicUsize::new(0),
            lanes: LocalQueues::new(runners),
            vacant: Mutex::new((0..runners).rev().collect()),
            put_off: Mutex::new(VecDeque::new()),
            retries: Mutex::new(RetryPolicy {
                waiting: VecDeque::new(),
                failures: HashMap::new(),
            }),
            exchange: ResultQueue::new(plan.is_ordered),
            mood: AtomicUsize::new(0),
            begun: Instant::now(),
            scopes: config::current(),
            cores: core_budget::here(),
            caller: OnceLock::new(),
            plan,
        }
    }

    /// Whether a separate thread pulls the input.
    pub(super) fn is_apart(&self) -> bool {
        lock(&self.feed).is_apart()
    }

    /// Makes the runners pull the input, because its thread could not be started.
    pub(super) fn pull_together(&self) {
        lock(&self.feed).join();
    }

    /// Sets how further runners are started.
    pub(super) fn grow_by(&self, caller: HelperRequests) {
        let _ = self.caller.set(caller);
    }

    /// Starts one more runner, if the call may have more and all existing local queues have a
    /// runner.
    pub(super) fn grow(&self) {
        if !self.may_grow() {
            return;
        }
        let Some(caller) = self.caller.get() else {
            return;
        };
        let mut vacant = lock(&self.vacant);
        if vacant.is_empty() && self.may_grow() {
            vacant.push(self.lanes.add());
            drop(vacant);
            caller.call_one();
        }
    }

    fn may_grow(&self) -> bool {
        self.lanes.len() < self.plan.n_jobs
    }

    /// Wakes all threads that wait, to check their conditions again.
    fn stir(&self) {
        self.room.notify_all();
        self.came.notify_all();
    }

    /// Returns when the whole call is late.
    fn deadline(&self) -> Option<Instant> {
        self.begun.checked_add(self.plan.deadline?)
    }

    fn is(&self, mood: usize) -> bool {
        self.mood.load(Relaxed) & mood != 0
    }

    fn set(&self, mood: usize) {
        self.mood.fetch_or(mood, SeqCst);
    }

    fn unset(&self, mood: usize) {
        self.mood.fetch_and(!mood, SeqCst);
    }

    /// Cancels all tasks that have not started.
    fn call_off(&self) {
        self.set(mood::OVER);
        let ready = lock(&self.feed).close();
        drop(ready);
        self.stir();
        for lane in self.lanes.iter() {
            let waiting = lane.hands().drop_waiting();
            drop(waiting);
        }
        let put_off = std::mem::take(&mut *lock(&self.put_off));
        drop(put_off);
        let retried = std::mem::take(&mut lock(&self.retries).waiting);
        drop(retried);
    }

    /// Returns how many more tasks may start if `batch` are taken at a time.
    fn free(&self, taken: usize, batch: usize) -> usize {
        let Some(limit) = self.limit(batch) else {
            return batch;
        };
        let ahead = taken - self.consumed.load(SeqCst);
        // One task is always admitted, however large.
        if ahead > 0 && self.load.as_ref().is_some_and(ByteBudget::is_full) {
            return 0;
        }
        limit.saturating_sub(ahead)
    }

    /// Returns how many tasks may be ahead of the consumer if `batch` are taken at a time.
    fn limit(&self, batch: usize) -> Option<usize> {
        let limit = match self.plan.window? {
            Backpressure::Tasks(tasks) => tasks,
            Backpressure::Batches => BATCHES_AHEAD
                .saturating_mul(self.lanes.len())
                .saturating_mul(batch),
        };
        Some(limit.max(1))
    }

    /// Takes up to `batch` tasks. If `can_wait`, blocks until backpressure ends or a task
    /// arrives.
    fn next_tasks(&self, batch: impl Fn(usize) -> usize, can_wait: bool) -> PullOutcome<'_, I> {
        let feed = lock(&self.feed);
        match feed.is_apart() {
            true => self.take(feed, batch, can_wait),
            false => self.pull(feed, batch, can_wait),
        }
    }

    /// Takes tasks that the thread of the input has queued, or other tasks.
    fn take<'e>(
        &'e self,
        mut feed: MutexGuard<'e, InputQueue<I>>,
        batch: impl Fn(usize) -> usize,
        can_wait: bool,
    ) -> PullOutcome<'e, I> {
        let mut is_patient = true;
        loop {
            let tasks = self.take_retry().or_else(|| {
                // The number of remaining items is not known; the queued ones are divided below.
                feed.batch = batch(0);
                let share = feed.ready().div_ceil(self.lanes.len());
                let count = match self.plan.batch {
                    Batch::Auto => feed.batch.min(share),
                    Batch::Fixed(_) => feed.batch,
                };
                feed.take_ready(count)
            });
            self.tell_puller(&mut feed);
            // The lock of the input is held until the tasks are in a local queue. Of two
            // runners that look for tasks, one therefore sees what the other took.
            let tasks = tasks.or_else(|| self.steal());
            let tasks = tasks.or_else(|| match feed.is_over() {
                true => self.take_put_off(),
                false => self.take_put_off_long_enough(),
            });
            if let Some(tasks) = tasks {
                return PullOutcome::Tasks(tasks, feed);
            }
            if feed.is_over() {
                return PullOutcome::Over;
            }
            if !can_wait {
                return PullOutcome::Later;
            }
            is_patient &= feed.batch > 1;
            feed = self.wait_for_task(feed, std::mem::take(&mut is_patient));
        }
    }

    /// Waits for the input. If `is_patient`, waits at most about as long as an item takes to
    /// arrive: items that arrive faster than they are processed are best taken many at a time.
    /// If there are deferred tasks, polls them, because nothing signals when they are ready.
    fn wait_for_task<'e>(
        &'e self,
        mut feed: MutexGuard<'e, InputQueue<I>>,
        is_patient: bool,
    ) -> MutexGuard<'e, InputQueue<I>> {
        let limit = match is_patient {
            true => Some(PATIENCE),
            false => (!lock(&self.put_off).is_empty()).then_some(LOOK),
        };
        feed.waiting += 1;
        feed.starving += usize::from(!is_patient);
        let mut feed = match limit {
            None => wait(&self.came, feed),
            Some(limit) => {
                let waited = self.came.wait_timeout(feed, limit);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        feed.waiting -= 1;
        feed.starving -= usize::from(!is_patient);
        feed.told = feed.told.saturating_sub(1);
        feed
    }

    /// Takes tasks from the input, or other tasks.
    fn pull<'e>(
        &'e self,
        mut feed: MutexGuard<'e, InputQueue<I>>,
        batch: impl Fn(usize) -> usize,
        can_wait: bool,
    ) -> PullOutcome<'e, I> {
        let count = loop {
            if let Some(tasks) = self.take_retry() {
                return PullOutcome::Tasks(tasks, feed);
            }
            let batch = batch(feed.remaining());
            match self.free(feed.taken(), batch) {
                _ if feed.is_over() => break batch,
                0 => {
                    // The consumer may be waiting for a deferred task.
                    if let Some(tasks) = self.take_put_off() {
                        return PullOutcome::Tasks(tasks, feed);
                    }
                    if !can_wait {
                        return PullOutcome::Later;
                    }
                    feed.wanted = Some(batch);
                    feed = wait(&self.room, feed);
                }
                free => {
                    // The free capacity is divided among all runners.
                    let share = free.div_ceil(self.lanes.len());
                    break batch.min(share);
                }
            }
        };
        let was_over = feed.is_over();
        let tasks = match &self.load {
            None => feed.pull(count),
            Some(load) => feed.pull_while(count, load.take_on()),
        };
        if feed.is_over() && !was_over {
            self.exchange.end(feed.taken());
            self.room.notify_all();
        }
        // The lock of the input is held until the tasks are in a local queue. Of two runners
        // that look for tasks, one therefore sees what the other took.
        let tasks = tasks.or_else(|| self.steal());
        match tasks.or_else(|| self.take_put_off()) {
            Some(tasks) => PullOutcome::Tasks(tasks, feed),
            None => PullOutcome::Over,
        }
    }

    /// Takes a deferred task. It is not deferred again.
    fn take_put_off(&self) -> Option<TaskRun<I::Item>> {
        lock(&self.put_off).pop_front().map(TaskRun::last_choice)
    }

    /// Takes a deferred task, if it would no longer block.
    fn take_put_off_long_enough(&self) -> Option<TaskRun<I::Item>> {
        let (index, arguments) = lock(&self.put_off).pop_front()?;
        match self.would_wait(&arguments) {
            false => Some(TaskRun::last_choice((index, arguments))),
            true => {
                lock(&self.put_off).push_back((index, arguments));
                None
            }
        }
    }

    /// Takes a task to be retried. It comes first, since results may wait for it.
    fn take_retry(&self) -> Option<TaskRun<I::Item>> {
        if !self.retries_late() {
            return None;
        }
        let waiting = lock(&self.retries).waiting.pop_front();
        waiting.map(TaskRun::last_choice)
    }

    /// Whether tasks that time out are retried.
    fn retries_late(&self) -> bool {
        self.plan.timeout.is_some() && self.plan.retries > 0
    }

    /// Queues a task that timed out for another attempt.
    fn try_again(&self, index: usize, arguments: I::Item) {
        self.count_failure(index);
        if let Some(load) = &self.load {
            load.add(load.of_arguments(&arguments));
        }
        lock(&self.retries).waiting.push_back((index, arguments));
        let _feed = lock(&self.feed);
        self.stir();
    }

    fn count_failure(&self, index: usize) {
        *lock(&self.retries).failures.entry(index).or_default() += 1;
    }

    /// Locks the local queue of `runner`, unless the runner has lost it.
    fn hands_of(&self, runner: &Runner) -> Option<MutexGuard<'_, QueueState<I::Item, T::Output>>> {
        let hands = self.lanes.get(runner.lane).hands();
        (hands.holder() == runner.holder).then_some(hands)
    }

    /// Takes half of the waiting tasks of the longest local queue.
    fn steal(&self) -> Option<TaskRun<I::Item>> {
        let fullest = self
            .lanes
            .iter()
            .max_by_key(|lane| lane.hands().waiting())?;
        fullest.hands().split()
    }

    /// Releases backpressure after `count` outcomes were consumed.
    fn make_room(&self, count: usize) {
        if self.plan.window.is_none() {
            return;
        }
        self.consumed.store(count, SeqCst);
        let mut feed = lock(&self.feed);
        if feed.is_apart() {
            return self.tell_puller(&mut feed);
        }
        let has_room = |batch| self.free(feed.taken(), batch) > 0;
        if feed.wanted.is_some_and(has_room) {
            feed.wanted = None;
            self.room.notify_all();
        }
    }

    /// Delivers the results that are still in local queues.
    fn collect_results(&self) {
        for lane in self.lanes.iter() {
            let results = lane.hands().results();
            if let Some(chunk) = results {
                self.hand_over(chunk);
            }
        }
    }

    /// Delivers results to the consumer and reports their tasks as finished.
    fn hand_over(&self, chunk: ResultRun<T::Output>) {
        if self.plan.meter.is_wanted() {
            for outcome in &chunk.outcomes {
                self.plan.meter.finished(outcome.is_ok());
            }
        }
        self.exchange.leave(chunk);
    }

    /// Puts this thread into the scopes of the call and limits it to a runner's share of the
    /// cores.
    fn enter(&self) -> (CoreLimit, ConfigGuard, PanicRecorder) {
        let share = core_budget::enter(self.plan.share);
        (
            share,
            config::adopt(self.scopes.clone()),
            panic_location::watch(),
        )
    }

    /// Whether a task would block at once. If the check panics, the task runs.
    fn would_wait(&self, arguments: &I::Item) -> bool {
        catch_unwind(AssertUnwindSafe(|| self.task.would_wait(arguments))).unwrap_or(false)
    }
}

enum PullOutcome<'e, I: Iterator> {
    Tasks(TaskRun<I::Item>, MutexGuard<'e, InputQueue<I>>),
    /// There is no room or no task at present.
    Later,
    Over,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The data under these locks is consistent between two statements, and panics of user
    // code are caught before they reach the guard.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait<'g, T>(condvar: &Condvar, guard: MutexGuard<'g, T>) -> MutexGuard<'g, T> {
    condvar.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

fn wait_until<'g, T>(
    condvar: &Condvar,
    guard: MutexGuard<'g, T>,
    limit: Instant,
) -> MutexGuard<'g, T> {
    let time = limit.saturating_duration_since(Instant::now());
    let waited = condvar.wait_timeout(guard, time.max(Duration::from_micros(1)));
    waited.unwrap_or_else(PoisonError::into_inner).0
}
