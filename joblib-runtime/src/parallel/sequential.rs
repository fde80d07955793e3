//! The sequential backend, which runs all tasks in the calling thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::execute::{Again, Boxed, Execute, ExecuteStream, PreparedCall};
use super::initializer::Initializer;
use super::plan::Plan;
use super::summary::{Summary, WorkerSummary};
use super::terminal::{Consumer, Outcome};
use crate::backend::Sequential;
use crate::outcome::panic_location;
use crate::outcome::{Error, ErrorKind};
use crate::task::worker::WorkerGuard;
use crate::task::{Task, current, worker};

impl<I: Iterator, T: Task<I::Item>> Execute<I, T> for Sequential {
    #[inline]
    fn run<C: Consumer<T::Output>>(self, work: PreparedCall<I, T>, consume: C) -> C::Result {
        if C::CATCHES || !work.plan.is_plain() {
            return consume.consume(outcomes(work));
        }
        let PreparedCall { inputs, task, .. } = work;
        consume.consume_results(inputs.map(|arguments| {
            let _worker = worker::enter(0, 1);
            task.run(arguments)
        }))
    }
}

impl<I, T> ExecuteStream<I, T> for Sequential
where
    I: Iterator + Send + 'static,
    T: Task<I::Item, Output: Send + 'static> + Send + 'static,
{
    fn stream(self, work: PreparedCall<I, T>) -> Boxed<T::Output> {
        Box::new(outcomes(work))
    }
}

/// Returns the outcomes of `work`, each computed on demand. If the input panics, it has
/// ended.
fn outcomes<I: Iterator, T: Task<I::Item>>(
    work: PreparedCall<I, T>,
) -> impl Iterator<Item = Outcome<T::Output>> {
    let PreparedCall {
        inputs,
        task,
        plan,
        again,
    } = work;
    let begun = Instant::now();
    let mut share = WorkerStats {
        verbose: plan.verbose,
        begun,
        failed: 0,
        worker: WorkerSummary::default(),
    };
    let mut first = plan.initializer.clone();
    let mut inputs = FusedInput(Some(inputs));
    let end = plan.end(begun);
    let mut index = 0;
    std::iter::from_fn(move || {
        let _recorder = panic_location::record();
        let arguments = match inputs.next()? {
            Ok(arguments) => arguments,
            Err(failure) => return Some((index, Err(failure))),
        };
        if !plan.is_cancelled()
            && let Some(first) = first.take()
            && let Err(error) = initialize(&first)
        {
            inputs.end();
            return Some((index, Err(error)));
        }
        if plan.is_cut_off() {
            inputs.end();
            return Some((index, Err(Error::call(ErrorKind::Cancelled))));
        }
        let since = (share.verbose > 0).then(Instant::now);
        let worker = || worker::enter(0, 1);
        let outcome = attempts(&task, &plan, again, begun, index, arguments, worker);
        plan.tracker.finished(outcome.is_ok());
        if let Some(since) = since {
            share.note(since, outcome.is_ok());
        }
        index += 1;
        let last = end.with(&outcome);
        if last.is_some() {
            inputs.end();
        }
        Some((index - 1, last.map_or(outcome, Err)))
    })
}

fn initialize(first: &Initializer) -> Result<(), Error> {
    let _worker = worker::enter(0, 1);
    first.run()
}

/// An input that ends when its `next` panics, and whose panics on drop are caught.
struct FusedInput<I>(Option<I>);

impl<I: Iterator> FusedInput<I> {
    /// Returns the next item or the reason why there is none, or `None` if the input has
    /// ended.
    fn next(&mut self) -> Option<Result<I::Item, Error>> {
        let inputs = self.0.as_mut()?;
        match catch_unwind(AssertUnwindSafe(|| inputs.next())) {
            Ok(Some(item)) => Some(Ok(item)),
            Ok(None) => self.end().map(Err),
            Err(payload) => {
                self.end();
                Some(Err(Error::input(payload)))
            }
        }
    }
}

impl<I> FusedInput<I> {
    /// Drops the input. Returns the error if that panics.
    fn end(&mut self) -> Option<Error> {
        let inputs = self.0.take()?;
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(inputs)));
        dropped.err().map(Error::input)
    }
}

impl<I> Drop for FusedInput<I> {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs a task, with retries if it fails and the call allows them. `enter_worker` says which
/// worker the thread is meanwhile.
pub(super) fn attempts<A, T: Task<A>>(
    task: &T,
    plan: &Plan,
    again: Option<Again<A>>,
    begun: Instant,
    index: usize,
    arguments: A,
    enter_worker: impl Fn() -> WorkerGuard,
) -> Result<T::Output, Error> {
    let attempt = |arguments| {
        let _worker = enter_worker();
        attempt(task, plan, begun, index, arguments)
    };
    let Some(copy) = again else {
        return attempt(arguments);
    };
    for _ in 0..plan.retries {
        let copied = catch_unwind(AssertUnwindSafe(|| copy(&arguments)));
        let copied = copied.map_err(|payload| Error::panic(index, payload))?;
        match attempt(copied) {
            Err(error) if !error.is_of_ended_call() => {}
            outcome => return outcome,
        }
    }
    attempt(arguments)
}

/// Runs a task once. It cannot be interrupted in the calling thread, so exceeded limits
/// are reported when it returns.
fn attempt<A, T: Task<A>>(
    task: &T,
    plan: &Plan,
    begun: Instant,
    index: usize,
    arguments: A,
) -> Result<T::Output, Error> {
    let late = |since: Instant, limit: &Duration| since.elapsed() >= *limit;
    let passed = |limit| Error::task(index, ErrorKind::DeadlinePassed(limit));
    let timed_out = |limit| Error::task(index, ErrorKind::TimedOut(limit));
    if plan.is_cancelled() {
        return Err(Error::task(index, ErrorKind::Cancelled));
    }
    if let Some(limit) = plan.deadline.filter(|limit| late(begun, limit)) {
        return Err(passed(limit));
    }
    if let Some(limit) = plan.timeout.filter(Duration::is_zero) {
        return Err(timed_out(limit));
    }
    let since = Instant::now();
    let _task = current::enter(plan.seed, index);
    let outcome = catch_unwind(AssertUnwindSafe(|| task.run(arguments)));
    if let Some(limit) = plan.timeout.filter(|limit| late(since, limit)) {
        return Err(timed_out(limit));
    }
    if let Some(limit) = plan.deadline.filter(|limit| late(begun, limit)) {
        return Err(passed(limit));
    }
    outcome.map_err(|payload| Error::panic(index, payload))
}

/// Statistics of the only worker, reported when the call ends.
struct WorkerStats {
    verbose: u8,
    begun: Instant,
    failed: usize,
    worker: WorkerSummary,
}

impl WorkerStats {
    fn note(&mut self, since: Instant, is_ok: bool) {
        self.worker.ran(since.elapsed());
        self.failed += usize::from(!is_ok);
    }
}

impl Drop for WorkerStats {
    fn drop(&mut self) {
        let summary = Summary {
            backend: "one thread",
            wall: self.begun.elapsed(),
            failed: self.failed,
            workers: vec![self.worker],
        };
        summary.print(self.verbose);
    }
}
