//! Why a parallel call, or one task of it, gave no result.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use super::panic_location;

/// A parallel call, or one task of it, that gave no result.
#[derive(thiserror::Error)]
#[error("{}{}", MessagePrefix(self.0.index), self.0.failure)]
pub struct Error(Box<Inner>);

/// Boxed, since most results are none of this.
struct Inner {
    index: Option<usize>,
    failure: ErrorKind,
    /// What a panic of this process carried, to be resumed.
    payload: Option<Box<dyn Any + Send>>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The function panicked.
    #[error("{0}")]
    Panicked(Panic),
    /// The iterator of the inputs panicked. It is the last outcome, after those
    /// of the inputs before.
    #[error("the iterator of the inputs {0}")]
    InputPanicked(Panic),
    /// What each worker does first panicked.
    #[error("the initializer {0}")]
    InitializerPanicked(Panic),
    /// It ran longer than [`timeout`](crate::parallel::Par::timeout) allows.
    #[error("ran longer than {0:?}")]
    TimedOut(Duration),
    /// The call ran longer than [`deadline`](crate::parallel::Par::deadline) allows.
    #[error("was not done within the {0:?} of the whole call")]
    DeadlinePassed(Duration),
    /// The process that ran it ended.
    #[error("{0}")]
    WorkerDied(WorkerExit),
    /// Its arguments or its result could not travel.
    #[error("could not travel between processes: {0}")]
    Transport(String),
    /// A setting of the call is none.
    #[error("{0}")]
    InvalidSetting(String),
    /// The backend could not start.
    #[error("the workers cannot start: {0}")]
    Start(String),
}

/// A panic, as far as it is known where it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Panic {
    /// What the panic says.
    pub message: String,
    /// Where it was raised: file, line and column. Not known where the program
    /// has set a panic hook after its first parallel call.
    pub location: Option<String>,
    /// What led there, where `RUST_BACKTRACE` asks for it.
    pub backtrace: Option<String>,
}

/// How a worker process ended while it held a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkerExit {
    /// It exited with this code.
    Exited(i32),
    /// A signal of this number ended it.
    Killed(i32),
    /// The system ended it for want of memory.
    OutOfMemory,
    /// It sent what is no answer, and was ended.
    ProtocolError,
    /// It could not be ended: this process has no right to signal it, because one of
    /// the two changed its user. It ends by itself when its task does.
    OutOfReach,
    /// The program closed the descriptors that led to it, as `closefrom` does, while it was
    /// at work.
    Cut,
    /// Nobody knows: the program waited for a child that was not its own, as
    /// `waitpid(-1)` does, or ignores `SIGCHLD`, and so took what the system
    /// had to say of it.
    Unknown,
}

impl Error {
    fn new(
        index: Option<usize>,
        failure: ErrorKind,
        payload: Option<Box<dyn Any + Send>>,
    ) -> Error {
        Error(Box::new(Inner {
            index,
            failure,
            payload,
        }))
    }

    /// Of the task at `index`.
    pub(crate) fn task(index: usize, failure: ErrorKind) -> Error {
        Error::new(Some(index), failure, None)
    }

    /// Of the whole call.
    pub(crate) fn call(failure: ErrorKind) -> Error {
        Error::new(None, failure, None)
    }

    /// The task at `index` panicked with `payload`.
    pub(crate) fn panic(index: usize, payload: Box<dyn Any + Send>) -> Error {
        let failure = ErrorKind::Panicked(Panic::of(payload.as_ref()));
        Error::new(Some(index), failure, Some(payload))
    }

    /// The iterator of the inputs panicked with `payload`.
    pub(crate) fn input(payload: Box<dyn Any + Send>) -> Error {
        let failure = ErrorKind::InputPanicked(Panic::of(payload.as_ref()));
        Error::new(None, failure, Some(payload))
    }

    /// A thread that ran tasks ended with `payload`.
    pub(crate) fn runner(payload: Box<dyn Any + Send>) -> Error {
        let failure = ErrorKind::Panicked(Panic::of(payload.as_ref()));
        Error::new(None, failure, Some(payload))
    }

    /// The initializer panicked with `payload`.
    pub(crate) fn initializer(payload: Box<dyn Any + Send>) -> Error {
        let failure = ErrorKind::InitializerPanicked(Panic::of(payload.as_ref()));
        Error::new(None, failure, Some(payload))
    }

    /// The position of the task in the input, where it is about one task.
    pub fn index(&self) -> Option<usize> {
        self.0.index
    }

    /// What went wrong.
    pub fn failure(&self) -> &ErrorKind {
        &self.0.failure
    }

    /// Panics as the task did, or with the message.
    #[track_caller]
    pub(crate) fn resume(self) -> ! {
        let mut inner = self.0;
        let Some(payload) = inner.payload.take() else {
            panic!("{}", Error(inner));
        };
        if let ErrorKind::Panicked(panic) = &inner.failure
            && panic.lacks_runtime()
        {
            std::panic::resume_unwind(Box::new(format!("{}; {WAY_TO_RUNTIME}", panic.message)));
        }
        // Whoever catches it is to find where it began.
        if let ErrorKind::Panicked(panic)
        | ErrorKind::InputPanicked(panic)
        | ErrorKind::InitializerPanicked(panic) = inner.failure
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
            .field("failure", &self.0.failure)
            .finish_non_exhaustive()
    }
}

struct MessagePrefix(Option<usize>);

impl fmt::Display for MessagePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(index) => write!(f, "task {index} "),
            None => Ok(()),
        }
    }
}

impl Panic {
    fn of(payload: &(dyn Any + Send)) -> Panic {
        panic_location::take(message(payload))
    }
}

/// What to do about tasks that look for a runtime.
const WAY_TO_RUNTIME: &str = "tasks run outside of the caller's runtime: enable the feature \
     `tokio` of joblib, which gives each `async` task one, or enter a runtime in the task";

impl Panic {
    /// Whether it is what tokio says where there is no runtime of it.
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
                write!(f, "was held by a worker process that sent garbage")
            }
            WorkerExit::Cut => write!(
                f,
                "lost its worker process, because this program closed descriptors that were not \
                 its own while the call was going on; have it close them before the call"
            ),
            WorkerExit::OutOfReach => write!(
                f,
                "is held by a worker process that this one has no right to end: one of them \
                 changed its user"
            ),
            WorkerExit::Unknown => write!(
                f,
                "lost its worker process, and why is not known: this program waited for a child \
                 that was not its own, as `waitpid(-1)` does, or ignores `SIGCHLD`; have it wait \
                 for its own children only"
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

/// What the call came to, or the panic of its failure, at the place where the
/// call is made.
#[track_caller]
pub(crate) fn or_resume<R>(result: Result<R, Error>) -> R {
    match result {
        Ok(result) => result,
        Err(error) => error.resume(),
    }
}

/// What a panic says.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "the payload is no text".to_owned()
    }
}
