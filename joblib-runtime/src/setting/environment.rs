//! Access to environment variables.

use std::ffi::OsString;

use super::provenance::{SettingSource, Sourced};
use crate::secure_execution;

/// The environment of this process, or a fake one in tests.
pub(crate) struct Environment<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl<'a> Environment<'a> {
    /// Returns the environment of this process, read at each access. It is empty in a
    /// program with elevated privileges.
    pub(crate) fn of_process() -> Environment<'static> {
        Environment(&|name| secure_execution::var_os(name))
    }

    #[cfg(test)]
    pub(crate) fn fake(lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Environment(lookup)
    }

    /// Returns the value of `variable`, or `None` if it is unset or empty. Invalid UTF-8
    /// is replaced, so that an error message can show the value.
    pub(crate) fn text(&self, variable: &'static str) -> Option<Sourced<String>> {
        let value = (self.0)(variable).filter(|value| !value.is_empty())?;
        let text = value.to_string_lossy().trim().to_owned();
        Some(Sourced::new(text, SettingSource::Variable(variable)))
    }
}
