//! Backends that are chosen at run time: by name, by the scope around the call, or by the
//! environment.

use super::config;
use super::execute::{Boxed, Execute, ExecuteStream, PreparedCall};
use super::processes;
use super::terminal::{Consumer, Outcome};
use crate::backend::{BackendKind, BackendName, DefaultBackend, Rayon, Sequential, Threads};
use crate::outcome::{Error, ErrorKind};
use crate::setting::provenance::{SettingSource, Sourced};
use crate::task::{NotRemote, Task, thread};

/// A type that determines the backend when the call runs.
trait ResolveBackend {
    /// Returns the backend and where it is set.
    fn choose(self) -> Result<Sourced<BackendKind>, ErrorKind>;
}

impl ResolveBackend for BackendKind {
    fn choose(self) -> Result<Sourced<BackendKind>, ErrorKind> {
        Ok(Sourced::new(self, SettingSource::Call))
    }
}

impl ResolveBackend for BackendName {
    fn choose(self) -> Result<Sourced<BackendKind>, ErrorKind> {
        config::parse_backend(&Sourced::new(self.0, SettingSource::Call))
    }
}

impl ResolveBackend for DefaultBackend {
    fn choose(self) -> Result<Sourced<BackendKind>, ErrorKind> {
        let setting = config::backend()?;
        Ok(setting.unwrap_or(Sourced::new(BackendKind::Threads, SettingSource::Enclosing)))
    }
}

/// Implements the traits for each type separately. With a blanket implementation for all
/// types that are [`ResolveBackend`], the compiler would not show the diagnostics for
/// tasks that a backend cannot run.
macro_rules! run_as_chosen {
    ($($backend:ty),*) => {$(
        impl<I, T> Execute<I, T> for $backend
        where
            I: Iterator<Item: thread::ThreadInput> + Send,
            T: Task<I::Item, Output: thread::ThreadOutput> + Sync,
        {
            fn run<C: Consumer<T::Output>>(self, work: PreparedCall<I, T>, consume: C) -> C::Result {
                let setting = match self.choose() {
                    Ok(setting) => setting,
                    Err(failure) => return consume.consume(failed_call(failure)),
                };
                match setting.value {
                    BackendKind::Sequential => return Sequential.run(work, consume),
                    BackendKind::Threads => return Threads.run(work, consume),
                    BackendKind::Rayon => return Rayon.run(work, consume),
                    BackendKind::Processes => {}
                }
                match remote_call(&setting, work.task.remote_call()) {
                    Ok(Some(travel)) => {
                        return processes::run(work.inputs, travel, &work.plan, consume);
                    }
                    Ok(None) => {}
                    Err(failure) => return consume.consume(failed_call(failure)),
                }
                Threads.run(work, consume)
            }
        }

        impl<I, T> ExecuteStream<I, T> for $backend
        where
            I: Iterator<Item: thread::ThreadInput> + Send + 'static,
            T: Task<I::Item, Output: thread::ThreadOutput + 'static> + Send + Sync + 'static,
        {
            fn stream(self, work: PreparedCall<I, T>) -> Boxed<T::Output> {
                let setting = match self.choose() {
                    Ok(setting) => setting,
                    Err(failure) => return Box::new(failed_call(failure)),
                };
                match setting.value {
                    BackendKind::Sequential => return Sequential.stream(work),
                    BackendKind::Threads => return Threads.stream(work),
                    BackendKind::Rayon => return Rayon.stream(work),
                    BackendKind::Processes => {}
                }
                match remote_call(&setting, work.task.remote_call()) {
                    Ok(Some(travel)) => {
                        return processes::stream(work.inputs, travel, &work.plan);
                    }
                    Ok(None) => {}
                    Err(failure) => return Box::new(failed_call(failure)),
                }
                Threads.stream(work)
            }
        }
    )*};
}

run_as_chosen!(BackendName, BackendKind, DefaultBackend);

/// Returns how tasks are sent to worker processes, or `None` if they run on threads
/// instead.
///
/// Closures run on threads if the backend is set for many calls, by a scope or by the
/// environment. A closure whose call itself requests processes, and any other task that
/// cannot be sent, is an error.
fn remote_call<W>(
    setting: &Sourced<BackendKind>,
    travel: Result<W, NotRemote>,
) -> Result<Option<W>, ErrorKind> {
    match (travel, setting.by) {
        (Ok(travel), _) => Ok(Some(travel)),
        (Err(stays), SettingSource::Call) => Err(cannot_run(setting, &stays)),
        (Err(stays), _) if stays.is_closure() => Ok(None),
        (Err(stays), _) => Err(cannot_run(setting, &stays)),
    }
}

fn cannot_run(setting: &Sourced<BackendKind>, stays: &NotRemote) -> ErrorKind {
    setting.invalid("backend", format!("cannot run {stays}"))
}

fn failed_call<O>(failure: ErrorKind) -> impl Iterator<Item = Outcome<O>> {
    std::iter::once((0, Err(Error::call(failure))))
}

#[cfg(test)]
mod tests {
    use super::super::{Error, ErrorKind, config, par};
    use crate::backend::{BackendKind, Sequential};

    fn text(outcome: Result<Vec<i32>, Error>) -> String {
        match outcome.map_err(|error| error.failure().clone()) {
            Err(ErrorKind::InvalidSetting(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_backend_chosen_by_name_runs_the_call() {
        for name in ["sequential", "threads", "Threads", "rayon"] {
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
            "unknown backend `loky` (set on the call); \
             expected one of sequential, threads, processes, rayon"
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
            text(par(0..3).map(|x| x).try_collect())
                .contains("unknown backend `loky` (set by joblib::config())")
        );
        let found: Vec<i32> = par(0..3).map(|x| x).backend(Sequential).collect();
        assert_eq!(found, [0, 1, 2]);
    }
}
