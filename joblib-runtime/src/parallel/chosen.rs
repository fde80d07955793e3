//! Backends that are chosen at run time: by name, by the scope around the
//! call, or by the environment.

use super::config;
use super::ends::{Consume, Outcome};
use super::error::{Error, Failure};
use super::processes;
use super::runs::{Boxed, Runs, Streams, Work};
use super::said::{Said, Source};
use crate::backend::{Choice, Configured, Named, Sequential, Threads};
use crate::task::{Task, thread};

/// Stands for one of the backends, which it tells when the call runs.
trait Chosen {
    /// The backend and who said so.
    fn choose(self) -> Result<Said<Choice>, Failure>;
}

impl Chosen for Choice {
    fn choose(self) -> Result<Said<Choice>, Failure> {
        Ok(Said::new(self, Source::Call))
    }
}

impl Chosen for Named {
    fn choose(self) -> Result<Said<Choice>, Failure> {
        config::named(&Said::new(self.0, Source::Call))
    }
}

impl Chosen for Configured {
    fn choose(self) -> Result<Said<Choice>, Failure> {
        let said = config::backend()?;
        Ok(said.unwrap_or(Said::new(Choice::Threads, Source::Around)))
    }
}

/// Implemented for each of the types, since one implementation for all that
/// are [`Chosen`] would stand between the compiler and the words it has for a
/// task that a backend cannot run.
macro_rules! run_as_chosen {
    ($($backend:ty),*) => {$(
        impl<I, T> Runs<I, T> for $backend
        where
            I: Iterator<Item: thread::Input> + Send,
            T: Task<I::Item, Output: thread::Output> + Sync,
        {
            fn run<C: Consume<T::Output>>(self, work: Work<I, T>, consume: C) -> C::Result {
                let said = self.choose();
                match said.and_then(|said| within_reach(said, work.task.can_travel())) {
                    Ok(Choice::Sequential) => Sequential.run(work, consume),
                    Ok(Choice::Threads) => Threads.run(work, consume),
                    Ok(Choice::Processes) => {
                        let travel = work.task.travel();
                        processes::run(work.inputs, travel, &work.plan, consume)
                    }
                    Err(failure) => consume.consume(refusal(failure)),
                }
            }
        }

        impl<I, T> Streams<I, T> for $backend
        where
            I: Iterator<Item: thread::Input> + Send + 'static,
            T: Task<I::Item, Output: thread::Output + 'static> + Send + Sync + 'static,
        {
            fn stream(self, work: Work<I, T>) -> Boxed<T::Output> {
                let said = self.choose();
                match said.and_then(|said| within_reach(said, work.task.can_travel())) {
                    Ok(Choice::Sequential) => Sequential.stream(work),
                    Ok(Choice::Threads) => Threads.stream(work),
                    Ok(Choice::Processes) => {
                        let travel = work.task.travel();
                        processes::stream(work.inputs, travel, &work.plan)
                    }
                    Err(failure) => Box::new(refusal(failure)),
                }
            }
        }
    )*};
}

run_as_chosen!(Named, Choice, Configured);

/// The backend for tasks that can travel or that stay in this process: what
/// holds for many calls is a wish, as far as each can follow it; what a call
/// says of itself is an order.
fn within_reach(said: Said<Choice>, can_travel: bool) -> Result<Choice, Failure> {
    match (said.value, said.by) {
        (Choice::Processes, _) if can_travel => Ok(Choice::Processes),
        (Choice::Processes, Source::Call) => Err(said.refuse(
            "backend",
            "cannot run tasks that stay in this process, as closures do; \
             write `threads`, or a function with `#[parallel]`",
        )),
        (Choice::Processes, _) => Ok(Choice::Threads),
        (choice, _) => Ok(choice),
    }
}

fn refusal<O>(failure: Failure) -> impl Iterator<Item = Outcome<O>> {
    std::iter::once((0, Err(Error::call(failure))))
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
