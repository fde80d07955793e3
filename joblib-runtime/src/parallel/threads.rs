//! The threads backend: runs the engine on the threads of this process, with one more
//! thread for an input that may block.

use std::sync::Arc;

use super::engine::{Engine, ThreadResults};
use super::execute::{Boxed, Execute, ExecuteStream, PreparedCall};
use super::plan::Plan;
use super::prompt::is_prompt;
use super::same_process::SameProcess;
use super::terminal::Consumer;
use crate::backend::{Sequential, Threads};
use crate::memo::flight::CallStackSnapshot;
use crate::sched::thread_pool::{self, JobHandle};
use crate::task::{Task, thread};

/// Runners that start immediately. More start one by one while there are tasks for them.
const AT_ONCE: usize = 64;

impl<I, T> Execute<I, T> for Threads
where
    I: Iterator<Item: thread::ThreadInput> + Send,
    T: Task<I::Item, Output: thread::ThreadOutput> + Sync,
{
    fn run<C: Consumer<T::Output>>(self, mut work: PreparedCall<I, T>, consume: C) -> C::Result {
        // The calling thread runs no tasks if it has to watch time limits, if the size of
        // its stack matters, if futures may wait for this thread, or if the call may be
        // cancelled while the input blocks.
        let is_bound = work.plan.stack.is_explicit || work.task.awaits();
        let is_cancelled_blocked = work.plan.cancel.is_some() && !is_prompt::<I>();
        let joins = !work.plan.is_timed() && !is_bound && !is_cancelled_blocked;
        if work.plan.n_jobs == 1 && joins {
            return Sequential.run(work, consume);
        }
        let runners = prepare(&mut work);
        let has_puller = !is_prompt::<I>();
        let stack = work.plan.stack.size;
        let engine = Engine::new(work, runners, has_puller);
        let held = CallStackSnapshot::of_current_thread();
        let serve = || {
            let _helping = held.inherit();
            engine.serve();
        };
        if !has_puller {
            let helpers = runners - usize::from(joins);
            return thread_pool::scoped_with_stack(stack, helpers, &serve, |help| {
                consume.consume(ThreadResults::new(&engine, help, None, joins))
            });
        }
        let pull = || {
            let _helping = held.inherit();
            engine.pull_ahead();
        };
        thread_pool::scoped_with_stack(stack, 1, &pull, |puller| {
            if puller.has_no_helpers() {
                engine.pull_on_runners();
            }
            thread_pool::scoped_with_stack(stack, runners, &serve, |help| {
                consume.consume(ThreadResults::new(&engine, help, Some(puller), false))
            })
        })
    }
}

impl<I, T> ExecuteStream<I, T> for Threads
where
    I: Iterator<Item: thread::ThreadInput> + Send + 'static,
    T: Task<I::Item, Output: thread::ThreadOutput + 'static> + Send + Sync + 'static,
{
    fn stream(self, mut work: PreparedCall<I, T>) -> Boxed<T::Output> {
        let runners = prepare(&mut work);
        let has_puller = !is_prompt::<I>();
        let stack = work.plan.stack.size;
        let engine = Engine::new(work, runners, has_puller);
        start_stream(engine, has_puller, stack, Engine::serve, |serve| {
            thread_pool::spawn_helpers(runners, stack, serve)
        })
    }
}

/// Starts the stream of `engine`: the thread of its input, if it has one, with a stack of
/// `stack` bytes, and runners that call `serve`, which `spawn` starts.
pub(super) fn start_stream<I, T>(
    engine: Engine<I, T>,
    has_puller: bool,
    stack: usize,
    serve: fn(&Engine<I, T>),
    spawn: impl FnOnce(Arc<dyn Fn() + Send + Sync>) -> JobHandle,
) -> Boxed<T::Output>
where
    I: Iterator<Item: thread::ThreadInput> + Send + 'static,
    T: Task<I::Item, Output: thread::ThreadOutput + 'static> + Send + Sync + 'static,
{
    let engine = Arc::new(engine);
    let held = Arc::new(CallStackSnapshot::of_current_thread());
    let puller = has_puller.then(|| {
        let (engine, held) = (Arc::clone(&engine), Arc::clone(&held));
        let pull = move || {
            let _helping = held.inherit();
            engine.pull_ahead();
        };
        thread_pool::spawn_helpers(1, stack, Arc::new(pull))
    });
    if puller.as_ref().is_some_and(JobHandle::has_no_helpers) {
        engine.pull_on_runners();
    }
    let theirs = Arc::clone(&engine);
    let help = spawn(Arc::new(move || {
        let _helping = held.inherit();
        serve(&theirs);
    }));
    Box::new(SameProcess::new(ThreadResults::new(
        engine, help, puller, false,
    )))
}

/// Completes the plan with what depends on the types and on the length of the input.
/// Returns the number of runners to start with. There are never more runners than inputs.
pub(super) fn prepare<I: Iterator, T: Task<I::Item>>(work: &mut PreparedCall<I, T>) -> usize {
    let each = size_of::<I::Item>() + size_of::<T::Output>();
    work.plan.weigh(each);
    let most = work.inputs.size_hint().1.unwrap_or(usize::MAX);
    let Plan { n_jobs, .. } = &mut work.plan;
    *n_jobs = most.clamp(1, *n_jobs);
    AT_ONCE.min(*n_jobs)
}
