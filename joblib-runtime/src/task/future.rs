//! Waiting for the future of an `async` function that is a task.
//!
//! A task is run by a thread that knows of no runtime. With the feature
//! `tokio` it has one of its own there.

use std::future::Future;

/// What the future comes to.
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
        /// The runtime of this thread, kept from task to task.
        static OWN: RefCell<Option<Rc<Runtime>>> = const { RefCell::new(None) };
    }

    /// What the future comes to, in the runtime that this thread is of, or else
    /// in one of its own.
    ///
    /// # Panics
    ///
    /// This thread drives a runtime of one thread, which cannot go on while the
    /// thread waits.
    pub fn block_on<F: Future>(future: F) -> F::Output {
        let Ok(handle) = Handle::try_current() else {
            return own().block_on(future);
        };
        match handle.runtime_flavor() {
            RuntimeFlavor::MultiThread => tokio::task::block_in_place(|| handle.block_on(future)),
            _ => panic!(
                "an `async` task cannot be waited for in the thread that drives a `current_thread` \
                 runtime of tokio; run it on `Threads` or `Processes`, or call from \
                 `tokio::task::spawn_blocking`"
            ),
        }
    }

    /// The runtime of this thread.
    fn own() -> Rc<Runtime> {
        let begin = || {
            let runtime = Builder::new_current_thread().enable_all().build();
            Rc::new(runtime.expect("a runtime of tokio for the futures of tasks"))
        };
        let kept = OWN.try_with(|own| Rc::clone(own.borrow_mut().get_or_insert_with(begin)));
        // While the thread ends, one for each future does as well.
        kept.unwrap_or_else(|_| begin())
    }
}
