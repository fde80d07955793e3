//! The engine of the threads: runners take batches from one input and from
//! each other, and leave results for one consumer.
//!
//! *Nobody waits for what nobody does.* A task is with the input, waits in a
//! lane where any runner may take it, or runs. A runner leaves only when the
//! input is over and no lane has a task that waits. It waits only for room,
//! while tasks that it may not yet take are ahead of the consumer; the consumer
//! waits only for tasks that run or wait in a lane of a runner, and makes room
//! by each result it takes. So the one waits for tasks, and the other for the
//! consumer, and a task waits for neither.
//!
//! *Nobody waits for the input while there is something else.* Runners pull
//! only an input that is known to give its items at once. Any other has a
//! thread of its own, and whoever looks for tasks looks at what it left, at the
//! lanes and at what was put off before they wait for more.
//!
//! *Results are not held back.* A runner hands over its results with the
//! batch. Should that take long, the consumer comes for them, and from then on
//! gets each as it is done.

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
use super::execute::{Again, PreparedCall};
use super::plan::{Backpressure, Plan};
use super::settings::Batch;
use crate::outcome::Error;
use crate::outcome::panic_location::{self, PanicRecorder};
use crate::sched::core_budget::{self, CoreLimit};
use crate::sched::thread_pool::HelperRequests;
use crate::task::Task;

/// A call that is running in threads.
pub(super) struct Engine<I: Iterator, T: Task<I::Item>> {
    task: T,
    again: Option<Again<I::Item>>,
    plan: Plan,
    feed: Mutex<InputQueue<I>>,
    /// Signals that results were consumed, or tasks taken, to those who wait
    /// for room.
    room: Condvar,
    /// Signals tasks, to runners that wait for one of an input with a thread
    /// of its own.
    came: Condvar,
    /// Outcomes consumed, where the call is bounded.
    consumed: AtomicUsize,
    /// How much is on the way, where that is limited and can be told.
    load: Option<ByteBudget<I::Item, T::Output>>,
    lanes: LocalQueues<I::Item, T::Output>,
    /// Lanes that have no runner.
    vacant: Mutex<Vec<usize>>,
    /// Tasks that would have waited for another thread or process, until there
    /// is nothing else to do.
    put_off: Mutex<VecDeque<(usize, I::Item)>>,
    retries: Mutex<RetryPolicy<I::Item>>,
    exchange: ResultQueue<T::Output>,
    mood: AtomicUsize,
    begun: Instant,
    /// The scopes that the call was made in.
    scopes: ConfigSnapshot,
    /// The cores that it found there.
    cores: usize,
    /// Calls for further runners.
    caller: OnceLock<HelperRequests>,
}

/// What came of an attempt.
type Attempt<I, T> = Result<<T as Task<<I as Iterator>::Item>>::Output, Error>;

/// What is tried again where tasks may take too long.
struct RetryPolicy<A> {
    /// Tasks that took too long and that nobody took since.
    waiting: VecDeque<(usize, A)>,
    /// How many attempts at a task failed, in whatever way.
    failures: HashMap<usize, u32>,
}

/// Batches of unknown tasks that may be ahead of the consumer, per runner.
const BATCHES_AHEAD: usize = 4;

/// How long a runner waits for a whole batch of an input with a thread of its own, before
/// it waits for a single task. A batch is work of about as long.
const PATIENCE: Duration = Duration::from_micros(40);

/// How often tasks that were put off are looked at while there is nothing else.
const LOOK: Duration = Duration::from_millis(2);

/// What the runners are to look out for, as bits of `Engine::mood`.
mod mood {
    /// The consumer waits for every single result.
    pub(super) const STARVING: usize = 1;
    /// Nobody wants further results.
    pub(super) const OVER: usize = 2;
    /// The time of the whole call is up.
    pub(super) const LATE: usize = 4;
}

impl<I: Iterator, T: Task<I::Item>> Engine<I, T> {
    /// A call that begins with `runners` of them; whether its input has a
    /// thread of its own, `is_apart` says.
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

    /// Whether the input has a thread of its own.
    pub(super) fn is_apart(&self) -> bool {
        lock(&self.feed).is_apart()
    }

    /// Has runners pull the input: there is no thread for it.
    pub(super) fn pull_together(&self) {
        lock(&self.feed).join();
    }

    /// Has further runners come by `caller`.
    pub(super) fn grow_by(&self, caller: HelperRequests) {
        let _ = self.caller.set(caller);
    }

    /// Calls for one more runner, if the call may have more and all that were
    /// called for are at work.
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

    /// Has all that wait look again.
    fn stir(&self) {
        self.room.notify_all();
        self.came.notify_all();
    }

    /// When the time of the whole call is up.
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

    /// Calls off everything that has not begun.
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

    /// How many more tasks may begin, with `batch` taken at a time.
    fn free(&self, taken: usize, batch: usize) -> usize {
        let Some(limit) = self.limit(batch) else {
            return batch;
        };
        let ahead = taken - self.consumed.load(SeqCst);
        // One task is always let through, however large.
        if ahead > 0 && self.load.as_ref().is_some_and(ByteBudget::is_full) {
            return 0;
        }
        limit.saturating_sub(ahead)
    }

    /// How many tasks may be ahead of the consumer, with `batch` taken at a time.
    fn limit(&self, batch: usize) -> Option<usize> {
        let limit = match self.plan.window? {
            Backpressure::Tasks(tasks) => tasks,
            Backpressure::Batches => BATCHES_AHEAD
                .saturating_mul(self.lanes.len())
                .saturating_mul(batch),
        };
        Some(limit.max(1))
    }

    /// Takes up to `batch` tasks that nobody has, waiting for room or for a
    /// task if `can_wait`.
    fn next_tasks(&self, batch: impl Fn(usize) -> usize, can_wait: bool) -> PullOutcome<'_, I> {
        let feed = lock(&self.feed);
        match feed.is_apart() {
            true => self.take(feed, batch, can_wait),
            false => self.pull(feed, batch, can_wait),
        }
    }

    /// Takes tasks that the thread of the input left, or else others.
    fn take<'e>(
        &'e self,
        mut feed: MutexGuard<'e, InputQueue<I>>,
        batch: impl Fn(usize) -> usize,
        can_wait: bool,
    ) -> PullOutcome<'e, I> {
        let mut is_patient = true;
        loop {
            let tasks = self.take_retry().or_else(|| {
                // What there is yet is not known, and what is ready is shared below.
                feed.batch = batch(0);
                let share = feed.ready().div_ceil(self.lanes.len());
                let count = match self.plan.batch {
                    Batch::Auto => feed.batch.min(share),
                    Batch::Fixed(_) => feed.batch,
                };
                feed.take_ready(count)
            });
            self.tell_puller(&mut feed);
            // Under the lock of the input, which goes along until the tasks are
            // in a lane: of two runners that look for tasks, one sees what the
            // other took.
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

    /// Waits for what the input gives, and for no longer than that takes by itself if
    /// `is_patient`: tasks that are there sooner than they are done are best taken many at
    /// a time. Meanwhile what others compute may be there, which tasks were put off for;
    /// that nobody tells.
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

    /// Takes tasks from the input, or else others.
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
                    // It may be one of these that the consumer waits for.
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
                    // What is free is for all the runners.
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
        // Still under the lock of the input, which goes along until the tasks
        // are in a lane: of two runners that look for tasks, one sees what the
        // other took.
        let tasks = tasks.or_else(|| self.steal());
        match tasks.or_else(|| self.take_put_off()) {
            Some(tasks) => PullOutcome::Tasks(tasks, feed),
            None => PullOutcome::Over,
        }
    }

    /// Takes a task that was put off. It is not put off again.
    fn take_put_off(&self) -> Option<TaskRun<I::Item>> {
        lock(&self.put_off).pop_front().map(TaskRun::last_choice)
    }

    /// Takes a task that was put off and would no longer wait.
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

    /// Takes a task that is to be tried again: results may wait for it.
    fn take_retry(&self) -> Option<TaskRun<I::Item>> {
        if !self.retries_late() {
            return None;
        }
        let waiting = lock(&self.retries).waiting.pop_front();
        waiting.map(TaskRun::last_choice)
    }

    /// Whether tasks that take too long are tried again.
    fn retries_late(&self) -> bool {
        self.plan.timeout.is_some() && self.plan.retries > 0
    }

    /// Leaves a task that took too long to whoever looks for one next.
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

    /// The hands of `runner`, unless it lost its lane.
    fn hands_of(&self, runner: &Runner) -> Option<MutexGuard<'_, QueueState<I::Item, T::Output>>> {
        let hands = self.lanes.get(runner.lane).hands();
        (hands.holder() == runner.holder).then_some(hands)
    }

    /// Takes half of what waits in the fullest lane.
    fn steal(&self) -> Option<TaskRun<I::Item>> {
        let fullest = self
            .lanes
            .iter()
            .max_by_key(|lane| lane.hands().waiting())?;
        fullest.hands().split()
    }

    /// Makes room for more tasks after `count` outcomes were consumed.
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

    /// Hands over what the runners have done.
    fn collect_results(&self) {
        for lane in self.lanes.iter() {
            let results = lane.hands().results();
            if let Some(chunk) = results {
                self.hand_over(chunk);
            }
        }
    }

    /// Leaves results for the consumer, and tells that their tasks are done.
    fn hand_over(&self, chunk: ResultRun<T::Output>) {
        if self.plan.meter.is_wanted() {
            for outcome in &chunk.outcomes {
                self.plan.meter.finished(outcome.is_ok());
            }
        }
        self.exchange.leave(chunk);
    }

    /// Puts this thread where the tasks of the call belong: into its scopes,
    /// with the share of a runner.
    fn enter(&self) -> (CoreLimit, ConfigGuard, PanicRecorder) {
        let share = core_budget::enter(self.plan.share);
        (
            share,
            config::adopt(self.scopes.clone()),
            panic_location::watch(),
        )
    }

    /// Whether a task would only wait. If that cannot be told, it is done.
    fn would_wait(&self, arguments: &I::Item) -> bool {
        catch_unwind(AssertUnwindSafe(|| self.task.would_wait(arguments))).unwrap_or(false)
    }
}

enum PullOutcome<'e, I: Iterator> {
    Tasks(TaskRun<I::Item>, MutexGuard<'e, InputQueue<I>>),
    /// There is no room.
    Later,
    Over,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept under these locks is whole between two statements, and
    // what the user's code does there is caught.
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
