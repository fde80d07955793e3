//! Settings together with their source, so that an error can name where to change an
//! invalid value.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

use crate::outcome::ErrorKind;

/// A value and its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    /// Not serialized: in another process, the value is one of an enclosing scope.
    #[serde(skip)]
    pub(crate) by: SettingSource,
}

/// The source of a setting, from the closest to the farthest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SettingSource {
    /// The call itself.
    Call,
    /// A scope of `joblib::config()` in the calling thread.
    Scope,
    /// A scope around the call whose task makes this call.
    #[default]
    Enclosing,
    /// The environment variable with this name.
    Variable(&'static str),
}

impl<T> Sourced<T> {
    pub(crate) fn new(value: T, by: SettingSource) -> Sourced<T> {
        Sourced { value, by }
    }

    /// Converts the setting for the tasks of a call.
    pub(crate) fn into_enclosing(self) -> Sourced<T> {
        Sourced::new(self.value, SettingSource::Enclosing)
    }

    /// Returns the error for an invalid value of the setting `name`. `why` is a clause
    /// that continues the message: what is wrong and what to use instead.
    pub(crate) fn invalid(&self, name: &str, why: impl Display) -> ErrorKind
    where
        T: Display,
    {
        let value = &self.value;
        ErrorKind::InvalidSetting(match self.by {
            SettingSource::Variable(variable) => {
                format!("the environment variable {variable} = {value} {why}")
            }
            by => format!("{name} = {value} (set {by}) {why}"),
        })
    }
}

impl Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingSource::Call => f.write_str("on the call"),
            SettingSource::Scope => f.write_str("by joblib::config()"),
            SettingSource::Enclosing => f.write_str("by a joblib::config() around the task"),
            SettingSource::Variable(name) => write!(f, "by the environment variable {name}"),
        }
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_value_its_source_and_the_way_out() {
        let refused = |by| match Sourced::new(0, by).invalid("n_jobs", "is wrong; use 1") {
            ErrorKind::InvalidSetting(text) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            refused(SettingSource::Call),
            "n_jobs = 0 (set on the call) is wrong; use 1"
        );
        assert_eq!(
            refused(SettingSource::Scope),
            "n_jobs = 0 (set by joblib::config()) is wrong; use 1"
        );
        assert_eq!(
            refused(SettingSource::Enclosing),
            "n_jobs = 0 (set by a joblib::config() around the task) is wrong; use 1"
        );
        assert_eq!(
            refused(SettingSource::Variable("JOBLIB_RS_N_JOBS")),
            "the environment variable JOBLIB_RS_N_JOBS = 0 is wrong; use 1"
        );
    }
}
