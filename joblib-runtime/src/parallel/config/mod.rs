//! Settings for all calls of a scope. Settings of the call take precedence over them, and
//! they take precedence over the environment.

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
pub(crate) use self::scope::{
    ConfigSnapshot, IsolatedScopes, adopt, adopt_alone, current, in_force,
};

/// Settings for the calls of a scope, created by [`config`].
///
/// Settings that concern a single call are not available here: `retries` needs inputs
/// that can be cloned, which only a call knows; `seed` would give all calls the same
/// random numbers; a progress bar has the name of its call.
#[must_use = "the settings apply within a scope: `.scope(|| …)` or `let _guard = ….enter()`"]
#[derive(Clone, Debug, Default)]
pub struct Config(Defaults);

/// Starts building settings for the calls of a scope.
///
/// They apply in the thread that opens the scope and in the tasks of its calls. A call's
/// own settings take precedence over them. They take precedence over outer scopes and
/// over the environment variables `JOBLIB_RS_N_JOBS`, `JOBLIB_RS_BACKEND` and
/// `JOBLIB_RS_STACK_SIZE`. Calls in this scope fail if a value is invalid.
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
    /// Uses `n` workers. -1 means one for each core, -2 one fewer, and so on.
    ///
    /// A call inside a task uses at most the task's share of the cores if the number
    /// comes from a scope around the task.
    pub fn n_jobs(mut self, n: impl TryInto<i64>) -> Self {
        let n = n.try_into().unwrap_or(i64::MAX);
        self.0.n_jobs = Some(Sourced::new(n, SettingSource::Scope));
        self
    }

    /// Runs calls on `backend`, unless they choose one themselves. If it is `Processes`,
    /// plain closures run on threads instead; other tasks that cannot run there fail.
    pub fn backend(self, backend: impl Into<BackendKind>) -> Self {
        self.backend_named(backend.into().name())
    }

    /// Runs calls on the backend named `sequential`, `threads`, `processes` or `rayon`,
    /// unless they choose one themselves.
    pub fn backend_named(mut self, name: impl AsRef<str>) -> Self {
        let name = name.as_ref().to_owned().into();
        self.0.backend = Some(Sourced::new(name, SettingSource::Scope));
        self
    }

    /// Sets how many tasks a worker takes at a time: a number, or [`Batch::Auto`].
    pub fn batch(mut self, batch: impl Into<Batch>) -> Self {
        self.0.batch = Some(Sourced::new(batch.into(), SettingSource::Scope));
        self
    }

    /// Limits the tasks that have started and are not yet consumed to at most `tasks`.
    pub fn pre_dispatch(mut self, tasks: usize) -> Self {
        self.0.pre_dispatch = Some(Sourced::new(tasks, SettingSource::Scope));
        self
    }

    /// Limits the bytes of arguments and results in flight to about `bytes`:
    /// [`Par::in_flight_bytes`](super::Par::in_flight_bytes).
    pub fn in_flight_bytes(mut self, bytes: u64) -> Self {
        self.0.in_flight_bytes = Some(Sourced::new(bytes, SettingSource::Scope));
        self
    }

    /// Gives the threads that run tasks stacks of `bytes` bytes:
    /// [`Par::stack_size`](super::Par::stack_size).
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.0.stack_size = Some(Sourced::new(bytes, SettingSource::Scope));
        self
    }

    /// Gives up tasks that run longer than `limit`.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.0.timeout = Some(limit);
        self
    }

    /// Gives up tasks that are not done `limit` after their call started.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.0.deadline = Some(limit);
        self
    }

    /// Prints a summary of each call to standard error, if `level` is at least 1. Calls
    /// that tasks make print none.
    pub fn verbose(mut self, level: u8) -> Self {
        self.0.verbose = Some(level);
        self
    }

    /// Calls `f` with these settings.
    pub fn scope<R>(self, f: impl FnOnce() -> R) -> R {
        let _guard = self.enter();
        f()
    }

    /// Opens the scope. It ends when the guard is dropped.
    pub fn enter(self) -> ConfigGuard {
        scope::enter(self.0)
    }
}

/// Returns the backend for a call that chooses none, and where it is set, or `None` if it
/// is not set.
///
/// # Errors
///
/// Fails if the innermost name that is set is not a backend.
pub(crate) fn backend() -> Result<Option<Sourced<BackendKind>>, ErrorKind> {
    backend_of(in_force(), &Environment::of_process())
}

fn backend_of(
    scopes: Defaults,
    environment: &Environment<'_>,
) -> Result<Option<Sourced<BackendKind>>, ErrorKind> {
    let setting = scopes.backend;
    let setting = setting.or_else(|| defaults::backend_of(environment));
    let setting = setting.map(|setting| parse_backend(&setting)).transpose()?;
    // The variable that made the parent use this worker process must not make the worker
    // start processes of its own. Scopes of the parent are filtered in
    // `ConfigSnapshot::for_process`.
    let started_this_process = |setting: &Sourced<BackendKind>| {
        let is_variable = matches!(setting.by, SettingSource::Variable(_));
        is_variable && setting.value == BackendKind::Processes && core_budget::is_confined()
    };
    Ok(setting.filter(|setting| !started_this_process(setting)))
}

/// Returns the backend with this name.
///
/// # Errors
///
/// Fails if no backend has this name.
pub(crate) fn parse_backend(
    setting: &Sourced<Cow<'static, str>>,
) -> Result<Sourced<BackendKind>, ErrorKind> {
    match setting.value.parse() {
        Ok(choice) => Ok(Sourced::new(choice, setting.by)),
        Err(_) => {
            let names = BackendKind::ALL.map(BackendKind::name).join(", ");
            let (name, source) = (&setting.value, setting.by);
            Err(ErrorKind::InvalidSetting(format!(
                "unknown backend `{name}` (set {source}); expected one of {names}"
            )))
        }
    }
}

#[cfg(test)]
mod tests;
