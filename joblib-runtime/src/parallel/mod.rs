//! Parallel calls: joins tasks, backends and settings into the way from an
//! iterator of arguments to results. The engine that all backends share is
//! here; what a worker process is, is for `process`.

mod configured;
mod ends;
mod engine;
mod error;
mod par;
mod plan;
mod processes;
mod runs;
mod sequential;
mod settings;
mod stream;
mod threads;

pub use self::ends::{Consume, Outcome};
pub use self::error::{Death, Error, Failure, Panic};
pub use self::par::{Inputs, Par, par};
pub use self::runs::{Runs, Streams, Work};
pub use self::settings::Batch;
pub use self::stream::{Stream, Unordered};
