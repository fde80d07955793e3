//! The pool of worker processes: the same binary run again, fed over a socket
//! pair by the thread that makes the call. What a task is and where its
//! arguments come from is for `task` and `parallel`.
//!
//! docs/processes.md explains states and frames, and why nothing can hang.

mod board;
mod build;
mod child;
mod clock;
mod death;
mod descendants;
mod descriptors;
mod frame;
#[cfg(feature = "fuzz")]
pub(crate) mod fuzz;
mod inbox;
mod inherited;
mod large;
mod marker;
mod memory;
mod outbox;
mod pool;
mod ready;
mod reaper;
mod scheduling;
mod session;
mod spawn;
mod spec;
mod surroundings;
mod takeover;
mod worker;

pub use self::session::Session;
pub use self::spec::{Next, Share, Spec, Step, Tasks};
pub use self::surroundings::Surroundings;
pub use self::takeover::init;

/// Ends all idle workers, and waits until they have ended.
pub fn end_idle() {
    pool::end_all();
}

/// The seed and the position in the input of the task that this thread runs.
pub fn running() -> Option<(Option<u64>, usize)> {
    crate::task::current::get().map(|current| (current.seed, current.index))
}
