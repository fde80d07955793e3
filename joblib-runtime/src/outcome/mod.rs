//! What a task or a call of tasks can fail with: the error of a parallel call, panics and where
//! they were raised, and how a worker process ended. Whoever runs tasks creates these values;
//! this module only names and describes them.

mod error;
pub(crate) mod panic_location;

pub use self::error::{Error, ErrorKind, Failure, Panic, WorkerExit};
pub(crate) use self::error::{or_resume, panic_message};
