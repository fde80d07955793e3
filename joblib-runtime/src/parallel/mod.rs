//! Parallel calls: joins tasks, backends and settings into the way from an
//! iterator of arguments to results. The engine that all backends share is
//! here; what a worker process is, is for `process`.

pub(crate) mod budget;
mod chosen;
mod config;
mod cores;
mod ends;
mod engine;
mod environment;
mod error;
mod initializer;
mod own;
mod par;
mod place;
mod plan;
mod processes;
mod progress;
mod prompt;
mod quota;
#[cfg(feature = "rand")]
mod rng;
mod runs;
mod said;
mod sequential;
mod settings;
mod stream;
mod summary;
mod threads;

pub use self::config::{Config, ConfigGuard, config};
pub use self::ends::{Consume, Outcome};
pub(crate) use self::error::message;
pub use self::error::{Death, Error, Failure, Panic};
pub use self::initializer::Initializer;
pub use self::par::{Inputs, Par, par};
#[cfg(feature = "fuzz")]
pub(crate) use self::processes::SURROUNDINGS;
pub use self::progress::Progress;
#[cfg(feature = "rand")]
pub use self::rng::{TaskRng, rng, try_rng};
pub use self::runs::{Runs, Streams, Work};
pub use self::settings::Batch;
pub use self::stream::{Stream, Unordered};

#[cfg(test)]
mod tests;
