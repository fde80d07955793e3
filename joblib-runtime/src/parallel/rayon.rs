//! The rayon backend: runs the engine on jobs in a pool of rayon, with one more thread for
//! an input that may block.

use std::sync::Arc;

use super::engine::{Engine, ThreadResults};
use super::execute::{Boxed, Execute, ExecuteStream, PreparedCall};
use super::prompt::is_prompt;
use super::terminal::Consumer;
use super::threads::{prepare, start_stream};
use crate::backend::{Rayon, Sequential};
use crate::memo::flight::CallStackSnapshot;
use crate::outcome::Error;
use crate::sched::rayon_pool::{CurrentPool, PoolOfScope, RayonPool};
use crate::sched::thread_pool;
use crate::stack_size;
use crate::task::{Task, thread};

/// Runs a call in `pool`.
fn run_in<I, T, C>(pool: &dyn RayonPool, mut work: PreparedCall<I, T>, consume: C) -> C::Result
where
    I: Iterator<Item: thread::ThreadInput> + Send,
    T: Task<I::Item, Output: thread::ThreadOutput> + Sync,
    C: Consumer<T::Output>,
{
    if let Err(failure) = work.plan.enter_pool(pool.threads()) {
        return consume.consume(std::iter::once((0, Err(Error::call(failure)))));
    }
    let has_puller = !is_prompt::<I>();
    // A caller in the pool must run tasks: if each thread of the pool makes a call and
    // waits, no other thread is left.
    let joins = pool.is_here();
    let may_block = work.plan.is_timed() || work.plan.cancel.is_some() && has_puller;
    if work.plan.n_jobs == 1 && joins && !may_block {
        return Sequential.run(work, consume);
    }
    let runners = prepare(&mut work);
    let helpers = runners - usize::from(joins);
    let engine = Engine::new(work, runners, has_puller).in_rayon(helpers);
    let held = CallStackSnapshot::of_current_thread();
    let serve = || {
        let _helping = held.inherit();
        engine.serve_job();
    };
    if !has_puller {
        return thread_pool::scoped_in_rayon(pool, helpers, &serve, |help| {
            consume.consume(ThreadResults::new(&engine, help, None, joins))
        });
    }
    let pull = || {
        let _helping = held.inherit();
        engine.pull_ahead();
    };
    thread_pool::scoped_beside_rayon(1, &pull, |puller| {
        if puller.has_no_helpers() {
            engine.pull_on_runners();
        }
        thread_pool::scoped_in_rayon(pool, helpers, &serve, |help| {
            consume.consume(ThreadResults::new(&engine, help, Some(puller), joins))
        })
    })
}

/// Starts a stream in `pool`.
fn stream_in<I, T>(pool: Arc<dyn RayonPool>, mut work: PreparedCall<I, T>) -> Boxed<T::Output>
where
    I: Iterator<Item: thread::ThreadInput> + Send + 'static,
    T: Task<I::Item, Output: thread::ThreadOutput + 'static> + Send + Sync + 'static,
{
    if let Err(failure) = work.plan.enter_pool(pool.threads()) {
        return Box::new(std::iter::once((0, Err(Error::call(failure)))));
    }
    let runners = prepare(&mut work);
    let has_puller = !is_prompt::<I>();
    let engine = Engine::new(work, runners, has_puller).in_rayon(runners);
    let stack = stack_size::size();
    start_stream(engine, has_puller, stack, Engine::serve_job, |serve| {
        thread_pool::spawn_in_rayon(pool, runners, serve)
    })
}

impl<I, T> Execute<I, T> for Rayon
where
    I: Iterator<Item: thread::ThreadInput> + Send,
    T: Task<I::Item, Output: thread::ThreadOutput> + Sync,
{
    fn run<C: Consumer<T::Output>>(self, work: PreparedCall<I, T>, consume: C) -> C::Result {
        if is_prompt::<I>() || !CurrentPool.is_here() {
            return run_in(&CurrentPool, work, consume);
        }
        // The thread of the input requests jobs too, but does not belong to the pool.
        rayon::in_place_scope(|scope| run_in(&PoolOfScope(scope), work, consume))
    }
}

impl<I, T> ExecuteStream<I, T> for Rayon
where
    I: Iterator<Item: thread::ThreadInput> + Send + 'static,
    T: Task<I::Item, Output: thread::ThreadOutput + 'static> + Send + Sync + 'static,
{
    fn stream(self, work: PreparedCall<I, T>) -> Boxed<T::Output> {
        stream_in(Arc::new(CurrentPool), work)
    }
}

#[cfg(feature = "rayon")]
mod given {
    use std::ops::Deref;

    use rayon::ThreadPool;

    use super::*;
    use crate::backend::RayonPool as GivenBackend;
    use crate::sched::rayon_pool::GivenPool;

    impl<I, T, P> Execute<I, T> for GivenBackend<P>
    where
        I: Iterator<Item: thread::ThreadInput> + Send,
        T: Task<I::Item, Output: thread::ThreadOutput> + Sync,
        P: Deref<Target = ThreadPool> + Send + Sync,
    {
        fn run<C: Consumer<T::Output>>(self, work: PreparedCall<I, T>, consume: C) -> C::Result {
            run_in(&GivenPool(self.0), work, consume)
        }
    }

    impl<I, T, P> ExecuteStream<I, T> for GivenBackend<P>
    where
        I: Iterator<Item: thread::ThreadInput> + Send + 'static,
        T: Task<I::Item, Output: thread::ThreadOutput + 'static> + Send + Sync + 'static,
        P: Deref<Target = ThreadPool> + Send + Sync + 'static,
    {
        fn stream(self, work: PreparedCall<I, T>) -> Boxed<T::Output> {
            stream_in(Arc::new(GivenPool(self.0)), work)
        }
    }
}
