//! Settings for all calls of a scope. A call's own settings are closer, the
//! environment is farther away, and the closest wins.

mod defaults;
mod scope;

use std::borrow::Cow;
use std::time::Duration;

use super::settings::Batch;
use crate::backend::BackendKind;
use crate::outcome::ErrorKind;
use crate::sched::core_budget;
use crate::setting::environment::Environment;
use crate::setting::provenance::{SettingSource, Sourced};

pub(crate) use self::defaults::{Defaults, n_jobs_of, stack_size_of};
pub use self::scope::ConfigGuard;
pub(crate) use self::scope::{ConfigSnapshot, adopt, current, in_force};

/// Settings for the calls of a scope, put together by [`config`].
///
/// What is about one call only has no place here: `retries` needs inputs that
/// can be cloned, which only a call knows; `seed` would give all calls the
/// same random numbers; a progress bar bears the name of its call.
#[must_use = "the settings hold in a scope: `.scope(|| …)` or `let _guard = ….enter()`"]
#[derive(Clone, Debug, Default)]
pub struct Config(Defaults);

/// Begins settings for the calls of a scope.
///
/// They hold in the thread that opens the scope and in the tasks of its
/// calls. A call's own settings count more, those of an outer scope and of
/// the environment variables `JOBLIB_RS_N_JOBS`, `JOBLIB_RS_BACKEND` and
/// `JOBLIB_RS_STACK_SIZE` less.
/// A value that is none is the failure of the calls that it would hold for.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// use joblib::backend::Sequential;
/// use joblib::parallel::{config, par};
///
/// let squares = config().n_jobs(2).scope(|| {
///     let fast: Vec<i32> = par(0..3).map(|x| x * x).collect(); // two workers
///     let _one_by_one = config().backend(Sequential).enter(); // to the end of the block
///     let slow: Vec<i32> = par(0..3).map(|x| x * x).collect();
///     assert_eq!(fast, slow);
///     slow
/// });
/// assert_eq!(squares, [0, 1, 4]);
/// ```
pub fn config() -> Config {
    Config::default()
}

impl Config {
    /// Uses `n` workers; -1 is one for each core, -2 one less, and so on.
    ///
    /// In a call that a task makes, of the scopes around the task no more
    /// than the task's share of the cores.
    pub fn n_jobs(mut self, n: impl TryInto<i64>) -> Self {
        let n = n.try_into().unwrap_or(i64::MAX);
        self.0.n_jobs = Some(Sourced::new(n, SettingSource::Scope));
        self
    }

    /// Runs on `backend`, unless the call chose one. On processes, plain closures
    /// run on threads all the same; other tasks that cannot run there fail.
    pub fn backend(self, backend: impl Into<BackendKind>) -> Self {
        self.backend_named(backend.into().name())
    }

    /// Runs on the backend called `sequential`, `threads` or `processes`,
    /// unless the call chose one.
    pub fn backend_named(mut self, name: impl AsRef<str>) -> Self {
        let name = name.as_ref().to_owned().into();
        self.0.backend = Some(Sourced::new(name, SettingSource::Scope));
        self
    }

    /// Hands out so many tasks at a time: a number, or [`Batch::Auto`].
    pub fn batch(mut self, batch: impl Into<Batch>) -> Self {
        self.0.batch = Some(Sourced::new(batch.into(), SettingSource::Scope));
        self
    }

    /// Begins at most so many tasks before the first of them is consumed.
    pub fn pre_dispatch(mut self, tasks: usize) -> Self {
        self.0.pre_dispatch = Some(Sourced::new(tasks, SettingSource::Scope));
        self
    }

    /// Keeps at most so many bytes of arguments and results on the way.
    pub fn in_flight_bytes(mut self, bytes: u64) -> Self {
        self.0.in_flight_bytes = Some(Sourced::new(bytes, SettingSource::Scope));
        self
    }

    /// Gives the threads that run tasks stacks of so many bytes:
    /// [`Par::stack_size`](super::Par::stack_size).
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.0.stack_size = Some(Sourced::new(bytes, SettingSource::Scope));
        self
    }

    /// Gives up a task that runs longer than `limit`.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.0.timeout = Some(limit);
        self
    }

    /// Gives up what is not done `limit` after its call began.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.0.deadline = Some(limit);
        self
    }

    /// Tells on standard error how each call went, from level 1 on; not of
    /// the calls that their tasks make.
    pub fn verbose(mut self, level: u8) -> Self {
        self.0.verbose = Some(level);
        self
    }

    /// Calls `f` with these settings.
    pub fn scope<R>(self, f: impl FnOnce() -> R) -> R {
        let _guard = self.enter();
        f()
    }

    /// Opens the scope, which ends when the guard is dropped.
    pub fn enter(self) -> ConfigGuard {
        scope::enter(self.0)
    }
}

/// The backend of a call that chose none, and who says so; nothing where
/// nobody does.
///
/// # Errors
///
/// The closest name that was given is none of a backend.
pub(crate) fn backend() -> Result<Option<Sourced<BackendKind>>, ErrorKind> {
    backend_of(in_force(), &Environment::of_process())
}

fn backend_of(
    scopes: Defaults,
    environment: &Environment<'_>,
) -> Result<Option<Sourced<BackendKind>>, ErrorKind> {
    let said = scopes.backend;
    let said = said.or_else(|| defaults::backend_of(environment));
    let said = said.map(|said| named(&said)).transpose()?;
    // What led to this worker process leads to none of its own, as scopes do
    // not that the parent was in.
    let has_led_here = |said: &Sourced<BackendKind>| {
        let is_variable = matches!(said.by, SettingSource::Variable(_));
        is_variable && said.value == BackendKind::Processes && core_budget::is_confined()
    };
    Ok(said.filter(|said| !has_led_here(said)))
}

/// The backend of that name.
///
/// # Errors
///
/// There is none.
pub(crate) fn named(said: &Sourced<Cow<'static, str>>) -> Result<Sourced<BackendKind>, ErrorKind> {
    match said.value.parse() {
        Ok(choice) => Ok(Sourced::new(choice, said.by)),
        Err(_) => {
            let names = BackendKind::ALL.map(BackendKind::name).join(", ");
            let why = format!("is no backend; write one of {names}");
            Err(said.refuse("backend", why))
        }
    }
}

#[cfg(test)]
mod tests;
