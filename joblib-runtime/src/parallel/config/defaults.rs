//! Settings for calls that do not set them themselves, from scopes and from the
//! environment.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::outcome::ErrorKind;
use crate::parallel::settings::{Batch, Settings};
use crate::setting::environment::Environment;
use crate::setting::provenance::{SettingSource, Sourced};

/// The number of workers: [`Par::n_jobs`](super::super::Par::n_jobs).
pub(crate) const N_JOBS: &str = "JOBLIB_RS_N_JOBS";

/// The backend: `sequential`, `threads`, `processes` or `rayon`.
pub(crate) const BACKEND: &str = "JOBLIB_RS_BACKEND";

/// The stack size in bytes of the threads that run tasks.
pub(crate) const STACK_SIZE: &str = crate::stack_size::VARIABLE;

/// Settings of a call or of a scope around it; `None` is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Defaults {
    pub(crate) n_jobs: Option<Sourced<i64>>,
    /// The name of a backend, not validated.
    pub(crate) backend: Option<Sourced<Cow<'static, str>>>,
    pub(crate) batch: Option<Sourced<Batch>>,
    pub(crate) pre_dispatch: Option<Sourced<usize>>,
    pub(crate) in_flight_bytes: Option<Sourced<u64>>,
    pub(crate) stack_size: Option<Sourced<usize>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) verbose: Option<u8>,
}

impl Defaults {
    /// Converts the settings of a call. Its backend is not among them: it is a type, or a
    /// name that is resolved when the call runs.
    pub(crate) fn of_call(settings: &Settings) -> Defaults {
        let by = SettingSource::Call;
        Defaults {
            n_jobs: settings.n_jobs.map(|n| Sourced::new(n, by)),
            backend: None,
            batch: settings.batch.map(|batch| Sourced::new(batch, by)),
            pre_dispatch: settings.pre_dispatch.map(|tasks| Sourced::new(tasks, by)),
            in_flight_bytes: settings
                .in_flight_bytes
                .map(|bytes| Sourced::new(bytes, by)),
            stack_size: settings.stack_size.map(|bytes| Sourced::new(bytes, by)),
            timeout: settings.timeout,
            deadline: settings.deadline,
            verbose: settings.verbose,
        }
    }

    /// Returns these settings, completed by those of `farther`.
    pub(crate) fn or(self, farther: &Defaults) -> Defaults {
        Defaults {
            n_jobs: self.n_jobs.or_else(|| farther.n_jobs.clone()),
            backend: self.backend.or_else(|| farther.backend.clone()),
            batch: self.batch.or_else(|| farther.batch.clone()),
            pre_dispatch: self.pre_dispatch.or_else(|| farther.pre_dispatch.clone()),
            in_flight_bytes: (self.in_flight_bytes).or_else(|| farther.in_flight_bytes.clone()),
            stack_size: self.stack_size.or_else(|| farther.stack_size.clone()),
            timeout: self.timeout.or(farther.timeout),
            deadline: self.deadline.or(farther.deadline),
            verbose: self.verbose.or(farther.verbose),
        }
    }

    /// Converts the settings for the tasks of a call.
    pub(crate) fn into_enclosing(self) -> Defaults {
        Defaults {
            n_jobs: self.n_jobs.map(Sourced::into_enclosing),
            backend: self.backend.map(Sourced::into_enclosing),
            batch: self.batch.map(Sourced::into_enclosing),
            pre_dispatch: self.pre_dispatch.map(Sourced::into_enclosing),
            in_flight_bytes: self.in_flight_bytes.map(Sourced::into_enclosing),
            stack_size: self.stack_size.map(Sourced::into_enclosing),
            ..self
        }
    }
}

/// Returns the number of workers set by the environment.
///
/// # Errors
///
/// Fails if the variable is not a number.
pub(crate) fn n_jobs_of(environment: &Environment<'_>) -> Result<Option<Sourced<i64>>, ErrorKind> {
    let Some(setting) = environment.text(N_JOBS) else {
        return Ok(None);
    };
    match setting.value.parse() {
        Ok(n) => Ok(Some(Sourced::new(n, setting.by))),
        Err(_) => Err(setting.invalid(
            N_JOBS,
            "is not a number of workers; use 1 or more, or -1 for all cores",
        )),
    }
}

/// Returns the stack size in bytes set by the environment.
///
/// # Errors
///
/// Fails if the variable is not a number.
pub(crate) fn stack_size_of(
    environment: &Environment<'_>,
) -> Result<Option<Sourced<usize>>, ErrorKind> {
    let Some(setting) = environment.text(STACK_SIZE) else {
        return Ok(None);
    };
    match setting.value.parse() {
        Ok(bytes) => Ok(Some(Sourced::new(bytes, setting.by))),
        Err(_) => Err(setting.invalid(
            STACK_SIZE,
            "is not a number of bytes; set it to a number such as 67108864, or unset it",
        )),
    }
}

/// Returns the name of the backend set by the environment, not validated.
pub(crate) fn backend_of(environment: &Environment<'_>) -> Option<Sourced<Cow<'static, str>>> {
    let setting = environment.text(BACKEND)?;
    Some(Sourced::new(setting.value.into(), setting.by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closer_of_two_wins_setting_by_setting() {
        let closer = Defaults {
            n_jobs: Some(Sourced::new(2, SettingSource::Call)),
            timeout: Some(Duration::from_secs(1)),
            ..Defaults::default()
        };
        let farther = Defaults {
            n_jobs: Some(Sourced::new(3, SettingSource::Scope)),
            verbose: Some(1),
            ..Defaults::default()
        };
        let both = closer.clone().or(&farther);
        assert_eq!(both.n_jobs, closer.n_jobs);
        assert_eq!(both.timeout, closer.timeout);
        assert_eq!(both.verbose, farther.verbose);
    }

    #[test]
    fn the_environment_is_read_as_text() {
        let lookup = |name: &str| match name {
            N_JOBS => Some(" -2 ".into()),
            BACKEND => Some("threads".into()),
            _ => None,
        };
        let environment = Environment::fake(&lookup);
        let by = SettingSource::Variable(N_JOBS);
        assert_eq!(n_jobs_of(&environment), Ok(Some(Sourced::new(-2, by))));
        let backend = backend_of(&environment).expect("the backend is set");
        assert_eq!(backend.value, "threads");
    }

    #[test]
    fn a_bad_number_of_workers_in_the_environment_is_refused() {
        for value in ["many", "2.7", "99999999999999999999"] {
            let lookup = |_: &str| Some(value.into());
            let Err(ErrorKind::InvalidSetting(text)) = n_jobs_of(&Environment::fake(&lookup))
            else {
                panic!("{value} was accepted");
            };
            let start = format!("the environment variable JOBLIB_RS_N_JOBS = {value} is not");
            assert!(text.starts_with(&start), "{text}");
        }
    }

    #[test]
    fn an_empty_variable_says_nothing() {
        let lookup = |_: &str| Some("".into());
        let environment = Environment::fake(&lookup);
        assert_eq!(n_jobs_of(&environment), Ok(None));
        assert_eq!(backend_of(&environment), None);
    }
}
