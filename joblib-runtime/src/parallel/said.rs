//! A setting together with who said it, so that a bad one can be named with
//! the place to change it.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::error::Failure;

/// A value and who said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said<T> {
    pub(crate) value: T,
    /// Another process is told the value as one from around the call.
    #[serde(skip)]
    pub(crate) by: Source,
}

/// Who says a setting, from the closest to the farthest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// The call itself.
    Call,
    /// A scope of `joblib::config()` in the thread that calls.
    Scope,
    /// A scope around the call whose task makes this call.
    #[default]
    Around,
    /// The environment variable of this name.
    Variable(&'static str),
}

impl<T> Said<T> {
    pub(crate) fn new(value: T, by: Source) -> Said<T> {
        Said { value, by }
    }

    /// The same, as the tasks of a call see it.
    pub(crate) fn into_around(self) -> Said<T> {
        Said::new(self.value, Source::Around)
    }

    /// The failure of a value of the setting `name`: what is wrong with it
    /// and what to write instead.
    pub(crate) fn refuse(&self, name: &str, why: impl Display) -> Failure
    where
        T: Display,
    {
        let value = &self.value;
        Failure::Setting(match self.by {
            Source::Call => format!("{name} = {value} of the call {why}"),
            Source::Scope => format!("{name} = {value} of joblib::config() {why}"),
            Source::Around => {
                format!("{name} = {value} of a joblib::config() around the task {why}")
            }
            Source::Variable(variable) => {
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
        let refused = |by| match Said::new(0, by).refuse("n_jobs", "is wrong; write 1") {
            Failure::Setting(text) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            refused(Source::Call),
            "n_jobs = 0 of the call is wrong; write 1"
        );
        assert_eq!(
            refused(Source::Scope),
            "n_jobs = 0 of joblib::config() is wrong; write 1"
        );
        assert_eq!(
            refused(Source::Around),
            "n_jobs = 0 of a joblib::config() around the task is wrong; write 1"
        );
        assert_eq!(
            refused(Source::Variable("JOBLIB_RS_N_JOBS")),
            "the environment variable JOBLIB_RS_N_JOBS = 0 is wrong; write 1"
        );
    }
}
