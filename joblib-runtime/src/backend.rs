//! Where tasks run, as values of types of their own, so that a task that a
//! backend cannot run does not compile. How each runs them is for `parallel`
//! and `process`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// In the calling thread, one after another.
///
/// The future of an `async` task may not wait for a runtime that this thread drives,
/// since that stands still meanwhile: take [`Threads`] for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sequential;

/// In threads of this process, of which the calling one is the first, unless it
/// has time limits to watch, an input that may have it wait, stacks of a size
/// that was said, or an `async` function. The others are as threads that it
/// starts itself: they run on its processors, with its priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Threads;

/// In processes of their own, which run the same binary again and are kept
/// for later calls.
///
/// A worker has, as any child, the user, groups, rights, umask, root directory,
/// limits, environment and priority that the program has when the call begins;
/// where they changed since the last call, new workers are started. The working
/// directory and [`config`](crate::parallel::config) are those of each call.
///
/// A worker does not see what the program did in its own memory: statics and
/// `OnceLock`s that `main` set, thread locals, the logger and the panic hook are
/// as at the start of a program, and `std::env::args` has its name alone. Hand
/// such a value to the function, set it up in an
/// [`initializer`](crate::parallel::Par::initializer), or let it come from the
/// environment. A program with raised rights (set-user-ID, set-group-ID or file
/// capabilities) has no workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Processes;

/// What the closest setting says: [`joblib::config()`](crate::parallel::config),
/// then the environment variable `JOBLIB_RS_BACKEND`, then [`Threads`].
///
/// Where that is [`Processes`], a plain closure runs on [`Threads`] all the
/// same. A function or `task!` that cannot run there is a failure of the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DefaultBackend;

/// One of the backends, chosen at run time.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// use joblib::backend::Choice;
///
/// assert_eq!("processes".parse(), Ok(Choice::Processes));
/// assert_eq!(Choice::ALL.map(Choice::name), ["sequential", "threads", "processes"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BackendKind {
    /// [`Sequential`].
    Sequential,
    /// [`Threads`].
    Threads,
    /// [`Processes`].
    Processes,
}

/// A backend by its name, which is looked at when the call runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendName(pub(crate) Cow<'static, str>);

/// A name that no backend has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no backend")]
pub struct UnknownBackend(String);

impl BackendKind {
    /// All of them.
    pub const ALL: [BackendKind; 3] = [
        BackendKind::Sequential,
        BackendKind::Threads,
        BackendKind::Processes,
    ];

    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            BackendKind::Sequential => "sequential",
            BackendKind::Threads => "threads",
            BackendKind::Processes => "processes",
        }
    }
}

impl FromStr for BackendKind {
    type Err = UnknownBackend;

    /// The backend of that name, in capitals or not.
    fn from_str(name: &str) -> Result<Self, UnknownBackend> {
        let is_it = |choice: &BackendKind| choice.name().eq_ignore_ascii_case(name.trim());
        let found = BackendKind::ALL.into_iter().find(is_it);
        found.ok_or_else(|| UnknownBackend(name.to_owned()))
    }
}

impl fmt::Display for BackendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Sequential> for BackendKind {
    fn from(_: Sequential) -> Self {
        BackendKind::Sequential
    }
}

impl From<Threads> for BackendKind {
    fn from(_: Threads) -> Self {
        BackendKind::Threads
    }
}

impl From<Processes> for BackendKind {
    fn from(_: Processes) -> Self {
        BackendKind::Processes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_is_found_by_its_name() {
        for choice in BackendKind::ALL {
            assert_eq!(choice.name().parse(), Ok(choice));
            assert_eq!(choice.to_string().to_uppercase().parse(), Ok(choice));
        }
        assert_eq!(
            "loky".parse::<BackendKind>().unwrap_err().to_string(),
            "\"loky\" is no backend"
        );
    }
}
