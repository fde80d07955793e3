//! The backend of worker processes. It encodes arguments and decodes results; `process`
//! runs the workers and transfers the messages.

mod call_context;
#[cfg(feature = "fuzz")]
mod fuzz;
mod input_source;
#[cfg(feature = "log")]
mod log_forwarding;
mod options;
mod pulled_items;
mod reorder_buffer;
mod results;
mod stream_driver;
mod task_source;
mod waker;

use crate::unpoisoned::lock;
use std::sync::{Arc, Mutex};
use std::time::Instant;

pub(crate) use self::call_context::HOOKS as CONTEXT_HOOKS;
#[cfg(feature = "fuzz")]
pub(crate) use self::fuzz::CALL_CONTEXT;
use self::input_source::InputSource;
use self::pulled_items::PulledItems;
use self::results::ProcessResults;
use self::stream_driver::{OutcomeQueue, StreamConsumer};
use self::task_source::{Put, Take, TaskSource};
use self::waker::Waker;
use super::execute::{self, Execute, ExecuteStream, PreparedCall};
use super::initializer::Initializer;
use super::plan::Plan;
use super::prompt::is_prompt;
use super::same_process::SameProcess;
use super::settings::Batch;
use super::terminal::{Consumer, Outcome};
use crate::backend::Processes;
use crate::memo::flight::CallStackSnapshot;
use crate::outcome::Error;
use crate::process::{CallSpec, Session};
use crate::sched::thread_pool::{self, JobHandle};
use crate::task::{
    AnyRemoteBackend, ClosureTask, FunctionTask, Remote, RemoteCall, RemoteClosure, RemoteVTable,
};
use crate::wire::PutError;

/// The task type that `task!` creates.
type Boxed<'t, A, R> = ClosureTask<Box<dyn RemoteClosure<A, R> + 't>>;

impl<I, S, R, F, M> Execute<I, FunctionTask<I::Item, S, R, F, M>> for Processes
where
    I: Iterator<Item: Send> + Send,
    F: Fn(I::Item, &S) -> R,
    M: Remote<AnyRemoteBackend, I::Item, S, R>,
{
    fn run<C: Consumer<R>>(
        self,
        work: PreparedCall<I, FunctionTask<I::Item, S, R, F, M>>,
        consume: C,
    ) -> C::Result {
        let travel = RemoteVTable::of::<M, AnyRemoteBackend>().call(&work.task.shared);
        run(work.inputs, travel, &work.plan, consume)
    }
}

impl<I, S, R, F, M> ExecuteStream<I, FunctionTask<I::Item, S, R, F, M>> for Processes
where
    I: Iterator<Item: Send> + Send + 'static,
    R: Send + 'static,
    F: Fn(I::Item, &S) -> R,
    M: Remote<AnyRemoteBackend, I::Item, S, R>,
{
    fn stream(self, work: PreparedCall<I, FunctionTask<I::Item, S, R, F, M>>) -> execute::Boxed<R> {
        let travel = RemoteVTable::of::<M, AnyRemoteBackend>().call(&work.task.shared);
        stream(work.inputs, travel, &work.plan)
    }
}

impl<'t, I, R> Execute<I, Boxed<'t, I::Item, R>> for Processes
where
    I: Iterator<Item: Send> + Send,
{
    fn run<C: Consumer<R>>(
        self,
        work: PreparedCall<I, Boxed<'t, I::Item, R>>,
        consume: C,
    ) -> C::Result {
        run(work.inputs, work.task.0.remote_call(), &work.plan, consume)
    }
}

impl<I, R> ExecuteStream<I, Boxed<'static, I::Item, R>> for Processes
where
    I: Iterator<Item: Send> + Send + 'static,
    R: Send + 'static,
{
    fn stream(self, work: PreparedCall<I, Boxed<'static, I::Item, R>>) -> execute::Boxed<R> {
        stream(work.inputs, work.task.0.remote_call(), &work.plan)
    }
}

fn failed<R>(error: Error) -> impl Iterator<Item = Outcome<R>> {
    std::iter::once((0, Err(error)))
}

/// Runs tasks that `travel` can send to other processes.
pub(super) fn run<I: Iterator<Item: Send> + Send, R, C: Consumer<R>>(
    inputs: I,
    travel: Result<RemoteCall<'_, I::Item, R>, PutError>,
    plan: &Plan,
    consume: C,
) -> C::Result {
    let call = match ProcessCall::open(travel, plan, inputs.size_hint().1) {
        Ok(call) => call,
        Err(error) => return consume.consume(failed(error)),
    };
    let Some(queue) = queue::<I>(|| Waker::new().map(Arc::new)) else {
        return consume.consume(call.results(InputSource::here(inputs)));
    };
    let (queue, held) = (Arc::new(queue), CallStackSnapshot::of_current_thread());
    let inputs = Mutex::new(Some(inputs));
    let pull = || {
        let _helping = held.inherit();
        if let Some(inputs) = taken(&inputs) {
            queue.pull(inputs);
        }
    };
    thread_pool::scoped_with_stack(plan.stack.size, 1, &pull, |puller| {
        match puller.has_no_helpers().then(|| taken(&inputs)).flatten() {
            // No thread could be started for the input.
            Some(inputs) => consume.consume(call.results(InputSource::here(inputs))),
            None => consume.consume(call.results(InputSource::<I>::apart(Arc::clone(&queue)))),
        }
    })
}

/// Like [`run`], but returns a stream of outcomes.
pub(super) fn stream<I, R>(
    inputs: I,
    travel: Result<RemoteCall<'_, I::Item, R>, PutError>,
    plan: &Plan,
) -> execute::Boxed<R>
where
    I: Iterator<Item: Send> + Send + 'static,
    R: Send + 'static,
{
    let call = match ProcessCall::open(travel, plan, inputs.size_hint().1) {
        Ok(call) => call,
        Err(error) => return Box::new(failed(error)),
    };
    let Some(waker) = Waker::new().map(Arc::new) else {
        return Box::new(SameProcess::new(call.results(InputSource::here(inputs))));
    };
    let stack = plan.stack.size;
    let held = Arc::new(CallStackSnapshot::of_current_thread());
    let (source, puller) = input_source(inputs, &waker, stack, &held);
    let can_wait = puller.is_some() || is_prompt::<I>();
    let outcome_queue = Arc::new(OutcomeQueue::new(Arc::clone(&waker)));
    let tasks = call
        .tasks(source)
        .listen(waker)
        .run_ahead(outcome_queue.clone());
    let results = Mutex::new(Some(call.drive(tasks)));
    let results = Arc::new(results);
    let drive = {
        let (outcome_queue, results) = (Arc::clone(&outcome_queue), Arc::clone(&results));
        move || {
            let _helping = held.inherit();
            if let Some(results) = taken(&results) {
                outcome_queue.drive(results);
            }
        }
    };
    let driver = thread_pool::spawn_helpers(1, stack, Arc::new(drive));
    match driver.has_no_helpers().then(|| taken(&results)).flatten() {
        // No thread could be started for the driver: the consumer drives the workers.
        Some(results) => Box::new(SameProcess::new(results)),
        None => Box::new(SameProcess::new(StreamConsumer::new(
            outcome_queue,
            can_wait,
            driver,
            puller,
        ))),
    }
}

/// Returns the source of tasks for `inputs`. The inputs get a thread of their own, which
/// is also returned, unless they are known not to block.
fn input_source<I: Iterator<Item: Send> + Send + 'static>(
    inputs: I,
    waker: &Arc<Waker>,
    stack: usize,
    held: &Arc<CallStackSnapshot>,
) -> (InputSource<I>, Option<JobHandle>) {
    let Some(queue) = queue::<I>(|| Some(Arc::clone(waker))) else {
        return (InputSource::here(inputs), None);
    };
    let queue = Arc::new(queue);
    let inputs = Arc::new(Mutex::new(Some(inputs)));
    let pull = {
        let (queue, inputs) = (Arc::clone(&queue), Arc::clone(&inputs));
        let held = Arc::clone(held);
        move || {
            let _helping = held.inherit();
            if let Some(inputs) = taken(&inputs) {
                queue.pull(inputs);
            }
        }
    };
    let puller = thread_pool::spawn_helpers(1, stack, Arc::new(pull));
    match puller.has_no_helpers().then(|| taken(&inputs)).flatten() {
        Some(inputs) => (InputSource::here(inputs), None),
        None => (InputSource::apart(queue), Some(puller)),
    }
}

/// Creates the queue for another thread's items. Returns `None` if the input is known not
/// to block, or if no waker can be created.
fn queue<I: Iterator>(waker: impl FnOnce() -> Option<Arc<Waker>>) -> Option<PulledItems<I::Item>> {
    match is_prompt::<I>() {
        true => None,
        false => waker().map(PulledItems::new),
    }
}

fn taken<T>(place: &Mutex<Option<T>>) -> Option<T> {
    lock(place).take()
}

/// A call with an open session, without its inputs.
struct ProcessCall<'p, A, R> {
    session: Session,
    put: Put<A>,
    take: Take<R>,
    plan: &'p Plan,
    begun: Instant,
}

impl<'p, A, R> ProcessCall<'p, A, R> {
    /// Opens a session for a call that has at most `most` inputs, if that is known.
    fn open(
        travel: Result<RemoteCall<'_, A, R>, PutError>,
        plan: &'p Plan,
        most: Option<usize>,
    ) -> Result<Self, Error> {
        let begun = Instant::now();
        let travel = travel.map_err(|error| Error::transport(None, error))?;
        let initializer = plan.initializer.as_ref().map(Initializer::registration);
        let initializer = initializer.transpose().map_err(Error::call)?;
        let session = Session::open(&CallSpec {
            context: &call_context::HOOKS,
            registration: travel.registration,
            shared: &travel.shared,
            workers: most.unwrap_or(usize::MAX).clamp(1, plan.n_jobs),
            batch: match plan.batch {
                Batch::Auto => None,
                Batch::Fixed(tasks) => Some(tasks),
            },
            timeout: plan.timeout,
            retries: plan.retries,
            seed: plan.seed,
            threads_per_worker: plan.share,
            stack: plan.stack.is_explicit.then_some(plan.stack.size),
            captures: plan.processes.on_output.is_some(),
            max_tasks_per_worker: plan.processes.max_tasks,
            max_growth: plan.processes.max_growth,
            initializer,
        })
        .map_err(Error::call)?;
        Ok(ProcessCall {
            session,
            put: travel.put,
            take: travel.take,
            plan,
            begun,
        })
    }

    /// Creates the task source for `source`.
    fn tasks<I: Iterator<Item = A>>(&self, source: InputSource<I>) -> TaskSource<I, R> {
        let may_be_cancelled = self.plan.cancel.is_some();
        let for_token = || may_be_cancelled.then(Waker::new).flatten().map(Arc::new);
        // Without a waker, a cancellation is noticed when the driver wakes up for another
        // reason, at most a second later.
        let waker = source.waker().or_else(for_token);
        let tasks = TaskSource::new(source, self.put, self.take, self.plan);
        match waker {
            Some(waker) => tasks.listen(waker),
            None => tasks,
        }
    }

    /// Returns the outcomes of `tasks`.
    fn drive<I: Iterator<Item = A>>(self, tasks: TaskSource<I, R>) -> ProcessResults<I, R> {
        ProcessResults::new(tasks, self.session, self.plan, self.begun)
    }

    fn results<I: Iterator<Item = A>>(self, source: InputSource<I>) -> ProcessResults<I, R> {
        let tasks = self.tasks(source);
        self.drive(tasks)
    }
}
