//! Waits for the future of an `async` function that is a task. The thread that runs the
//! task has no runtime of its own, except with the feature `tokio`.

use std::future::Future;

/// Runs the future to completion and returns its output.
#[cfg(not(feature = "tokio"))]
pub fn block_on<F: Future>(future: F) -> F::Output {
    pollster::block_on(future)
}

#[cfg(feature = "tokio")]
pub use with_tokio::block_on;

#[cfg(feature = "tokio")]
mod with_tokio {
    use std::cell::RefCell;
    use std::rc::Rc;

    use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};

    use super::Future;

    thread_local! {
        /// The runtime of this thread, which later tasks reuse.
        static OWN: RefCell<Option<Rc<Runtime>>> = const { RefCell::new(None) };
    }

    /// Runs the future to completion and returns its output. Uses the runtime that this
    /// thread belongs to, or else one of its own.
    ///
    /// # Panics
    ///
    /// Panics if this thread drives a `current_thread` runtime, which makes no progress
    /// while the thread waits.
    pub fn block_on<F: Future>(future: F) -> F::Output {
        let Ok(handle) = Handle::try_current() else {
            return own().block_on(future);
        };
        match handle.runtime_flavor() {
            RuntimeFlavor::MultiThread => tokio::task::block_in_place(|| handle.block_on(future)),
            _ => panic!(
                "an `async` task cannot run in the thread that drives a `current_thread` runtime \
                 of tokio; run it on `Threads` or `Processes`, or call from \
                 `tokio::task::spawn_blocking`"
            ),
        }
    }

    /// Returns the runtime of this thread.
    fn own() -> Rc<Runtime> {
        let begin = || {
            let runtime = Builder::new_current_thread().enable_all().build();
            Rc::new(runtime.expect("tokio can create a runtime for an `async` task"))
        };
        let kept = OWN.try_with(|own| Rc::clone(own.borrow_mut().get_or_insert_with(begin)));
        // While the thread is ending, thread locals are gone, so each future gets a new
        // runtime.
        kept.unwrap_or_else(|_| begin())
    }
}
