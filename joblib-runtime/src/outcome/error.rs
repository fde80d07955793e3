//! The errors of parallel calls and of their tasks.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::panic_location;

/// The failure of a parallel call or of one of its tasks.
pub struct Error(Box<Inner>);

/// The contents of an [`Error`], boxed to keep `Result`s small.
struct Inner {
    index: Option<usize>,
    failure: Failure,
    /// The payload of a panic in this process, to resume it.
    payload: Option<Box<dyn Any + Send>>,
}

/// A kind of failure, and the error that led to it. Several tasks can fail because of one.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The kind.
    pub kind: ErrorKind,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Failure {
    /// Creates the failure that `source` led to. `kind` receives the message of `source`.
    pub(crate) fn because_of(
        kind: fn(String) -> ErrorKind,
        source: impl StdError + Send + Sync + 'static,
    ) -> Failure {
        Failure {
            kind: kind(source.to_string()),
            source: Some(Arc::new(source)),
        }
    }
}

impl From<ErrorKind> for Failure {
    fn from(kind: ErrorKind) -> Failure {
        Failure { kind, source: None }
    }
}

/// The kind of a failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The task panicked.
    #[error("{0}")]
    Panicked(Panic),
    /// The input iterator panicked. This is the last outcome, after those of all earlier
    /// inputs.
    #[error("the input iterator {0}")]
    InputPanicked(Panic),
    /// The initializer of the workers panicked.
    #[error("the initializer {0}")]
    InitializerPanicked(Panic),
    /// The task ran longer than [`timeout`](crate::parallel::Par::timeout) allows.
    #[error("ran longer than {0:?}")]
    TimedOut(Duration),
    /// The call ran longer than [`deadline`](crate::parallel::Par::deadline) allows.
    #[error("did not finish within the deadline of {0:?} for the whole call")]
    DeadlinePassed(Duration),
    /// The call was cancelled by its [`CancelToken`](crate::parallel::CancelToken) before
    /// the task was done.
    #[error("did not finish because the call was cancelled")]
    Cancelled,
    /// The process that ran the task ended.
    #[error("{0}")]
    WorkerDied(WorkerExit),
    /// The arguments or the result of the task could not be transferred.
    #[error("could not be transferred between processes: {0}")]
    Transport(String),
    /// A setting of the call is invalid.
    #[error("{0}")]
    InvalidSetting(String),
    /// The workers could not be started.
    #[error("failed to start the workers: {0}")]
    Start(String),
}

/// A panic, with as much information as is available.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Panic {
    /// The panic message.
    pub message: String,
    /// Where the panic occurred: file, line and column. `None` for the first panic after
    /// the program has replaced its panic hook during or after a parallel call, and for
    /// panics that call no hook, such as those of
    /// [`resume_unwind`](std::panic::resume_unwind).
    pub location: Option<String>,
    /// The backtrace, if `RUST_BACKTRACE` enables it.
    pub backtrace: Option<String>,
}

/// How a worker process ended that had a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkerExit {
    /// It exited with this code.
    Exited(i32),
    /// It was killed by the signal with this number.
    Killed(i32),
    /// The system killed it because memory ran out.
    OutOfMemory,
    /// It sent an invalid message and was killed.
    ProtocolError,
    /// It could not be killed: this process has no permission to signal it, because one
    /// of the two changed its user. It exits by itself when its task ends.
    OutOfReach,
    /// The program closed the file descriptors connected to it during the call, as
    /// `closefrom` does.
    Cut,
    /// The reason is unknown: the program waited for a child process that it did not
    /// start, as `waitpid(-1)` does, or ignores `SIGCHLD`, so that the exit status was
    /// lost.
    Unknown,
}

impl Error {
    fn new(
        index: Option<usize>,
        failure: impl Into<Failure>,
        payload: Option<Box<dyn Any + Send>>,
    ) -> Error {
        Error(Box::new(Inner {
            index,
            failure: failure.into(),
            payload,
        }))
    }

    /// Creates the error of the task at `index`.
    pub(crate) fn task(index: usize, failure: impl Into<Failure>) -> Error {
        Error::new(Some(index), failure, None)
    }

    /// Creates the error of a call, or of the task at `index`, whose data could not be
    /// transferred because of `source`.
    pub(crate) fn transport(
        index: Option<usize>,
        source: impl StdError + Send + Sync + 'static,
    ) -> Error {
        Error::new(
            index,
            Failure::because_of(ErrorKind::Transport, source),
            None,
        )
    }

    /// Creates the error of a whole call.
    pub(crate) fn call(failure: impl Into<Failure>) -> Error {
        Error::new(None, failure, None)
    }

    /// Creates the error of the task at `index`, which panicked with `payload`.
    pub(crate) fn panic(index: usize, payload: Box<dyn Any + Send>) -> Error {
        let failure = ErrorKind::Panicked(Panic::of(payload.as_ref()));
        Error::new(Some(index), failure, Some(payload))
    }

    /// Creates the error of a call whose input iterator panicked with `payload`.
    pub(crate) fn input(payload: Box<dyn Any + Send>) -> Error {
        let failure = ErrorKind::InputPanicked(Panic::of(payload.as_ref()));
        Error::new(None, failure, Some(payload))
    }

    /// Creates the error of a call whose thread panicked outside of a task with
    /// `payload`.
    pub(crate) fn runner(payload: Box<dyn Any + Send>) -> Error {
        let failure = ErrorKind::Panicked(Panic::of(payload.as_ref()));
        Error::new(None, failure, Some(payload))
    }

    /// Creates the error of a call whose initializer panicked with `payload`.
    pub(crate) fn initializer(payload: Box<dyn Any + Send>) -> Error {
        let failure = ErrorKind::InitializerPanicked(Panic::of(payload.as_ref()));
        Error::new(None, failure, Some(payload))
    }

    /// Returns the position of the task in the input, if the error concerns a single
    /// task.
    pub fn index(&self) -> Option<usize> {
        self.0.index
    }

    /// Whether the whole call has ended, so that the task is not run again.
    pub(crate) fn is_of_ended_call(&self) -> bool {
        matches!(
            self.failure(),
            ErrorKind::DeadlinePassed(_) | ErrorKind::Cancelled
        )
    }

    /// Returns the kind of the failure.
    pub fn failure(&self) -> &ErrorKind {
        &self.0.failure.kind
    }

    /// Resumes the panic of the task, or panics with the message of the error.
    #[track_caller]
    fn resume(self) -> ! {
        let mut inner = self.0;
        let Some(payload) = inner.payload.take() else {
            panic!("{}", Error(inner));
        };
        if let ErrorKind::Panicked(panic) = &inner.failure.kind
            && panic.lacks_runtime()
        {
            std::panic::resume_unwind(Box::new(format!("{}; {WAY_TO_RUNTIME}", panic.message)));
        }
        // Lets an enclosing call that catches the panic report where it occurred.
        if let ErrorKind::Panicked(panic)
        | ErrorKind::InputPanicked(panic)
        | ErrorKind::InitializerPanicked(panic) = inner.failure.kind
        {
            panic_location::put(panic);
        }
        std::panic::resume_unwind(payload)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("index", &self.0.index)
            .field("failure", &self.0.failure.kind)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.0.index {
            write!(f, "task {index} ")?;
        }
        self.0.failure.kind.fmt(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.failure.source.as_deref()?;
        Some(source)
    }
}

impl Panic {
    fn of(payload: &(dyn Any + Send)) -> Panic {
        panic_location::take(panic_message(payload))
    }
}

/// The way out for tasks that need a tokio runtime.
const WAY_TO_RUNTIME: &str = "tasks run outside the caller's runtime; enable the feature `tokio` \
     of joblib, which gives each `async` task a runtime, or enter a runtime in the task";

impl Panic {
    /// Whether tokio panicked because there is no tokio runtime.
    fn lacks_runtime(&self) -> bool {
        self.message.contains("Tokio 1.x runtime") && !cfg!(feature = "tokio")
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Some(location) => write!(f, "panicked at {location}: {}", self.message)?,
            None => write!(f, "panicked: {}", self.message)?,
        }
        match self.lacks_runtime() {
            true => write!(f, "; {WAY_TO_RUNTIME}"),
            false => Ok(()),
        }
    }
}

impl fmt::Display for WorkerExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WorkerExit::Exited(code) => write!(f, "ended its worker process with exit code {code}"),
            WorkerExit::Killed(signal) => {
                write!(f, "lost its worker process to signal {signal}")?;
                match name_of(*signal) {
                    Some(name) => write!(f, " ({name})"),
                    None => Ok(()),
                }
            }
            WorkerExit::OutOfMemory => {
                write!(f, "lost its worker process because memory ran out")
            }
            WorkerExit::ProtocolError => {
                write!(
                    f,
                    "was assigned to a worker process that sent an invalid message"
                )
            }
            WorkerExit::Cut => write!(
                f,
                "lost its worker process because this program closed descriptors that it \
                 does not own during the call; close them before the call"
            ),
            WorkerExit::OutOfReach => write!(
                f,
                "runs in a worker process that this process has no permission to kill, because \
                 one of the two changed its user"
            ),
            WorkerExit::Unknown => write!(
                f,
                "lost its worker process for an unknown reason: this program waited for a child \
                 process that it did not start, as `waitpid(-1)` does, or ignores `SIGCHLD`; wait \
                 only for specific children"
            ),
        }
    }
}

fn name_of(signal: i32) -> Option<&'static str> {
    Some(match signal {
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGHUP => "SIGHUP",
        libc::SIGILL => "SIGILL",
        libc::SIGINT => "SIGINT",
        libc::SIGKILL => "SIGKILL",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGTERM => "SIGTERM",
        _ => return None,
    })
}

/// Returns the result of a call, or panics with its failure at the caller's location.
#[track_caller]
pub(crate) fn or_resume<R>(result: Result<R, Error>) -> R {
    match result {
        Ok(result) => result,
        Err(error) => error.resume(),
    }
}

/// Returns the message of a panic.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "the panic payload is not a string".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::MessageError;

    #[test]
    fn an_error_of_the_transfer_has_its_source() {
        let error = Error::transport(Some(3), MessageError::Truncated);
        let source = error.source().expect("there is a source");
        assert_eq!(
            source.downcast_ref::<MessageError>(),
            Some(&MessageError::Truncated)
        );
        let failure = ErrorKind::Transport(MessageError::Truncated.to_string());
        assert_eq!(error.failure(), &failure);
        assert!(Error::task(3, failure).source().is_none());
    }

    #[test]
    fn tasks_with_one_failure_share_its_source() {
        let source = std::io::Error::from(std::io::ErrorKind::OutOfMemory);
        let failure = Failure::because_of(ErrorKind::Start, source);
        for error in [Error::task(1, failure.clone()), Error::call(failure)] {
            let source = error.source().expect("there is a source");
            assert!(source.is::<std::io::Error>());
        }
    }
}
