//! A setting together with who said it, so that a bad one can be named with
//! the place to change it.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::outcome::ErrorKind;

/// A value and who said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    /// Another process is told the value as one from around the call.
    #[serde(skip)]
    pub(crate) by: SettingSource,
}

/// Who says a setting, from the closest to the farthest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SettingSource {
    /// The call itself.
    Call,
    /// A scope of `joblib::config()` in the thread that calls.
    Scope,
    /// A scope around the call whose task makes this call.
    #[default]
    Enclosing,
    /// The environment variable of this name.
    Variable(&'static str),
}

impl<T> Sourced<T> {
    pub(crate) fn new(value: T, by: SettingSource) -> Sourced<T> {
        Sourced { value, by }
    }

    /// The same, as the tasks of a call see it.
    pub(crate) fn into_around(self) -> Sourced<T> {
        Sourced::new(self.value, SettingSource::Enclosing)
    }

    /// The failure of a value of the setting `name`: what is wrong with it
    /// and what to write instead.
    pub(crate) fn refuse(&self, name: &str, why: impl Display) -> ErrorKind
    where
        T: Display,
    {
        let value = &self.value;
        ErrorKind::InvalidSetting(match self.by {
            SettingSource::Call => format!("{name} = {value} of the call {why}"),
            SettingSource::Scope => format!("{name} = {value} of joblib::config() {why}"),
            SettingSource::Enclosing => {
                format!("{name} = {value} of a joblib::config() around the task {why}")
            }
            SettingSource::Variable(variable) => {
                format!("the environment variable {variable} = {value} {why}")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_value_its_source_and_the_way_out() {
        let refused = |by| match Sourced::new(0, by).refuse("n_jobs", "is wrong; write 1") {
            ErrorKind::InvalidSetting(text) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            refused(SettingSource::Call),
            "n_jobs = 0 of the call is wrong; write 1"
        );
        assert_eq!(
            refused(SettingSource::Scope),
            "n_jobs = 0 of joblib::config() is wrong; write 1"
        );
        assert_eq!(
            refused(SettingSource::Enclosing),
            "n_jobs = 0 of a joblib::config() around the task is wrong; write 1"
        );
        assert_eq!(
            refused(SettingSource::Variable("JOBLIB_RS_N_JOBS")),
            "the environment variable JOBLIB_RS_N_JOBS = 0 is wrong; write 1"
        );
    }
}
