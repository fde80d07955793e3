//! The backend of threads: the engine, with this process' threads as runners.

use std::sync::Arc;

use super::ends::Consume;
use super::engine::{Engine, Results};
use super::runs::{Boxed, Runs, Streams, Work};
use crate::backend::{Sequential, Threads};
use crate::crew;
use crate::memo::flight::Held;
use crate::task::{Task, thread};

impl<I, T> Runs<I, T> for Threads
where
    I: Iterator<Item: thread::Input> + Send,
    T: Task<I::Item, Output: thread::Output> + Sync,
{
    fn run<C: Consume<T::Output>>(self, mut work: Work<I, T>, consume: C) -> C::Result {
        // With a time limit somebody must watch while the task runs.
        let joins = !work.plan.is_timed();
        if work.plan.n_jobs == 1 && joins {
            return Sequential.run(work, consume);
        }
        work.plan
            .weigh(size_of::<I::Item>() + size_of::<T::Output>());
        let helpers = work.plan.n_jobs - usize::from(joins);
        let engine = Engine::new(work);
        let held = Held::here();
        let serve = || {
            let _helping = held.help();
            engine.serve();
        };
        crew::with_help(helpers, &serve, |help| {
            consume.consume(Results::new(&engine, help, joins))
        })
    }
}

impl<I, T> Streams<I, T> for Threads
where
    I: Iterator<Item: thread::Input> + Send + 'static,
    T: Task<I::Item, Output: thread::Output + 'static> + Send + Sync + 'static,
{
    fn stream(self, mut work: Work<I, T>) -> Boxed<T::Output> {
        work.plan
            .weigh(size_of::<I::Item>() + size_of::<T::Output>());
        let helpers = work.plan.n_jobs;
        let engine = Arc::new(Engine::new(work));
        let theirs = Arc::clone(&engine);
        let held = Held::here();
        let serve = move || {
            let _helping = held.help();
            theirs.serve();
        };
        let help = crew::help(helpers, Arc::new(serve));
        Box::new(Results::new(engine, help, false))
    }
}
