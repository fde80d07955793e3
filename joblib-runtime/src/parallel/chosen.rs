//! Backends that are chosen at run time: by name, by the scope around the
//! call, or by the environment.

use super::config;
use super::ends::Consume;
use super::error::{Error, Failure};
use super::runs::{Runs, Work};
use super::said::{Said, Source};
use crate::backend::{Choice, Configured, Named, Sequential, Threads};
use crate::task::Task;

impl<I, T> Runs<I, T> for Named
where
    I: Iterator<Item: Send> + Send,
    T: Task<I::Item, Output: Send> + Sync,
{
    fn run<C: Consume<T::Output>>(self, work: Work<I, T>, consume: C) -> C::Result {
        match config::named(&Said::new(self.0, Source::Call)) {
            Ok(said) => run(&said, work, consume),
            Err(failure) => refuse(failure, consume),
        }
    }
}

impl<I, T> Runs<I, T> for Choice
where
    I: Iterator<Item: Send> + Send,
    T: Task<I::Item, Output: Send> + Sync,
{
    fn run<C: Consume<T::Output>>(self, work: Work<I, T>, consume: C) -> C::Result {
        run(&Said::new(self, Source::Call), work, consume)
    }
}

impl<I, T> Runs<I, T> for Configured
where
    I: Iterator<Item: Send> + Send,
    T: Task<I::Item, Output: Send> + Sync,
{
    fn run<C: Consume<T::Output>>(self, work: Work<I, T>, consume: C) -> C::Result {
        match config::backend() {
            Ok(Some(said)) => run(&said, work, consume),
            Ok(None) => Threads.run(work, consume),
            Err(failure) => refuse(failure, consume),
        }
    }
}

fn run<I, T, C>(said: &Said<Choice>, work: Work<I, T>, consume: C) -> C::Result
where
    I: Iterator<Item: Send> + Send,
    T: Task<I::Item, Output: Send> + Sync,
    C: Consume<T::Output>,
{
    match said.value {
        Choice::Sequential => Sequential.run(work, consume),
        Choice::Threads => Threads.run(work, consume),
        // What holds for many calls is a wish, as far as each can follow it;
        // what a call says of itself is an order.
        Choice::Processes if said.by == Source::Call => refuse(cannot_travel(said), consume),
        Choice::Processes => Threads.run(work, consume),
    }
}

fn cannot_travel(said: &Said<Choice>) -> Failure {
    said.refuse(
        "backend",
        "cannot run tasks that stay in this process, as closures do; \
         write `threads`, or a function with `#[parallel]`",
    )
}

fn refuse<O, C: Consume<O>>(failure: Failure, consume: C) -> C::Result {
    consume.consume(std::iter::once((0, Err(Error::call(failure)))))
}

#[cfg(test)]
mod tests {
    use super::super::{Error, Failure, config, par};
    use crate::backend::{Choice, Sequential};

    fn text(outcome: Result<Vec<i32>, Error>) -> String {
        match outcome.map_err(|error| error.failure().clone()) {
            Err(Failure::Setting(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_backend_chosen_by_name_runs_the_call() {
        for name in ["sequential", "threads", "Threads"] {
            let found: Vec<i32> = par(0..3).map(|x| x + 1).backend_named(name).collect();
            assert_eq!(found, [1, 2, 3]);
        }
        let found: Vec<i32> = par(0..3).map(|x| x + 1).backend(Choice::Threads).collect();
        assert_eq!(found, [1, 2, 3]);
    }

    #[test]
    fn an_unknown_backend_is_the_failure_of_the_call() {
        let outcome = par(0..3).map(|x| x).backend_named("loky").try_collect();
        assert_eq!(
            text(outcome),
            "backend = loky of the call is no backend; \
             write one of sequential, threads, processes"
        );
    }

    #[test]
    fn a_closure_that_is_ordered_to_processes_is_refused() {
        let outcome = par(0..3)
            .map(|x| x)
            .backend_named("processes")
            .try_collect();
        assert!(text(outcome).contains("cannot run tasks that stay in this process"));
    }

    #[test]
    fn a_closure_that_is_wished_on_processes_runs_on_threads() {
        let found = config()
            .backend_named("processes")
            .scope(|| par(0..3).map(|x| x * 2).collect::<Vec<i32>>());
        assert_eq!(found, [0, 2, 4]);
    }

    #[test]
    fn a_bad_backend_of_a_scope_fails_only_calls_that_follow_it() {
        let _guard = config().backend_named("loky").enter();
        assert!(
            text(par(0..3).map(|x| x).try_collect()).contains("backend = loky of joblib::config()")
        );
        let found: Vec<i32> = par(0..3).map(|x| x).backend(Sequential).collect();
        assert_eq!(found, [0, 1, 2]);
    }
}
