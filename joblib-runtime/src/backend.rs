//! Backends: where tasks run. Each backend is a type of its own, so that a task that a
//! backend cannot run does not compile. `parallel` and `process` implement them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Runs tasks in the calling thread, one after another.
///
/// The future of an `async` task must not wait for a runtime that this thread drives,
/// because the runtime makes no progress during the call. Use [`Threads`] for such a
/// task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sequential;

/// Runs tasks in threads of this process. The calling thread is one of them, except if
/// the call has time limits, an input that may block, a configured stack size, or an
/// `async` function. The other threads behave like threads that the caller starts itself:
/// they inherit its processor affinity and priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Threads;

/// Runs tasks in worker processes, which execute the same binary and are reused by later
/// calls.
///
/// A worker inherits, like any child process, the user, groups, rights, umask, root
/// directory, resource limits, environment and priority that the program has when the
/// call begins. If any of them changed since the last call, new workers are started. The
/// working directory and [`config`](crate::parallel::config) are those of each call.
///
/// A worker does not see what the program changed in its own memory: statics and
/// `OnceLock`s that `main` set, thread locals, the logger and the panic hook are as at
/// program start, and `std::env::args` contains only the program name. Pass such a value
/// to the function, set it up in an
/// [`initializer`](crate::parallel::Par::initializer), or read it from the environment. A
/// program with raised rights (set-user-ID, set-group-ID or file capabilities) cannot
/// start workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Processes;

/// Runs tasks in the thread pool of rayon that the caller is in, or else in the global
/// one.
///
/// The call shares the threads of the pool with other work there. A caller that is a
/// thread of the pool runs tasks too; any other caller only receives the results. A
/// thread that waits runs other jobs of its pool meanwhile, as everywhere in rayon: a task
/// that waits inside of rayon may have a task of another call on top of it, which must not
/// need a lock that the waiting one holds. Memoized functions may wait for each other.
///
/// - Without `n_jobs`, a call uses as many workers as the pool has threads. It never uses
///   more.
/// - A task that exceeds its time limit keeps its thread of the pool until it returns. If
///   the caller itself runs the task, it notices the limit then.
/// - The stack size is that of the pool; `stack_size` is refused.
/// - The tasks of a stream run in the pool of the thread that starts it and of the
///   threads that take its results.
///
/// With the feature `rayon`, `Rayon::pool(&pool)` runs tasks in another pool.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// use joblib::backend::Rayon;
/// use joblib::parallel::par;
///
/// let squares: Vec<u64> = par(0..4).map(|x| x * x).backend(Rayon).collect();
/// assert_eq!(squares, [0, 1, 4, 9]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rayon;

#[cfg(feature = "rayon")]
impl Rayon {
    /// Runs tasks in `pool`: a `&ThreadPool`, or an `Arc<ThreadPool>`, which a stream
    /// needs.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime as joblib;
    /// use joblib::backend::Rayon;
    /// use joblib::parallel::par;
    ///
    /// let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    /// let call = par(0..4).map(|_| rayon::current_num_threads());
    /// assert_eq!(call.backend(Rayon::pool(&pool)).collect::<Vec<_>>(), [2; 4]);
    /// ```
    pub fn pool<P>(pool: P) -> RayonPool<P>
    where
        P: std::ops::Deref<Target = rayon::ThreadPool> + Send + Sync,
    {
        RayonPool(pool)
    }
}

/// Runs tasks in a given pool of rayon: see [`Rayon::pool`].
#[cfg(feature = "rayon")]
#[derive(Clone, Copy, Debug)]
pub struct RayonPool<P>(pub(crate) P);

/// The backend of the closest setting: [`joblib::config()`](crate::parallel::config),
/// then the environment variable `JOBLIB_RS_BACKEND`, then [`Threads`].
///
/// If it is [`Processes`], a plain closure still runs on [`Threads`]. A function or
/// `task!` that cannot run in a process makes the call fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DefaultBackend;

/// A backend that is chosen at run time.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// use joblib::backend::BackendKind;
///
/// assert_eq!("processes".parse(), Ok(BackendKind::Processes));
/// assert_eq!(BackendKind::ALL.map(BackendKind::name), ["sequential", "threads", "processes", "rayon"]);
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
    /// [`Rayon`].
    Rayon,
}

/// The name of a backend. It is resolved when the call runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendName(pub(crate) Cow<'static, str>);

/// The error for a name that is not the name of a backend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown backend `{0}`; expected one of `sequential`, `threads`, `processes`, `rayon`")]
pub struct UnknownBackend(String);

impl BackendKind {
    /// All backends.
    pub const ALL: [BackendKind; 4] = [
        BackendKind::Sequential,
        BackendKind::Threads,
        BackendKind::Processes,
        BackendKind::Rayon,
    ];

    /// Returns the name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            BackendKind::Sequential => "sequential",
            BackendKind::Threads => "threads",
            BackendKind::Processes => "processes",
            BackendKind::Rayon => "rayon",
        }
    }
}

impl FromStr for BackendKind {
    type Err = UnknownBackend;

    /// Returns the backend with that name. Case is ignored.
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

impl From<Rayon> for BackendKind {
    fn from(_: Rayon) -> Self {
        BackendKind::Rayon
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
            "unknown backend `loky`; expected one of `sequential`, `threads`, `processes`, `rayon`"
        );
    }
}
