//! The engine of the threads backend. Runners take batches of tasks from one input and
//! from each other's local queues, and deliver results to one consumer.
//!
//! *There is no deadlock.* A task is in the input, in a local queue from which any runner
//! may steal it, or running. A runner exits only when the input has ended and all local
//! queues are empty. A runner blocks only for backpressure, while tasks before it are not
//! consumed. The consumer blocks only for tasks that run or are in a local queue, and
//! each result that it takes releases backpressure. So the consumer waits for tasks,
//! runners wait for the consumer, and tasks wait for neither.
//!
//! *A blocking input does not block other work.* Runners pull an input themselves only if
//! it is known not to block. Any other input has a thread of its own. A runner waits for
//! that thread only if it has queued no items, the local queues are empty and no deferred
//! task is ready.
//!
//! *Results are not held back.* A runner delivers its results once per batch. If that
//! takes long, the consumer collects them, and from then on receives each result as soon
//! as it is done.

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
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use self::byte_budget::ByteBudget;
use self::input::InputQueue;
use self::local_queue::{QueueState, ResultRun, TaskRun};
use self::local_queues::LocalQueues;
use self::result_queue::ResultQueue;
pub(super) use self::results::ThreadResults;
use self::runner::Runner;
use super::config::{self, ConfigGuard, ConfigSnapshot};
use super::execute::{Again, PreparedCall};
use super::plan::{Backpressure, Plan};
use super::settings::Batch;
use crate::outcome::Error;
use crate::outcome::panic_location::{self, PanicRecorder};
use crate::sched::core_budget::{self, CoreLimit};
use crate::sched::thread_pool::HelperRequests;
use crate::task::Task;
use crate::unpoisoned::{lock, unpoisoned, wait};

/// A call that runs on threads.
pub(super) struct Engine<I: Iterator, T: Task<I::Item>> {
    task: T,
    again: Option<Again<I::Item>>,
    plan: Plan,
    input: Mutex<InputQueue<I>>,
    /// Signals that results were consumed or tasks taken, to threads that wait because of
    /// backpressure.
    room: Condvar,
    /// Signals new tasks to runners that wait for an input with its own thread.
    arrived: Condvar,
    /// Outcomes consumed, if the call is bounded.
    consumed: AtomicUsize,
    /// The bytes in flight, if they are limited and their sizes can be determined.
    budget: Option<ByteBudget<I::Item, T::Output>>,
    queues: LocalQueues<I::Item, T::Output>,
    /// Local queues that have no runner.
    vacant: Mutex<Vec<usize>>,
    /// Tasks deferred because they would block on another thread or process. They run
    /// when there is nothing else to do.
    deferred: Mutex<VecDeque<(usize, I::Item)>>,
    retries: Mutex<RetryPolicy<I::Item>>,
    results: ResultQueue<T::Output>,
    /// A bit set of the constants in `flags`.
    flags: AtomicUsize,
    begun: Instant,
    /// The scopes in which the call was made.
    scopes: ConfigSnapshot,
    /// The cores of the thread that made the call.
    cores: usize,
    /// Starts further runners.
    helpers: OnceLock<HelperRequests>,
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

/// How long a runner waits for a whole batch from an input with its own thread before it
/// waits for a single task. A batch is about as much work.
const BATCH_WAIT: Duration = Duration::from_micros(40);

/// How often deferred tasks are polled while there is nothing else to do.
const DEFERRED_POLL: Duration = Duration::from_millis(2);

/// Flags that the runners check, as bits of `Engine::flags`.
mod flag {
    /// The consumer waits for every single result.
    pub(super) const STARVING: usize = 1;
    /// No further results are needed.
    pub(super) const OVER: usize = 2;
    /// The deadline of the call has passed.
    pub(super) const LATE: usize = 4;
}

impl<I: Iterator, T: Task<I::Item>> Engine<I, T> {
    /// Creates a call that starts with `runners` runners. `has_puller` tells whether a
    /// separate thread pulls the input.
    pub(super) fn new(work: PreparedCall<I, T>, runners: usize, has_puller: bool) -> Self {
        let PreparedCall {
            inputs,
            task,
            plan,
            again,
        } = work;
        let limit = plan.in_flight_bytes;
        let budget = limit.and_then(|limit| ByteBudget::new(limit, runners, task.size_fns()));
        Engine {
            task,
            again,
            budget,
            input: Mutex::new(InputQueue::new(inputs, has_puller)),
            room: Condvar::new(),
            arrived: Condvar::new(),
            consumed: AtomicUsize::new(0),
            queues: LocalQueues::new(runners),
            vacant: Mutex::new((0..runners).rev().collect()),
            deferred: Mutex::new(VecDeque::new()),
            retries: Mutex::new(RetryPolicy {
                waiting: VecDeque::new(),
                failures: HashMap::new(),
            }),
            results: ResultQueue::new(plan.is_ordered),
            flags: AtomicUsize::new(0),
            begun: Instant::now(),
            scopes: config::current(),
            cores: core_budget::current(),
            helpers: OnceLock::new(),
            plan,
        }
    }

    /// Whether a separate thread pulls the input.
    pub(super) fn has_puller(&self) -> bool {
        lock(&self.input).has_puller()
    }

    /// Makes the runners pull the input, because its thread could not be started.
    pub(super) fn pull_on_runners(&self) {
        lock(&self.input).join();
    }

    /// Sets how further runners are started.
    pub(super) fn set_helpers(&self, helpers: HelperRequests) {
        let _ = self.helpers.set(helpers);
    }

    /// Starts one more runner, if the call may have more and all existing local queues
    /// have a runner.
    pub(super) fn grow(&self) {
        if !self.may_grow() {
            return;
        }
        let Some(helpers) = self.helpers.get() else {
            return;
        };
        let mut vacant = lock(&self.vacant);
        if vacant.is_empty() && self.may_grow() {
            vacant.push(self.queues.add());
            drop(vacant);
            helpers.request_helper();
        }
    }

    fn may_grow(&self) -> bool {
        self.queues.len() < self.plan.n_jobs
    }

    /// Wakes all threads that wait, to check their conditions again.
    fn wake_all(&self) {
        self.room.notify_all();
        self.arrived.notify_all();
    }

    /// Returns when the whole call is late.
    fn deadline(&self) -> Option<Instant> {
        self.begun.checked_add(self.plan.deadline?)
    }

    fn has(&self, flag: usize) -> bool {
        self.flags.load(Relaxed) & flag != 0
    }

    fn set(&self, flag: usize) {
        self.flags.fetch_or(flag, SeqCst);
    }

    fn unset(&self, flag: usize) {
        self.flags.fetch_and(!flag, SeqCst);
    }

    /// Cancels all tasks that have not started.
    fn cancel(&self) {
        self.set(flag::OVER);
        let ready = lock(&self.input).close();
        drop(ready);
        self.wake_all();
        for queue in self.queues.iter() {
            let waiting = queue.lock().drop_waiting();
            drop(waiting);
        }
        let deferred = std::mem::take(&mut *lock(&self.deferred));
        drop(deferred);
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
        if ahead > 0 && self.budget.as_ref().is_some_and(ByteBudget::is_full) {
            return 0;
        }
        limit.saturating_sub(ahead)
    }

    /// Returns how many tasks may be ahead of the consumer if `batch` are taken at a
    /// time.
    fn limit(&self, batch: usize) -> Option<usize> {
        let limit = match self.plan.window? {
            Backpressure::Tasks(tasks) => tasks,
            Backpressure::Batches => BATCHES_AHEAD
                .saturating_mul(self.queues.len())
                .saturating_mul(batch),
        };
        Some(limit.max(1))
    }

    /// Takes up to `batch` tasks. If `can_wait`, blocks until backpressure ends or a task
    /// arrives.
    fn next_tasks(&self, batch: impl Fn(usize) -> usize, can_wait: bool) -> PullOutcome<'_, I> {
        let input = lock(&self.input);
        match input.has_puller() {
            true => self.take(input, batch, can_wait),
            false => self.pull(input, batch, can_wait),
        }
    }

    /// Takes tasks that the thread of the input has queued, or other tasks.
    fn take<'e>(
        &'e self,
        mut input: MutexGuard<'e, InputQueue<I>>,
        batch: impl Fn(usize) -> usize,
        can_wait: bool,
    ) -> PullOutcome<'e, I> {
        let mut is_patient = true;
        loop {
            let tasks = self.take_retry().or_else(|| {
                // The number of remaining items is not known; the queued ones are divided
                // below.
                input.batch = batch(0);
                let share = input.ready().div_ceil(self.queues.len());
                let count = match self.plan.batch {
                    Batch::Auto => input.batch.min(share),
                    Batch::Fixed(_) => input.batch,
                };
                input.take_ready(count)
            });
            self.notify_puller(&mut input);
            // The lock of the input is held until the tasks are in a local queue. Of two
            // runners that look for tasks, one therefore sees what the other took.
            let tasks = tasks.or_else(|| self.steal());
            let tasks = tasks.or_else(|| match input.is_over() {
                true => self.take_deferred(),
                false => self.take_ready_deferred(),
            });
            if let Some(tasks) = tasks {
                return PullOutcome::Tasks(tasks, input);
            }
            if input.is_over() {
                return PullOutcome::Over;
            }
            if !can_wait {
                return PullOutcome::Later;
            }
            is_patient &= input.batch > 1;
            input = self.wait_for_task(input, std::mem::take(&mut is_patient));
        }
    }

    /// Waits for the input. If `is_patient`, waits for at most `BATCH_WAIT` and only for
    /// a whole batch, because items that arrive faster than they are processed are best
    /// taken many at a time. Otherwise, if there are deferred tasks, returns after
    /// `DEFERRED_POLL`, because nothing signals that they are ready.
    fn wait_for_task<'e>(
        &'e self,
        mut input: MutexGuard<'e, InputQueue<I>>,
        is_patient: bool,
    ) -> MutexGuard<'e, InputQueue<I>> {
        let limit = match is_patient {
            true => Some(BATCH_WAIT),
            false => (!lock(&self.deferred).is_empty()).then_some(DEFERRED_POLL),
        };
        input.waiting += 1;
        input.starving += usize::from(!is_patient);
        let mut input = match limit {
            None => wait(&self.arrived, input),
            Some(limit) => {
                let waited = self.arrived.wait_timeout(input, limit);
                unpoisoned(waited).0
            }
        };
        input.waiting -= 1;
        input.starving -= usize::from(!is_patient);
        input.notified = input.notified.saturating_sub(1);
        input
    }

    /// Takes tasks from the input, or other tasks.
    fn pull<'e>(
        &'e self,
        mut input: MutexGuard<'e, InputQueue<I>>,
        batch: impl Fn(usize) -> usize,
        can_wait: bool,
    ) -> PullOutcome<'e, I> {
        let count = loop {
            if let Some(tasks) = self.take_retry() {
                return PullOutcome::Tasks(tasks, input);
            }
            let batch = batch(input.remaining());
            match self.free(input.taken(), batch) {
                _ if input.is_over() => break batch,
                0 => {
                    // The consumer may be waiting for a deferred task.
                    if let Some(tasks) = self.take_deferred() {
                        return PullOutcome::Tasks(tasks, input);
                    }
                    if !can_wait {
                        return PullOutcome::Later;
                    }
                    input.wanted = Some(batch);
                    input = wait(&self.room, input);
                }
                free => {
                    // The free capacity is divided among all runners.
                    let share = free.div_ceil(self.queues.len());
                    break batch.min(share);
                }
            }
        };
        let was_over = input.is_over();
        let tasks = match &self.budget {
            None => input.pull(count),
            Some(budget) => input.pull_while(count, budget.admit()),
        };
        if input.is_over() && !was_over {
            self.results.end(input.taken());
            self.room.notify_all();
        }
        // The lock of the input is held until the tasks are in a local queue. Of two
        // runners that look for tasks, one therefore sees what the other took.
        let tasks = tasks.or_else(|| self.steal());
        match tasks.or_else(|| self.take_deferred()) {
            Some(tasks) => PullOutcome::Tasks(tasks, input),
            None => PullOutcome::Over,
        }
    }

    /// Takes a deferred task. It is not deferred again.
    fn take_deferred(&self) -> Option<TaskRun<I::Item>> {
        lock(&self.deferred).pop_front().map(TaskRun::must_run)
    }

    /// Takes a deferred task, if it would no longer block.
    fn take_ready_deferred(&self) -> Option<TaskRun<I::Item>> {
        let (index, arguments) = lock(&self.deferred).pop_front()?;
        match self.would_wait(&arguments) {
            false => Some(TaskRun::must_run((index, arguments))),
            true => {
                lock(&self.deferred).push_back((index, arguments));
                None
            }
        }
    }

    /// Takes a task to be retried. It comes first, since results may wait for it.
    fn take_retry(&self) -> Option<TaskRun<I::Item>> {
        if !self.retries_timeouts() {
            return None;
        }
        let waiting = lock(&self.retries).waiting.pop_front();
        waiting.map(TaskRun::must_run)
    }

    /// Whether tasks that time out are retried.
    fn retries_timeouts(&self) -> bool {
        self.plan.timeout.is_some() && self.plan.retries > 0
    }

    /// Queues a task that timed out for another attempt.
    fn requeue(&self, index: usize, arguments: I::Item) {
        self.count_failure(index);
        if let Some(budget) = &self.budget {
            budget.add(budget.size_of_arguments(&arguments));
        }
        lock(&self.retries).waiting.push_back((index, arguments));
        let _input = lock(&self.input);
        self.wake_all();
    }

    fn count_failure(&self, index: usize) {
        *lock(&self.retries).failures.entry(index).or_default() += 1;
    }

    /// Locks the local queue of `runner`, unless the runner has lost it.
    fn lock_queue_of(
        &self,
        runner: &Runner,
    ) -> Option<MutexGuard<'_, QueueState<I::Item, T::Output>>> {
        let state = self.queues.get(runner.queue).lock();
        (state.generation() == runner.generation).then_some(state)
    }

    /// Takes half of the waiting tasks of the longest local queue.
    fn steal(&self) -> Option<TaskRun<I::Item>> {
        let fullest = self
            .queues
            .iter()
            .max_by_key(|queue| queue.lock().waiting())?;
        fullest.lock().split()
    }

    /// Releases backpressure after `count` outcomes were consumed.
    fn make_room(&self, count: usize) {
        if self.plan.window.is_none() {
            return;
        }
        self.consumed.store(count, SeqCst);
        let mut input = lock(&self.input);
        if input.has_puller() {
            return self.notify_puller(&mut input);
        }
        let has_room = |batch| self.free(input.taken(), batch) > 0;
        if input.wanted.is_some_and(has_room) {
            input.wanted = None;
            self.room.notify_all();
        }
    }

    /// Delivers the results that are still in local queues.
    fn collect_results(&self) {
        for queue in self.queues.iter() {
            let results = queue.lock().results();
            if let Some(chunk) = results {
                self.deliver(chunk);
            }
        }
    }

    /// Delivers results to the consumer and reports their tasks as finished.
    fn deliver(&self, chunk: ResultRun<T::Output>) {
        if self.plan.tracker.is_wanted() {
            for outcome in &chunk.outcomes {
                self.plan.tracker.finished(outcome.is_ok());
            }
        }
        self.results.push(chunk);
    }

    /// Puts this thread into the scopes of the call and limits it to a runner's share of
    /// the cores.
    fn enter(&self) -> (CoreLimit, ConfigGuard, PanicRecorder) {
        let share = core_budget::enter(self.plan.share);
        (
            share,
            config::adopt(self.scopes.clone()),
            panic_location::record(),
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

fn wait_until<'g, T>(
    condvar: &Condvar,
    guard: MutexGuard<'g, T>,
    limit: Instant,
) -> MutexGuard<'g, T> {
    let time = limit.saturating_duration_since(Instant::now());
    let waited = condvar.wait_timeout(guard, time.max(Duration::from_micros(1)));
    unpoisoned(waited).0
}
