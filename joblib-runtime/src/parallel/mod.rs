//! Parallel calls: combines tasks, backends and settings, and runs the tasks over an
//! iterator of inputs. It leaves the management of worker processes to `process`.

#[cfg(feature = "futures")]
mod async_stream;
mod background;
mod cancel;
mod config;
#[cfg(feature = "ctrlc")]
mod ctrl_c;
mod dynamic_backend;
mod engine;
mod execute;
mod future;
mod initializer;
mod inputs;
mod n_jobs;
mod par;
mod plan;
mod processes;
mod progress;
mod prompt;
mod rayon;
#[cfg(feature = "rayon")]
mod rayon_iter;
#[cfg(feature = "rand")]
mod rng;
mod same_process;
mod sequential;
mod settings;
mod stream;
mod summary;
mod terminal;
mod threads;

#[cfg(feature = "futures")]
pub use self::async_stream::AsyncStream;
pub use self::cancel::CancelToken;
pub use self::config::{Config, ConfigGuard, config};
#[cfg(feature = "ctrlc")]
pub use self::ctrl_c::CtrlCError;

pub use self::execute::{Execute, ExecuteStream, PreparedCall};
pub use self::future::CallFuture;
pub use self::initializer::Initializer;
pub use self::inputs::{Inputs, par};
pub use self::n_jobs::{cpu_count, effective_n_jobs};
pub use self::par::Par;
#[cfg(feature = "fuzz")]
pub(crate) use self::processes::CALL_CONTEXT;
pub(crate) use self::processes::CONTEXT_HOOKS;
pub use self::progress::Progress;
#[cfg(feature = "rayon")]
pub use self::rayon_iter::{ParIter, RunsInRayon, par_from};
#[cfg(feature = "rand")]
pub use self::rng::{TaskRng, rng, try_rng};
pub use self::settings::Batch;
pub use self::stream::{Stream, Unordered};
pub use self::terminal::{Consumer, Outcome};
pub use crate::outcome::{Error, ErrorKind, Panic, WorkerExit};
pub use crate::standard_error::print_above_bars;
pub use crate::task::worker::{n_workers, worker_index};

#[cfg(test)]
mod tests;
