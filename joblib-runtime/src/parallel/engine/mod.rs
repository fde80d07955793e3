//! The engine of the threads and rayon backends. Runners take batches of tasks from one
//! input and from each other's local queues, and deliver results to one consumer.
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
//!
//! *A runner in a pool of rayon never blocks* (see `jobs`), because the task that it would
//! wait for may be suspended below it on its stack.

mod attempt;
mod batch_size;
mod byte_budget;
mod input;
mod jobs;
mod local_queue;
mod local_queues;
mod next_tasks;
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
use self::jobs::RayonJobs;
use self::local_queue::{QueueState, ResultRun};
use self::local_queues::LocalQueues;
use self::result_queue::ResultQueue;
pub(super) use self::results::ThreadResults;
use self::runner::Runner;
use super::config::{self, ConfigGuard, ConfigSnapshot};
use super::execute::{Again, PreparedCall};
use super::plan::{Backpressure, Plan};
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
    /// Present if the runners are jobs in a pool of rayon.
    jobs: Option<RayonJobs>,
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
            jobs: None,
            plan,
        }
    }

    /// Makes the runners jobs in a pool of rayon, of which `requested` are requested at
    /// once.
    pub(super) fn in_rayon(self, requested: usize) -> Self {
        Engine {
            jobs: Some(RayonJobs::new(requested)),
            ..self
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
        self.wake_jobs(usize::MAX);
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
            drop(input);
            self.wake_jobs(usize::MAX);
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

fn wait_until<'g, T>(
    condvar: &Condvar,
    guard: MutexGuard<'g, T>,
    limit: Instant,
) -> MutexGuard<'g, T> {
    let time = limit.saturating_duration_since(Instant::now());
    let waited = condvar.wait_timeout(guard, time.max(Duration::from_micros(1)));
    unpoisoned(waited).0
}
