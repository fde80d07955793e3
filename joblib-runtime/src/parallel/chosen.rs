//! Backends that are chosen at run time: by name, by the scope around the
//! call, or by the environment.

use super::config;
use super::ends::{Consume, Outcome};
use super::error::{Error, Failure};
use super::processes;
use super::runs::{Boxed, Runs, Streams, Work};
use super::said::{Said, Source};
use crate::backend::{BackendKind, BackendName, DefaultBackend, Sequential, Threads};
use crate::task::{Stays, Task, thread};

/// Stands for one of the backends, which it tells when the call runs.
trait Chosen {
    /// The backend and who said so.
    fn choose(self) -> Result<Said<BackendKind>, Failure>;
}

impl Chosen for BackendKind {
    fn choose(self) -> Result<Said<BackendKind>, Failure> {
        Ok(Said::new(self, Source::Call))
    }
}

impl Chosen for BackendName {
    fn choose(self) -> Result<Said<BackendKind>, Failure> {
        config::named(&Said::new(self.0, Source::Call))
    }
}

impl Chosen for DefaultBackend {
    fn choose(self) -> Result<Said<BackendKind>, Failure> {
        let said = config::backend()?;
        Ok(said.unwrap_or(Said::new(BackendKind::Threads, Source::Around)))
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
                let said = match self.choose() {
                    Ok(said) => said,
                    Err(failure) => return consume.consume(refusal(failure)),
                };
                match said.value {
                    BackendKind::Sequential => return Sequential.run(work, consume),
                    BackendKind::Threads => return Threads.run(work, consume),
                    BackendKind::Processes => {}
                }
                match within_reach(&said, work.task.travel()) {
                    Ok(Some(travel)) => {
                        return processes::run(work.inputs, travel, &work.plan, consume);
                    }
                    Ok(None) => {}
                    Err(failure) => return consume.consume(refusal(failure)),
                }
                Threads.run(work, consume)
            }
        }

        impl<I, T> Streams<I, T> for $backend
        where
            I: Iterator<Item: thread::Input> + Send + 'static,
            T: Task<I::Item, Output: thread::Output + 'static> + Send + Sync + 'static,
        {
            fn stream(self, work: Work<I, T>) -> Boxed<T::Output> {
                let said = match self.choose() {
                    Ok(said) => said,
                    Err(failure) => return Box::new(refusal(failure)),
                };
                match said.value {
                    BackendKind::Sequential => return Sequential.stream(work),
                    BackendKind::Threads => return Threads.stream(work),
                    BackendKind::Processes => {}
                }
                match within_reach(&said, work.task.travel()) {
                    Ok(Some(travel)) => {
                        return processes::stream(work.inputs, travel, &work.plan);
                    }
                    Ok(None) => {}
                    Err(failure) => return Box::new(refusal(failure)),
                }
                Threads.stream(work)
            }
        }
    )*};
}

run_as_chosen!(BackendName, BackendKind, DefaultBackend);

/// How tasks get to the processes that `said` sends them to; nothing where
/// they stay in this one. What holds for many calls is a wish where closures
/// are concerned, which nobody declared to be more than that. What a call says
/// of itself, and what anybody says of tasks declared to run anywhere, is an
/// order.
fn within_reach<W>(
    said: &Said<BackendKind>,
    travel: Result<W, Stays>,
) -> Result<Option<W>, Failure> {
    match (travel, said.by) {
        (Ok(travel), _) => Ok(Some(travel)),
        (Err(stays), Source::Call) => Err(refused(said, &stays)),
        (Err(stays), _) if stays.is_closure() => Ok(None),
        (Err(stays), _) => Err(refused(said, &stays)),
    }
}

fn refused(said: &Said<BackendKind>, stays: &Stays) -> Failure {
    said.refuse("backend", format!("cannot run {stays}"))
}

fn refusal<O>(failure: Failure) -> impl Iterator<Item = Outcome<O>> {
    std::iter::once((0, Err(Error::call(failure))))
}

#[cfg(test)]
mod tests {
    use super::super::{Error, Failure, config, par};
    use crate::backend::{BackendKind, Sequential};

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
        let found: Vec<i32> = par(0..3)
            .map(|x| x + 1)
            .backend(BackendKind::Threads)
            .collect();
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
        assert!(text(outcome).contains("cannot run a closure, which stays in this process"));
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
