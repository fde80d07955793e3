//! What the process was told through environment variables.

use std::ffi::OsString;

use super::provenance::{SettingSource, Sourced};
use crate::secure_execution;

/// The environment: of this process, or made up for a test.
pub(crate) struct Environment<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl<'a> Environment<'a> {
    /// That of this process, as it is at each question: empty in a program with raised
    /// rights.
    pub(crate) fn of_process() -> Environment<'static> {
        Environment(&|name| secure_execution::var_os(name))
    }

    #[cfg(test)]
    pub(crate) fn made_up(lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Environment(lookup)
    }

    /// What `variable` says; an empty one is as good as none. What is no
    /// text stays readable enough to be refused.
    pub(crate) fn text(&self, variable: &'static str) -> Option<Sourced<String>> {
        let value = (self.0)(variable).filter(|value| !value.is_empty())?;
        let text = value.to_string_lossy().trim().to_owned();
        Some(Sourced::new(text, SettingSource::Variable(variable)))
    }
}
