//! The pool of worker processes. Workers run the same binary and receive tasks through
//! a socket pair from the thread that makes the call. The modules `task` and `parallel`
//! define tasks and supply their arguments.
//!
//! docs/processes.md explains states and frames, and why nothing can hang.

mod binary_id;
mod call_spec;
mod child;
mod child_process;
mod clock;
mod context_hooks;
mod descendants;
mod descriptors;
mod frame;
#[cfg(feature = "fuzz")]
pub(crate) mod fuzz;
mod handshake;
mod inherited;
mod memfd;
mod oom;
mod pool;
mod ready;
mod reaper;
mod recv_buffer;
mod scheduling;
mod send_buffer;
mod session;
mod spawn;
mod task_ring;
mod worker;
mod worker_entry;

pub use self::call_spec::{CallSpec, NextTask, SessionStep, TaskProvider, WorkerShare};
pub use self::context_hooks::ContextHooks;
pub use self::session::Session;
pub(crate) use self::worker_entry::{Constructor, at_start, init};
pub use crate::outcome::Failure;

/// Ends all idle workers and waits until they have ended.
pub fn end_idle() {
    pool::end_all();
}

/// Returns the seed and the index in the input of the task that this thread runs.
pub fn current_task() -> Option<(Option<u64>, usize)> {
    crate::task::current::get().map(|current| (current.seed, current.index))
}
