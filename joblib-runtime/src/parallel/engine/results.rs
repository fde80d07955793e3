//! The consumer's side of a call. It returns outcomes one by one, runs tasks itself where
//! it would otherwise wait, and enforces the time limits.

use std::marker::PhantomData;
use std::ops::Deref;
use std::time::{Duration, Instant};

use super::local_queue::ResultRun;
use super::result_queue::Polled;
use super::runner::{Runner, Served};
use super::{Engine, flag, lock};
use crate::outcome::{Error, ErrorKind};
use crate::parallel::plan::CallEnd;
use crate::parallel::summary::Summary;
use crate::parallel::terminal::Outcome;
use crate::sched::rayon_pool::{self, PoolWait};
use crate::sched::thread_pool::JobHandle;
use crate::task::Task;

/// How long runners may hold back results until their batch is done.
const RESULT_WAIT: Duration = Duration::from_micros(200);

/// An iterator over the outcomes of a call, in the order that the call requires.
pub(in crate::parallel) struct ThreadResults<E, I, T>
where
    E: Deref<Target = Engine<I, T>>,
    I: Iterator,
    T: Task<I::Item>,
{
    engine: E,
    help: JobHandle,
    /// The thread of the input, if it has one.
    _puller: Option<JobHandle>,
    /// Whether the consumer is the only runner.
    is_alone: bool,
    /// The consumer as a runner, if it may run tasks.
    runner: Option<Runner>,
    chunk: std::vec::IntoIter<Result<T::Output, Error>>,
    /// Position of the first outcome of `chunk` in the input.
    next: usize,
    consumed: usize,
    failed: usize,
    /// Whether the consumer has run the initializer.
    is_initialized: bool,
    is_over: bool,
    end: CallEnd,
    kind: PhantomData<fn() -> (I, T)>,
}

impl<E, I, T> ThreadResults<E, I, T>
where
    E: Deref<Target = Engine<I, T>>,
    I: Iterator,
    T: Task<I::Item>,
{
    /// Creates the iterator over the outcomes of `engine`. If `joins`, the consumer runs
    /// tasks too. It also does so if no other thread could be started.
    pub(in crate::parallel) fn new(
        engine: E,
        help: JobHandle,
        puller: Option<JobHandle>,
        joins: bool,
    ) -> Self {
        let is_alone = help.has_no_helpers();
        let is_too_large = is_alone && engine.plan.stack.is_explicit;
        if is_too_large {
            engine.end_input(Some(too_large(engine.plan.stack.size)));
        }
        let joins = (joins || is_alone) && !is_too_large;
        engine.set_helpers(help.requests());
        // All runners requested so far may be busy already, or have found no way to request
        // their next job.
        engine.grow();
        engine.wake_jobs(usize::MAX);
        ThreadResults {
            help,
            _puller: puller,
            is_alone,
            runner: if joins { engine.runner() } else { None },
            end: engine.plan.end(engine.begun),
            engine,
            chunk: Vec::new().into_iter(),
            next: 0,
            consumed: 0,
            failed: 0,
            is_initialized: false,
            is_over: false,
            kind: PhantomData,
        }
    }

    /// Finds the next outcomes. Returns whether there are any.
    fn next_chunk(&mut self) -> bool {
        self.engine.make_room(self.consumed);
        let mut pool_wait = PoolWait::new();
        loop {
            match self.poll(&mut pool_wait) {
                Polled::Chunk(ResultRun { first, outcomes }) => {
                    self.next = first;
                    self.chunk = outcomes.into_iter();
                    return true;
                }
                Polled::End => return false,
                Polled::Nothing => {}
            }
        }
    }

    fn poll(&mut self, pool_wait: &mut PoolWait) -> Polled<T::Output> {
        let found = self.engine.results.poll(self.consumed);
        if !matches!(found, Polled::Nothing) {
            return found;
        }
        if let Some(runner) = &mut self.runner {
            let _inside = self.engine.enter();
            if !std::mem::replace(&mut self.is_initialized, true) && !self.engine.initialize(runner)
            {
                self.runner = None;
                return Polled::Nothing;
            }
            // If the consumer is alone, no other thread takes the items that are yet to
            // arrive.
            let can_wait = self.is_alone && self.engine.has_puller() && !self.engine.is_in_rayon();
            let mut has_served = false;
            pool_wait.look(|| {
                has_served = self.engine.serve_once(runner, can_wait) == Served::Batch;
                has_served
            });
            if has_served {
                return Polled::Nothing;
            }
        }
        match self.engine.is_in_rayon() && rayon_pool::is_worker() {
            true => self.wait_in_rayon(pool_wait),
            false => self.wait(),
        }
    }

    /// Waits for the runners, in a thread of rayon. It runs other jobs meanwhile: what it
    /// waits for may need one of them.
    fn wait_in_rayon(&mut self, pool_wait: &mut PoolWait) -> Polled<T::Output> {
        let engine = &*self.engine;
        let step = pool_wait.next_step();
        let is_starving = step > RESULT_WAIT;
        if is_starving {
            engine.set(flag::STARVING);
            engine.collect_results();
        }
        let step = Instant::now().checked_add(step);
        let limit = [step, self.next_limit()].into_iter().flatten().min();
        let found = engine.results.poll_until(self.consumed, limit);
        if is_starving {
            engine.unset(flag::STARVING);
        }
        self.give_up_late();
        if matches!(found, Polled::Nothing) {
            self.engine.wake_for_deferred();
            pool_wait.run_other_job();
        }
        found
    }

    /// Waits for the runners.
    fn wait(&mut self) -> Polled<T::Output> {
        let engine = &*self.engine;
        let soon = Some(Instant::now() + RESULT_WAIT);
        // A consumer that is not a runner and keeps all results takes many at a time: it
        // would often interrupt a runner.
        let found = match engine.is_in_rayon() && engine.plan.window.is_none() {
            true => engine.results.poll_lazily(self.consumed, soon),
            false => engine.results.poll_until(self.consumed, soon),
        };
        if !matches!(found, Polled::Nothing) {
            return found;
        }
        engine.set(flag::STARVING);
        engine.collect_results();
        let found = engine.results.poll_until(self.consumed, self.next_limit());
        engine.unset(flag::STARVING);
        self.give_up_late();
        self.engine.wake_for_deferred();
        found
    }

    /// Stops returning outcomes.
    #[cold]
    fn give_up_rest(&mut self) {
        self.is_over = true;
        self.engine.cancel();
        self.chunk = Vec::new().into_iter();
    }

    /// Prints the summary, if the call requests it.
    fn print_summary(&self) {
        let engine = &*self.engine;
        if engine.plan.verbose == 0 {
            return;
        }
        let summary = Summary {
            backend: match engine.is_in_rayon() {
                true => "rayon",
                false => "threads",
            },
            wall: engine.begun.elapsed(),
            failed: self.failed,
            workers: engine
                .queues
                .iter()
                .map(|queue| queue.lock().share())
                .collect(),
        };
        summary.print(engine.plan.verbose);
    }

    /// Returns when the next task or the whole call will be late.
    fn next_limit(&self) -> Option<Instant> {
        let plan = &self.engine.plan;
        let call = self.engine.deadline();
        let call = call.filter(|_| !self.engine.has(flag::LATE));
        // With a timeout of zero, no task starts.
        let task = plan.timeout.filter(|limit| !limit.is_zero());
        let task = task.and_then(|limit| {
            let queues = self.engine.queues.iter();
            let first = queues
                .filter_map(|queue| queue.lock().running_since())
                .min();
            // If no task runs, a task that starts now would be the first to be late.
            first.unwrap_or_else(Instant::now).checked_add(limit)
        });
        let input = self.engine.input_limit();
        let deferred = self.engine.deferred_limit();
        [call, task, input, deferred].into_iter().flatten().min()
    }

    /// Gives up the tasks that exceeded their timeout, and all tasks once the deadline of
    /// the call has passed. Another runner replaces each one that is lost and runs
    /// retries.
    fn give_up_late(&mut self) {
        let engine = &*self.engine;
        let now = engine.now();
        engine.give_up_input(now);
        for (index, queue) in engine.queues.iter().enumerate() {
            let mut state = queue.lock();
            let Some(failure) = state
                .running_since()
                .and_then(|since| late(engine, since, now))
            else {
                continue;
            };
            let given_up = state.give_up(failure);
            drop(state);
            if let Some(chunk) = given_up.results {
                engine.deliver(chunk);
            }
            if let Some((index, arguments)) = given_up.again {
                engine.requeue(index, arguments);
            }
            drop(given_up.dropped);
            lock(&engine.vacant).push(index);
            if !self.help.request_helper() {
                self.runner = engine.runner();
            }
        }
    }
}

/// Returns the failure of a call if no thread with the requested stack size can be
/// started.
#[cold]
fn too_large(bytes: usize) -> Error {
    let why = format!(
        "no thread with a stack of {bytes} bytes could be started; set a smaller `stack_size`"
    );
    Error::call(ErrorKind::Start(why))
}

/// Returns why a task that started at `since` is given up, or `None` if it is not late.
fn late<I: Iterator, T: Task<I::Item>>(
    engine: &Engine<I, T>,
    since: Instant,
    now: Instant,
) -> Option<ErrorKind> {
    let plan = &engine.plan;
    if engine.has(flag::LATE) {
        return plan.deadline.map(ErrorKind::DeadlinePassed);
    }
    let limit = plan.timeout.filter(|limit| !limit.is_zero())?;
    (now.duration_since(since) >= limit).then_some(ErrorKind::TimedOut(limit))
}

impl<E, I, T> Iterator for ThreadResults<E, I, T>
where
    E: Deref<Target = Engine<I, T>>,
    I: Iterator,
    T: Task<I::Item>,
{
    type Item = Outcome<T::Output>;

    #[inline]
    fn next(&mut self) -> Option<Outcome<T::Output>> {
        loop {
            if let Some(outcome) = self.chunk.next() {
                self.next += 1;
                self.consumed += 1;
                self.failed += usize::from(outcome.is_err());
                self.engine.release(&outcome);
                if outcome.is_err()
                    && let Some(failure) = self.end.with(&outcome)
                {
                    self.give_up_rest();
                    return Some((self.next - 1, Err(failure)));
                }
                return Some((self.next - 1, outcome));
            }
            if self.is_over {
                return None;
            }
            if !self.next_chunk() {
                self.is_over = true;
                let failure = lock(&self.engine.input).take_failure();
                return failure.map(|failure| (self.consumed, Err(failure)));
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let known = self.chunk.len();
        let ahead = lock(&self.engine.input);
        let known = known.max(ahead.taken().saturating_add(ahead.remaining()) - self.consumed);
        (known, None)
    }
}

impl<E, I, T> Drop for ThreadResults<E, I, T>
where
    E: Deref<Target = Engine<I, T>>,
    I: Iterator,
    T: Task<I::Item>,
{
    fn drop(&mut self) {
        if !self.is_over {
            self.engine.cancel();
        }
        self.print_summary();
    }
}
