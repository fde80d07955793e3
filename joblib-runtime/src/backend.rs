//! Where tasks run, as values of types of their own, so that a task that a
//! backend cannot run does not compile. How each runs them is for `parallel`
//! and `process`.

/// In the calling thread, one after another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sequential;

/// In threads of this process, of which the calling one is the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Threads;

/// In processes of their own, which run the same binary again and are kept
/// for later calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Processes;

/// What the closest setting says: [`joblib::config()`](crate::parallel::config),
/// then the environment variable `JOBLIB_RS_BACKEND`, then [`Threads`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Configured;
